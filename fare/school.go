package fare

import (
	"cmp"

	"leima/cardlayout"
)

// A SchoolRule is what an area's school tickets have in common. How
// many trips, in which hours and until when is on each card.
type SchoolRule struct {
	Product uint16
	Minutes uint16 // transfer right of a trip; 0: as for a value ticket of its zones
}

// A SchoolCalendar is the school days that a school ticket names by a number.
type SchoolCalendar struct {
	Number uint8
	Name   string
	Days   DaySet
}

// SchoolDay tells whether a day is a school day of a calendar. One that the tariff does
// not know has none.
func (t *Tariff) SchoolDay(calendar uint8, day cardlayout.Day) bool {
	for n := range t.SchoolDays {
		if t.SchoolDays[n].Number == calendar {
			return t.SchoolDays[n].Days.Has(day)
		}
	}
	return false
}

// school: a pupil's way to school and home. Others of the party pay value and keep to the
// pupil's journey, which goes on as it was. A trip that has begun and is still good for
// changing is not counted twice when somebody joins it, and who has joined pays once.
func (q *question) school(d *Decision) bool {
	begun := q.size > 1 && q.card.Journey.Source == cardlayout.BySchool && q.running()
	if q.Lent || !q.holderTravels() || !begun && !q.schoolTripLeft() {
		return false
	}
	d.because(161, 166)
	covered := right{persons: 1, journey: q.journey(cardlayout.BySchool)}
	if !begun {
		d.After.Today = q.today(q.card.Today).with(q.schoolTrips(), 0)
	} else {
		covered = q.begunSchoolTrip()
	}
	if q.size > 1 {
		q.value(d, covered)
		return true
	}
	d.Reason, d.Persons = School, 1
	d.Source, d.Product = cardlayout.BySchool, q.tariff.School.Product
	d.After.Journey = covered.journey
	d.After.Journey.Persons[q.group] = 1
	d.After.SeasonBoarding = q.ownBoarding()
	d.Until = q.transferEnd(&d.After.Journey)
	q.finish(d)
	return true
}

// begunSchoolTrip covers all who are on a school trip already. One whose time is over, and
// whom somebody joins before the bus has left, becomes a journey by value for all of them.
func (q *question) begunSchoolTrip() right {
	covered := right{persons: q.size - q.beyond()}
	if q.inForce(&q.card.Journey) {
		covered.journey = q.card.Journey
	}
	return covered
}

// schoolTripLeft tells whether the card's school ticket is for this day and hour, and not
// used up; or that nobody knows, while it has not surely ended.
func (q *question) schoolTripLeft() bool {
	s := &q.card.School
	if q.Certainty.Unknown {
		return s.Trips > 0 && q.card.Area == q.tariff.Area && (s.Until == 0 || q.lasts(s.Until))
	}
	used := q.today(q.card.Today)
	return s.Trips > used.schoolTrips && used.schoolTrips < mostSchoolTrips &&
		q.card.Area == q.tariff.Area && (s.Until == 0 || q.day <= s.Until) &&
		q.tariff.SchoolDay(s.Calendar, q.day) && q.tariff.during(Hours{s.From, s.To}, q.moment)
}

// schoolZones are where a school trip may be changed. A school ticket has no zones: it is
// for the way to school, wherever that goes.
func (q *question) schoolZones() cardlayout.Zones {
	return cmp.Or(cardlayout.ZoneRun(1, q.tariff.Zones), q.zones)
}

// schoolMinutes is the transfer right of a school trip.
func (q *question) schoolMinutes() uint16 {
	if q.tariff.School.Minutes > 0 || q.zones > cardlayout.MaxZones {
		return q.tariff.School.Minutes
	}
	return q.tariff.Transfer[q.zones]
}

// schoolTrips is how many trips are counted for a journey to school: one, as far as that can be
// counted while nobody knows what day it is.
func (q *question) schoolTrips() uint8 {
	used := q.today(q.card.Today).schoolTrips
	if q.Certainty.Unknown && used >= min(q.card.School.Trips, mostSchoolTrips) {
		return 0
	}
	return 1
}
