package fare

import (
	"time"

	"leima/cardlayout"
)

// journey begins a trip chain.
func (q *question) journey(by cardlayout.Source) cardlayout.Journey {
	j := cardlayout.Journey{
		Start: q.now, Area: q.tariff.Area, Zones: q.zones, Source: by,
		Boarded: q.now, Trip: q.Trip,
	}
	switch {
	case by == cardlayout.BySchool:
		j.Zones, j.Minutes = q.schoolZones(), q.schoolMinutes()
	case by == cardlayout.ByValue && q.zones <= cardlayout.MaxZones:
		j.Minutes = q.tariff.Transfer[q.zones]
	}
	return j
}

// running tells whether the card's transfer right is in force here: it is counted
// from the first validation and never prolonged. The clocks of two buses
// may disagree, and that is nobody's fault but ours: a start in the future is as
// far away as one in the past.
func (q *question) running() bool {
	j := &q.card.Journey
	if j.Area != q.tariff.Area || !q.changeable(j) || j.Persons.Total() == 0 {
		return false
	}
	// Someone joins them before the bus has left; or nobody knows that it ever has.
	return q.inForce(j) || q.sameTrip() && (q.again(j.Boarded) || q.timeless(j.Boarded))
}

// changeable tells whether a journey is of a kind that has a transfer right. A season or
// day ticket needs none.
func (q *question) changeable(j *cardlayout.Journey) bool {
	return j.Source == cardlayout.ByValue || j.Source == cardlayout.BySchool
}

// journeyProduct is what a journey with a transfer right was paid with.
func (q *question) journeyProduct(j *cardlayout.Journey) uint16 {
	if j.Source == cardlayout.BySchool {
		return q.tariff.School.Product
	}
	return q.tariff.ValueProduct
}

// inForce tells whether a journey's transfer right has not ended.
func (q *question) inForce(j *cardlayout.Journey) bool {
	right := int64(j.Minutes) * 60
	elapsed := int64(q.now) - int64(j.Start)
	return j.Minutes > 0 && (q.tariff.within(max(elapsed, -elapsed), right) ||
		q.goesOn(j, right))
}

// beyond counts the announced persons for whom the running journey was not paid. All pay
// the holder's price, so that their number alone counts; but the journey of a season or
// school ticket is the holder's own, and no good to others without them.
func (q *question) beyond() (sum int) {
	paid := &q.card.Journey.Persons
	if q.card.Journey.Source == cardlayout.ByValue || q.holderTravels() {
		return max(0, q.size-paid.Total())
	}
	for group, n := range q.party {
		sum += max(0, int(n)-int(paid[group]))
	}
	return sum
}

// transferEnd is the end of a journey's transfer right as people read it; zero where
// there is none.
func (q *question) transferEnd(j *cardlayout.Journey) cardlayout.Stamp {
	if j.Minutes == 0 {
		return cardlayout.Stamp{}
	}
	return q.tariff.Local(j.Start.Time().Add(time.Duration(j.Minutes) * time.Minute))
}

// transfer: those who paid travel on. Whoever joins them pays, for the zones of the
// journey and until its end; if that has come, a new one begins for all of them. Who joins
// a pupil is the school ticket's matter.
func (q *question) transfer(d *Decision) bool {
	j := &q.card.Journey
	joining := q.beyond()
	pupil := j.Source == cardlayout.BySchool
	if !q.running() || !q.covered(j.Zones) || pupil && (joining > 0 || q.Lent) {
		return false
	}
	d.because(48, 49)
	d.Reason, d.Source, d.Product = Transfer, j.Source, q.journeyProduct(j)
	d.Until = q.transferEnd(j)
	q.zones = j.Zones
	if joining > 0 && !q.inForce(j) {
		d.After.Journey = q.journey(cardlayout.ByValue)
		d.Until = q.transferEnd(&d.After.Journey)
	}
	if joining > 0 {
		d.After.Journey.Persons = q.party
	}
	d.Persons = uint8(min(q.size, 255))
	if q.size == 0 {
		d.Persons = uint8(j.Persons.Total())
	}
	q.board(d)
	if pupil {
		d.After.SeasonBoarding = q.ownBoarding()
	} else {
		d.After.Ticket.Boarding = q.boarding()
	}
	if joining > 0 {
		q.charge(d, q.bill(d, payers{others: joining}))
		q.sell(d)
	}
	q.finish(d)
	return true
}
