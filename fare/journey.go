package fare

import (
	"time"

	"leima/cardlayout"
)

// journey is a new journey, paid by a source.
func (v *validation) journey(by cardlayout.Source) cardlayout.Journey {
	j := cardlayout.Journey{
		Start: v.now, Area: v.tariff.Area, Zones: v.zones, Source: by,
		Boarded: v.now, Trip: v.Trip,
	}
	switch {
	case by == cardlayout.BySchool:
		j.Zones, j.Minutes = v.schoolZones(), v.schoolMinutes()
	case by == cardlayout.ByValue:
		j.Minutes = v.transferMinutes(v.zones)
	}
	return j
}

// transferMinutes is the transfer right of a value ticket, in minutes.
func (v *validation) transferMinutes(zones cardlayout.Zones) uint16 {
	if zones > cardlayout.MaxZones {
		return 0
	}
	return v.tariff.Transfer[zones]
}

// transferValid reports whether a journey's transfer right is in force here. It counts from the
// first validation and is never prolonged. The clocks of two buses may differ, for which
// no passenger pays: a start in the future is as far away as one in the past.
func (v *validation) transferValid(j *cardlayout.Journey) bool {
	if j.Area != v.tariff.Area || !v.hasTransfer(j) || j.Persons.Total() == 0 {
		return false
	}
	// A person joins the party before the bus has left, or nobody knows that it has.
	return v.inForce(j) || v.sameTrip() && (v.sameBoarding(j.Boarded) || v.ageUnknown(j.Boarded))
}

// paidPersons is how many persons a journey pays for here.
func (v *validation) paidPersons(j *cardlayout.Journey) int {
	if !v.transferValid(j) || !v.zonesPaid(j) {
		return 0
	}
	return j.Persons.Total()
}

// zonesPaid reports whether the zones paid for are enough here. If the card's boarding on this
// vehicle trip may be the one of just now, any zones are: nobody pays twice on one trip.
func (v *validation) zonesPaid(j *cardlayout.Journey) bool {
	return v.covered(j.Zones) ||
		v.Certainty.Unknown && v.Chosen == 0 && v.sameTrip() && v.ageUnknown(j.Boarded)
}

// hasTransfer reports whether a journey is of a kind that has a transfer right. A season or
// day ticket needs none.
func (v *validation) hasTransfer(j *cardlayout.Journey) bool {
	return j.Source == cardlayout.ByValue || j.Source == cardlayout.BySchool
}

// journeyProduct is the product that paid for a journey with a transfer right.
func (v *validation) journeyProduct(j *cardlayout.Journey) uint16 {
	if j.Source == cardlayout.BySchool {
		return v.tariff.School.Product
	}
	return v.tariff.ValueProduct
}

// inForce reports whether a journey's transfer right has not ended.
func (v *validation) inForce(j *cardlayout.Journey) bool {
	right := int64(j.Minutes) * 60
	elapsed := int64(v.now) - int64(j.Start)
	return j.Minutes > 0 && (v.tariff.within(max(elapsed, -elapsed), right) ||
		v.transferPersists(j, right))
}

// unpaidPersons counts the announced persons for whom a journey was not paid. All pay
// the holder's price, so only their number counts; but the journey of a season or school ticket
// is the holder's own and covers no others without the holder.
func (v *validation) unpaidPersons(j *cardlayout.Journey) (sum int) {
	paid := &j.Persons
	if j.Source == cardlayout.ByValue || v.holderTravels() {
		return max(0, v.size-paid.Total())
	}
	for group, n := range v.party {
		sum += max(0, int(n)-int(paid[group]))
	}
	return sum
}

// transferEnd is the end of a journey's transfer right in local time; zero if it has none.
func (v *validation) transferEnd(j *cardlayout.Journey) cardlayout.Stamp {
	if j.Minutes == 0 {
		return cardlayout.Stamp{}
	}
	return v.tariff.Local(j.Start.Time().Add(time.Duration(j.Minutes) * time.Minute))
}

// transfer lets those who paid travel on. Persons who join pay for the zones of the journey until
// its end; if it has ended, a new journey begins for all. Persons who join a pupil are the school
// ticket's case.
func (v *validation) transfer(d *Decision) bool {
	j := &v.chain
	joining := v.unpaidPersons(j)
	pupil := j.Source == cardlayout.BySchool
	if v.paidPersons(j) == 0 || pupil && (joining > 0 || v.Lent) {
		return false
	}
	d.Because(RuleTransferRight, RuleTransferTime)
	d.Reason, d.Source, d.Product = Transfer, j.Source, v.journeyProduct(j)
	d.Until = v.transferEnd(j)
	v.zones, d.After.Journey = j.Zones, *j
	switch {
	case joining > 0 && v.inForce(j):
		d.After.Former = v.rightOfJoining(joining)
	case joining > 0:
		d.After.Journey = v.journey(cardlayout.ByValue)
		d.Until = v.transferEnd(&d.After.Journey)
	}
	if joining > 0 {
		d.After.Journey.Persons = v.party
	}
	d.Persons = uint8(min(v.size, 255))
	if v.size == 0 {
		d.Persons = uint8(j.Persons.Total())
	}
	v.noteBoarding(d)
	if pupil {
		d.After.SeasonBoarding = v.ownBoarding()
	} else {
		d.After.Ticket.Boarding = v.boarding()
	}
	if joining > 0 {
		v.charge(d, v.bill(d, payers{others: joining}))
		v.sell(d)
	}
	v.finalize(d)
	return true
}

// sameTrip reports whether the card's last boarding was on this vehicle trip. The card keeps the
// departure's number, which is unique only within a line, and where the ticket was last used the
// vehicle and its direction. The device remembers the lines of its own trips (Tap.OtherTrip). The
// rest goes by the number.
func (v *validation) sameTrip() bool {
	return v.card.Journey.Trip == v.Trip && !v.OtherTrip && !v.otherVehicle()
}

// otherVehicle reports whether the card's last boarding was of another vehicle or direction. The
// card's boarding of another minute is an earlier one and says nothing, nor does a vehicle without
// a number.
func (v *validation) otherVehicle() bool {
	at := v.tariff.Local(v.card.Journey.Boarded.Time())
	for _, b := range [...]*cardlayout.Boarding{
		&v.card.SeasonBoarding, &v.card.Ticket.Boarding, &v.LastBoarding,
	} {
		if b.At == at && b.Vehicle != 0 && v.Vehicle != 0 {
			return b.Vehicle != v.Vehicle || b.Direction != v.Direction
		}
	}
	return false
}

// TripMatters reports whether it matters on which vehicle trip the card was last stamped: the
// departure's number is the same, and the stamp is from a moment ago, this service day or an
// unknown time.
func TripMatters(card *cardlayout.Card, tap *Tap, t *Tariff) bool {
	v := newValidation(card, tap, t)
	j := &card.Journey
	return v.journeyOfThisArea() && j.Trip == tap.Trip &&
		(v.sameBoarding(j.Boarded) || v.ageUnknown(j.Boarded) ||
			t.ServiceDay(j.Boarded.Time()) == v.day)
}
