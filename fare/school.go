package fare

import (
	"cmp"

	"leima/cardlayout"
)

// A SchoolRule is what an area's school tickets have in common. Trips, hours
// and last day are on each card.
type SchoolRule struct {
	Product uint16
	Minutes uint16 // transfer right of a trip; 0: as for a value ticket of its zones
}

// A SchoolCalendar holds the school days to which a school ticket refers by number.
type SchoolCalendar struct {
	Number uint8
	Name   string
	Days   DaySet
}

// SchoolDay reports whether a day is a school day of a calendar. An unknown calendar has none.
func (t *Tariff) SchoolDay(calendar uint8, day cardlayout.Day) bool {
	for n := range t.SchoolDays {
		if t.SchoolDays[n].Number == calendar {
			return t.SchoolDays[n].Days.Has(day)
		}
	}
	return false
}

// school accepts a pupil on the way to school or home. Companions pay value and share the pupil's
// journey. If one joins a trip that has begun and still allows a change, the trip is not counted
// again, and nobody pays twice.
func (v *validation) school(d *Decision) bool {
	begun := v.size > 1 && v.card.Journey.Source == cardlayout.BySchool &&
		v.transferValid(&v.card.Journey)
	if v.Lent || !v.holderTravels() || !begun && !v.schoolTripLeft() {
		return false
	}
	d.Because(RuleSchoolTicket, RuleSchoolFirst)
	covered := coverage{persons: 1, journey: v.journey(cardlayout.BySchool)}
	if !begun {
		d.After.Today = v.dayUse(v.card.Today).with(v.schoolTrips(), 0)
	} else {
		covered = v.begunSchoolTrip()
	}
	if v.size > 1 {
		v.value(d, covered)
		return true
	}
	d.Reason, d.Persons = School, 1
	d.Source, d.Product = cardlayout.BySchool, v.tariff.School.Product
	d.After.Journey = covered.journey
	d.After.Journey.Persons[v.group] = 1
	d.After.SeasonBoarding = v.ownBoarding()
	d.Until = v.transferEnd(&d.After.Journey)
	v.finalize(d)
	return true
}

// begunSchoolTrip covers all who are on a school trip already. If its time is over and a person
// joins before the bus has left, it becomes a journey by value for all.
func (v *validation) begunSchoolTrip() coverage {
	covered := coverage{persons: v.size - v.unpaidPersons(&v.card.Journey)}
	if v.inForce(&v.card.Journey) {
		covered.journey = v.card.Journey
	}
	return covered
}

// schoolTripLeft reports whether the card's school ticket is for this day and hour and not used
// up. While the time is unknown it is, unless the ticket has surely ended.
func (v *validation) schoolTripLeft() bool {
	s := &v.card.School
	if v.Certainty.Unknown {
		return s.Trips > 0 && v.card.Area == v.tariff.Area && (s.Until == 0 ||
			v.dayPersists(s.Until))
	}
	used := v.dayUse(v.card.Today)
	return s.Trips > used.schoolTrips && used.schoolTrips < mostSchoolTrips &&
		v.card.Area == v.tariff.Area && (s.Until == 0 || v.day <= s.Until) &&
		v.tariff.SchoolDay(s.Calendar, v.day) && v.tariff.during(Hours{s.From, s.To}, v.moment)
}

// schoolZones are the zones of a school trip's transfer: all, as the ticket is for the way to
// school, wherever that goes.
func (v *validation) schoolZones() cardlayout.Zones {
	return cmp.Or(cardlayout.ZoneRun(1, v.tariff.Zones), v.zones)
}

// schoolMinutes is the transfer right of a school trip, in minutes.
func (v *validation) schoolMinutes() uint16 {
	return cmp.Or(v.tariff.School.Minutes, v.transferMinutes(v.zones))
}

// schoolTrips is how many trips a journey to school counts: one, or 0 if the day is unknown and
// no more can be counted.
func (v *validation) schoolTrips() uint8 {
	used := v.dayUse(v.card.Today).schoolTrips
	if v.Certainty.Unknown && used >= min(v.card.School.Trips, mostSchoolTrips) {
		return 0
	}
	return 1
}
