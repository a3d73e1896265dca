package fare

import "leima/cardlayout"

// payers are those of a party who pay value.
type payers struct {
	holder  bool             // the card's holder, whom a season may cover in part
	covered cardlayout.Zones // by that season
	others  int
}

// A bill is what a tap costs.
type bill struct {
	fare   cardlayout.Cents
	capped cardlayout.Cents // the part of it that counts towards the day's cap
	sold   bool
}

// bill is what the payers pay: each of them the price, the holder no more than what the
// season lacks and than what is left until the day's cap.
func (q *question) bill(d *Decision, p payers) bill {
	each, sold := q.price(q.zones)
	beside, along := q.tariff.valuePrice(q.companions(), q.zones, q.moment)
	b := bill{fare: beside.sum() * cardlayout.Cents(p.others),
		sold: (sold || !p.holder) && (along || p.others == 0)}
	if !p.holder || !b.sold {
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
	parts.fare = min(parts.fare, whole.fare)
	return parts
}

// leftUntilCap is what the holder may still be charged on this day.
func (q *question) leftUntilCap(d *Decision) cardlayout.Cents {
	most := cardlayout.MaxPurse
	if q.tariff.DayCap == nil {
		return most
	}
	if limit := q.tariff.DayCap[q.tariff.payer(q.group)][q.zones]; limit >= 0 {
		most = max(0, limit-q.today(d.After.Today).spent)
	}
	return most
}

// spend counts what was paid towards the day's cap.
func (q *question) spend(d *Decision, b bill) {
	if q.tariff.DayCap != nil && b.capped > 0 {
		d.After.Today = q.today(d.After.Today).with(0, b.capped)
	}
}

// charge takes a bill from the purse. Where there is no fare, the reason says so; what no card
// could hold is told at the end.
func (q *question) charge(d *Decision, b bill) {
	d.Reason = Value
	d.because(4)
	q.hourRules(d)
	q.groupRules(d)
	if q.card.Area != q.tariff.Area {
		d.because(42)
	}
	if q.size > 1 {
		d.because(51)
		q.companyRules(d)
	}
	switch {
	case !b.sold:
		d.Reason, b.fare = NoFare, 0
	case b.fare > q.card.Purse:
		d.Reason = BalanceLow
	default:
		d.After.Purse -= b.fare
		q.spend(d, b)
	}
	d.Charge = b.fare
}
