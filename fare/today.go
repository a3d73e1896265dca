package fare

import "leima/cardlayout"

// A used is what has been used up by now: school trips, which go by the service day like the
// question whether there is school on it, and value towards the cap of the day that
// the tariff counts by. Both begin anew every day.
type used struct {
	schoolTrips     uint8
	spent           cardlayout.Cents
	service, capDay cardlayout.Day
}

// mostSchoolTrips is what the card can count of one day.
const mostSchoolTrips = cardlayout.DayBefore - 1

// today reads what the card holds. What began tomorrow was begun by a bus whose clock is ahead
// of ours at the turn of the day. Where nobody knows what day it is, what is counted stays so.
func (q *question) today(held cardlayout.Today) used {
	u := used{service: q.day, capDay: q.day}
	if q.tariff.MidnightCounts {
		u.capDay = q.local.Day
	}
	trips, day := held.SchoolTrips, held.Day
	if trips >= cardlayout.DayBefore {
		trips, day = trips-cardlayout.DayBefore, day-1
	}
	if trips > 0 && (day == u.service || day == u.service+1 || q.lasts(day)) {
		u.schoolTrips, u.service = trips, day
	}
	if held.Spent > 0 && (held.Day == u.capDay || held.Day == u.capDay+1 || q.lasts(held.Day)) {
		u.spent, u.capDay = held.Spent, held.Day
	}
	return u
}

// with is what the card will hold when so much more has been used up. It has one day for
// both: after midnight the trips may be those of the day before.
func (u used) with(schoolTrips uint8, spent cardlayout.Cents) cardlayout.Today {
	const most = 1<<16 - 1 // what the card can hold; no cap is as high
	t := cardlayout.Today{Day: u.service, SchoolTrips: u.schoolTrips + schoolTrips,
		Spent: min(u.spent+spent, most)}
	switch {
	case t.Spent == 0 || u.capDay == u.service:
	case t.SchoolTrips == 0:
		t.Day = u.capDay
	case u.capDay == u.service+1:
		t.Day, t.SchoolTrips = u.capDay, t.SchoolTrips+cardlayout.DayBefore
	}
	return t
}
