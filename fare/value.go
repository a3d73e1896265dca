package fare

import "leima/cardlayout"

// selfServiceReader is the SaleDeviceType of a validator (HSL Matkakortin kuvaus
// v1.11).
const selfServiceReader = 2

// value: everybody whom no right covers pays this area's price for the zones; the
// holder's customer group sets it for the whole party.
func (q *question) value(d *Decision, covered right) {
	q.cheaper()
	persons := max(q.size, 1)
	d.Persons = uint8(min(persons, 255))
	d.Source, d.Product = cardlayout.ByValue, q.tariff.ValueProduct

	d.After.Journey = covered.journey
	if covered.journey.Source == cardlayout.NoSource {
		d.After.Journey = q.journey(cardlayout.ByValue)
	}
	q.board(d)
	d.After.Journey.Persons = q.party
	if q.size == 0 {
		d.After.Journey.Persons[q.group] = 1
	}
	d.Until = q.transferEnd(&d.After.Journey)
	p := payers{others: persons - covered.persons}
	if covered.persons == 0 && q.holderTravels() {
		p = payers{holder: true, others: persons - 1, covered: covered.zones}
	}
	q.charge(d, q.bill(d, p))
	q.sell(d)
	q.finish(d)
}

// cheaper takes the next stop's zone where that costs less and the tariff says so.
func (q *question) cheaper() {
	if q.other == 0 || !q.tariff.CheaperZone {
		return
	}
	here, soldHere := q.price(q.zones)
	there, soldThere := q.price(q.other)
	if soldThere && (!soldHere || there.sum() < here.sum()) {
		q.zones = q.other
	}
}

// price is what a value ticket for some zones costs one of the holder's group now.
func (q *question) price(zones cardlayout.Zones) (price, bool) {
	return q.tariff.valuePrice(q.group, zones, q.moment)
}

// sell puts the value ticket on the card.
func (q *question) sell(d *Decision) {
	j := &d.After.Journey
	unit, period := periodOf(j.Minutes)
	d.After.Ticket = cardlayout.Ticket{
		Area: q.tariff.Area, Product: d.Product, Group: q.group, PartyGroup: q.others(),
		PeriodUnit: unit, Period: period, Zones: q.zones,
		SaleDay: q.local.Day, SaleHour: uint8(q.local.Minute / 60),
		DeviceType: selfServiceReader, Device: q.Event.Device,
		Price: d.Charge, Persons: d.Persons, SaleStatus: true,
		Start: q.tariff.Local(j.Start.Time()), End: d.Until, Started: true, Boarding: q.boarding(),
	}
}

// periodOf is a ticket's length in the eight bits and two units of the public
// structure: minutes, or else started hours. The journey keeps the minutes.
func periodOf(minutes uint16) (unit, period uint8) {
	const inMinutes, inHours = 0, 1
	if minutes <= 255 {
		return inMinutes, uint8(minutes)
	}
	return inHours, uint8((minutes + 59) / 60)
}

// others is the first group of the party that is not the holder's.
func (q *question) others() cardlayout.Group {
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if group != q.group && q.party[group] > 0 {
			return group
		}
	}
	return 0
}

// finish closes a decision that may change the card: it adds the history record,
// stamps the card, and takes everything back if the passenger does not travel on
// it or the card cannot hold it.
func (q *question) finish(d *Decision) {
	if d.Accept() || d.Reason == BalanceLow {
		q.record(d)
		q.stamp(d)
		if d.After.Check() != nil {
			d.Reason = TooMany
		}
	}
	d.Paid = d.Charge
	if !d.Accept() {
		d.After, d.Charge, d.Until = *q.card, 0, cardlayout.Stamp{}
		d.because(41)
	}
}

// record is the use event that the card keeps.
func (q *question) record(d *Decision) {
	d.After.Record = cardlayout.Record{
		Debit: d.Charge > 0, Boarded: q.local, Fare: d.Charge, Persons: d.Persons,
	}
	switch d.Source {
	case cardlayout.ByValue:
		d.After.Record.Until, d.After.Record.Remaining = d.Until, d.After.Purse
	case cardlayout.BySchool:
		d.After.Record.Until = d.Until
	}
}
