package fare

import "leima/cardlayout"

// selfServiceReader is the SaleDeviceType of a validator (HSL Matkakortin kuvaus v1.11).
const selfServiceReader = 2

// value charges this area's price for all persons whom no right covers; the holder's customer
// group sets it for the whole party.
func (v *validation) value(d *Decision, covered coverage) {
	v.zones = v.zonesToPay()
	persons := max(v.size, 1)
	d.Persons = uint8(min(persons, 255))
	d.Source, d.Product = cardlayout.ByValue, v.tariff.ValueProduct

	d.After.Journey = covered.journey
	if covered.journey.Source == cardlayout.NoSource {
		d.After.Journey = v.journey(cardlayout.ByValue)
	}
	v.noteBoarding(d)
	d.After.Journey.Persons = v.party
	if v.size == 0 {
		d.After.Journey.Persons[v.group] = 1
	}
	d.Until = v.transferEnd(&d.After.Journey)
	p := payers{others: persons - covered.persons}
	if covered.persons == 0 && v.holderTravels() {
		p = payers{holder: true, others: persons - 1, covered: covered.zones}
	}
	v.charge(d, v.bill(d, p))
	v.sell(d)
	v.finalize(d)
}

// zonesToPay are those of the way, or another's that costs less if the tariff says so.
func (v *validation) zonesToPay() cardlayout.Zones {
	cheapest := v.zones
	if !v.tariff.CheaperZone {
		return cheapest
	}
	least, sold := v.price(cheapest)
	for zone := range v.also.All {
		other := cardlayout.ZoneRun(zone, zone)
		if p, soldThere := v.price(other); soldThere && (!sold || p.sum() < least.sum()) {
			cheapest, least, sold = other, p, true
		}
	}
	return cheapest
}

// price is what a value ticket for some zones costs a person of the holder's group now.
func (v *validation) price(zones cardlayout.Zones) (price, bool) {
	return v.tariff.valuePrice(v.group, zones, v.moment)
}

// sell puts the value ticket on the card.
func (v *validation) sell(d *Decision) {
	j := &d.After.Journey
	unit, period := periodOf(j.Minutes)
	d.After.Ticket = cardlayout.Ticket{
		Area: v.tariff.Area, Product: d.Product, Group: v.group, PartyGroup: v.partyGroup(),
		PeriodUnit: unit, Period: period, Zones: v.zones,
		SaleDay: v.local.Day, SaleHour: uint8(v.local.Minute / 60),
		DeviceType: selfServiceReader, Device: v.Event.Device,
		Price: d.Charge, Persons: d.Persons, SaleStatus: true,
		Start: v.tariff.Local(j.Start.Time()), End: d.Until, Started: true, Boarding: v.boarding(),
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

// partyGroup is the first group of the party that is not the holder's.
func (v *validation) partyGroup() cardlayout.Group {
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if group != v.group && v.party[group] > 0 {
			return group
		}
	}
	return 0
}

// finalize closes a decision that may change the card. It adds the history record and stamps the
// card. If the passenger does not travel, or the card cannot hold it all, the card stays as it
// was.
func (v *validation) finalize(d *Decision) {
	if d.Accept() || d.Reason == BalanceLow {
		d.After.Former = v.formerRight(d)
		v.record(d)
		v.stamp(d)
		if d.After.Check() != nil {
			d.Reason = TooMany
		}
	}
	d.Paid = d.Charge
	if !d.Accept() {
		d.After, d.Charge, d.Until = *v.card, 0, cardlayout.Stamp{}
		d.Because(RuleValidTicket)
	}
}

// record is the use event that the card keeps.
func (v *validation) record(d *Decision) {
	d.After.Record = cardlayout.Record{
		Debit: d.Charge > 0, Boarded: v.local, Fare: d.Charge, Persons: d.Persons,
	}
	switch d.Source {
	case cardlayout.ByValue:
		d.After.Record.Until, d.After.Record.Remaining = d.Until, d.After.Purse
	case cardlayout.BySchool:
		d.After.Record.Until = d.Until
	}
}
