package fare

import "leima/cardlayout"

// payers are the persons of a party who pay value.
type payers struct {
	holder  bool             // also the card's holder, whom a season may cover in part
	covered cardlayout.Zones // by that season
	others  int
}

// A bill is what a tap costs.
type bill struct {
	fare   cardlayout.Cents
	capped cardlayout.Cents // the part of it that counts towards the day's cap
	sold   bool
}

// bill is what the payers pay. The holder pays at most the zones that the season lacks, and
// at most the rest of the day's cap.
func (v *validation) bill(d *Decision, p payers) bill {
	each, sold := v.price(v.zones)
	beside, along := v.tariff.valuePrice(v.companionGroup(), v.zones, v.moment)
	b := bill{
		fare: beside.sum() * cardlayout.Cents(p.others),
		sold: (sold || !p.holder) && (along || p.others == 0),
	}
	if !p.holder || !b.sold {
		return b
	}
	own := v.uncoveredPrice(each, p.covered)
	b.capped = min(own.fare, v.leftUntilCap(d))
	b.fare += b.capped + own.supplement
	return b
}

// uncoveredPrice is the price of the zones at either end of the way that a season does not
// cover, if that is less than the whole way.
func (v *validation) uncoveredPrice(whole price, covered cardlayout.Zones) price {
	if !covered.Overlap(v.zones) {
		return whole
	}
	parts := price{supplement: whole.supplement}
	for _, missing := range v.zones.Without(covered) {
		if missing == 0 {
			continue
		}
		p, sold := v.price(missing)
		if !sold {
			return whole
		}
		parts.fare += p.fare
	}
	parts.fare = min(parts.fare, whole.fare)
	return parts
}

// leftUntilCap is how much the holder can still be charged on this day.
func (v *validation) leftUntilCap(d *Decision) cardlayout.Cents {
	most := cardlayout.MaxPurse
	if v.tariff.DayCap == nil {
		return most
	}
	if limit := v.tariff.DayCap[v.tariff.priceGroup(v.group)][v.zones]; limit >= 0 {
		most = max(0, limit-v.dayUse(d.After.Today).spent)
	}
	return most
}

// countTowardsCap counts what was paid towards the day's cap.
func (v *validation) countTowardsCap(d *Decision, b bill) {
	if v.tariff.DayCap != nil && b.capped > 0 {
		d.After.Today = v.dayUse(d.After.Today).with(0, b.capped)
	}
}

// charge takes a bill from the purse. finalize refuses what no card can hold.
func (v *validation) charge(d *Decision, b bill) {
	d.Reason = Value
	d.Because(RulePriceList)
	v.hourRules(d)
	v.groupRules(d)
	if v.card.Area != v.tariff.Area {
		d.Because(RuleOtherArea)
	}
	if v.size > 1 {
		d.Because(RuleParty)
		v.companionRules(d)
	}
	switch {
	case !b.sold:
		d.Reason, b.fare = NoFare, 0
	case b.fare > v.card.Purse:
		d.Reason = BalanceLow
	default:
		d.After.Purse -= b.fare
		v.countTowardsCap(d, b)
	}
	d.Charge = b.fare
}

// A dayUse is what is used up today: school trips of the service day, as school days are,
// and value towards the day's cap, by the day that the tariff sets. Both begin again every day
//
type dayUse struct {
	schoolTrips     uint8
	spent           cardlayout.Cents
	service, capDay cardlayout.Day
}

// mostSchoolTrips is the most trips that the card can count for one day.
const mostSchoolTrips = cardlayout.DayBefore - 1

// dayUse is today's use by what the card holds. Use of tomorrow is from a bus whose clock is
// ahead at the turn of the day. While the day is unknown, the use on the card stands.
func (v *validation) dayUse(held cardlayout.Today) dayUse {
	u := dayUse{service: v.day, capDay: v.day}
	if v.tariff.MidnightCounts {
		u.capDay = v.local.Day
	}
	trips, day := held.SchoolTrips, held.Day
	if trips >= cardlayout.DayBefore {
		trips, day = trips-cardlayout.DayBefore, day-1
	}
	if trips > 0 && (day == u.service || day == u.service+1 || v.dayPersists(day)) {
		u.schoolTrips, u.service = trips, day
	}
	if held.Spent > 0 && (held.Day == u.capDay || held.Day == u.capDay+1 ||
		v.dayPersists(held.Day)) {
		u.spent, u.capDay = held.Spent, held.Day
	}
	return u
}

// with is what the card holds after further use. It has one day for both: after midnight the
// trips may be those of the day before.
func (u dayUse) with(schoolTrips uint8, spent cardlayout.Cents) cardlayout.Today {
	const most = 1<<16 - 1 // that the card can hold; no cap is as high
	t := cardlayout.Today{
		Day: u.service, SchoolTrips: u.schoolTrips + schoolTrips,
		Spent: min(u.spent+spent, most),
	}
	switch {
	case t.Spent == 0 || u.capDay == u.service:
	case t.SchoolTrips == 0:
		t.Day = u.capDay
	case u.capDay == u.service+1:
		t.Day, t.SchoolTrips = u.capDay, t.SchoolTrips+cardlayout.DayBefore
	}
	return t
}
