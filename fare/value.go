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

	d.After.Journey = q.journey(cardlayout.ByValue)
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

// price is what a value ticket for some zones costs one of the holder's group now.
func (q *question) price(zones cardlayout.Zones) (price, bool) {
	return q.tariff.price(&q.tariff.Value, q.tariff.ValueBands, q.group, zones, q.moment)
}

// payers are those of a party who pay value.
type payers struct {
	holder  bool             // the card's holder, whom a season may cover in part
	covered cardlayout.Zones // by that season
	others  int
}

// count is how many they are.
func (p payers) count() int {
	if p.holder {
		return p.others + 1
	}
	return p.others
}

// A bill is what a tap costs.
type bill struct {
	persons int
	fare    cardlayout.Cents
	capped  cardlayout.Cents // the part of it that counts towards the day's cap
	sold    bool
}

// bill is what the payers pay: each of them the price, the holder no more than what the
// season lacks and than what is left until the day's cap.
func (q *question) bill(d *Decision, p payers) bill {
	each, sold := q.price(q.zones)
	b := bill{persons: p.count(), fare: each.sum() * cardlayout.Cents(p.others), sold: sold}
	if !p.holder || !sold {
		return b
	}
	own := q.lacking(each, p.covered)
	b.capped = min(own.fare, q.leftUntilCap(d))
	b.fare += b.capped + own.supplement
	return b
}

// lacking is the price of the zones that a season does not cover, at either end of the
// way, if that is less than the whole way.
func (q *question) lacking(whole price, covered cardlayout.Zones) price {
	if !covered.Overlap(q.zones) {
		return whole
	}
	parts := price{supplement: whole.supplement}
	for _, missing := range q.zones.Without(covered) {
		if missing == 0 {
			continue
		}
		p, sold := q.price(missing)
		if !sold {
			return whole
		}
		parts.fare += p.fare
	}
	if parts.fare > whole.fare {
		return whole
	}
	return parts
}

// leftUntilCap is what the holder may still be charged on this day.
func (q *question) leftUntilCap(d *Decision) cardlayout.Cents {
	most := cardlayout.MaxPurse
	if q.tariff.DayCap == nil {
		return most
	}
	if limit := q.tariff.DayCap[q.group][q.zones]; limit >= 0 {
		most = max(0, limit-q.today(d.After.Today).Spent)
	}
	return most
}

// spend counts what was paid towards the day's cap.
func (q *question) spend(d *Decision, b bill) {
	if q.tariff.DayCap != nil && b.capped > 0 {
		const most = 1<<16 - 1 // what the card can hold; no cap is as high
		d.After.Today = q.today(d.After.Today)
		d.After.Today.Spent = min(d.After.Today.Spent+b.capped, most)
	}
}

// charge takes a bill from the purse. Where there is no fare, or no card could hold it,
// the reason says so.
func (q *question) charge(d *Decision, b bill) {
	d.Reason = Value
	d.because(4)
	q.groupRules(d)
	if q.card.Area != q.tariff.Area {
		d.because(42)
	}
	if q.size > 1 {
		d.because(51)
	}
	switch {
	case !b.sold:
		d.Reason, b.fare = NoFare, 0
	case b.persons > cardlayout.MaxPersons || b.fare > cardlayout.MaxFare:
		d.Reason = TooMany
	case b.fare > q.card.Purse:
		d.Reason = BalanceLow
	default:
		d.After.Purse -= b.fare
		q.spend(d, b)
	}
	d.Charge = b.fare
}

// sell puts the value ticket on the card.
func (q *question) sell(d *Decision) {
	j := &d.After.Journey
	unit, period := periodOf(j.Minutes)
	d.After.Ticket = cardlayout.Ticket{
		Area: q.tariff.Area, Product: d.Product, Group: q.group, PartyGroup: q.others(),
		PeriodUnit: unit, Period: period, Zones: j.Zones,
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
