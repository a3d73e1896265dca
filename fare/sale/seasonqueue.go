package sale

import (
	"cmp"

	"leima/cardlayout"
	"leima/fare"
)

// season is an ordered season as it will be on the card, with its receipt, or the refusal.
func (l *loading) season(o SeasonOrder) (s cardlayout.Season, receipt Lines, err error) {
	p, known := l.tariff.Season(o.Product)
	if !known {
		return s, nil, l.refuseWith(fare.RulePriceList,
			fare.Say("choose one that tariff %s sells", l.tariff.ID),
			fare.Say("the tariff knows no such product"))
	}
	if p.Personal && l.card.Kind != cardlayout.Personal {
		return s, nil, l.refuse(fare.RuleProductFitsCard,
			"load it on the customer's own personal card",
			"it is for personal cards and this is a %v card", l.card.Kind)
	}
	err = cmp.Or(l.checkChannel(), l.checkGroup(), l.checkUpdate(),
		l.checkEntitlement(o.Product), l.checkLength(o.Days))
	if err != nil {
		return s, nil, err
	}
	price, sold := seasonPrice(&p, l.group(), o.Zones)
	if !sold {
		return s, nil, l.refuse(fare.RuleProductFitsCard, "choose other zones or another product",
			"it is not sold to the card's group, %v, for these zones", l.group())
	}
	if l.rule.MostDays != 0 {
		p.Days, price = o.Days, price*cardlayout.Cents(o.Days)
	}
	receipt = l.receipt(SeasonItem, o.Product, price)
	return l.newSeason(&p, o.Zones, price), receipt, l.checkFunding(receipt)
}

func (l *loading) newSeason(
	p *fare.SeasonProduct, zones cardlayout.Zones, price cardlayout.Cents,
) cardlayout.Season {
	s := cardlayout.Season{
		Area: l.tariff.Area, Product: p.Code, Zones: zones, Days: p.Days,
		Price: l.ownPrice(price), Conditions: l.sale.Funding.terms(),
	}
	if p.Personal {
		s.Conditions |= cardlayout.PersonalOnly
	}
	return s
}

// seasonPrice is the price of a season; ok is false if it is not sold.
func seasonPrice(p *fare.SeasonProduct, group cardlayout.Group, zones cardlayout.Zones) (
	price cardlayout.Cents, ok bool,
) {
	if group == 0 || group >= cardlayout.Groups || zones == 0 || zones > cardlayout.MaxZones {
		return 0, false
	}
	price = p.Prices[group][zones]
	return price, price >= 0
}

// enqueue puts a season behind the one on the card. A season that waits moves to the first slot if
// that is free, because the first slot starts first: the older season is used before the newer one,
// whose price for a refund may differ.
func (l *loading) enqueue(next cardlayout.Season) ([2]cardlayout.Season, error) {
	slots := l.card.Seasons
	first, second := l.occupied(&slots[0]), l.occupied(&slots[1])
	switch {
	case first && second:
		return slots, l.refuse(fare.RuleWaitingSeason, "come back when the first has ended",
			"the card already holds a season and one that waits")
	case first && !l.sameKind(&slots[0], &next):
		return slots, l.refuseOtherKind(&slots[0])
	case second && !l.sameKind(&slots[1], &next):
		return slots, l.refuseOtherKind(&slots[1])
	case first:
		slots[1] = next
	case second && slots[1].First == 0:
		slots[0], slots[1] = slots[1], next
	default:
		slots[0] = next
	}
	return slots, nil
}

func (l *loading) refuseOtherKind(held *cardlayout.Season) error {
	return l.refuse(fare.RuleWaitingSeason,
		"load the same again, or come back when that one has ended",
		"the card holds season %d for zones %v, and only another of that kind may wait behind it",
		held.Product, held.Zones)
}

// occupied reports whether a slot holds a season that is or will be valid. One that has ended may
// be overwritten.
func (l *loading) occupied(s *cardlayout.Season) bool {
	if s.First == 0 {
		return s.Days != 0
	}
	return l.certainDay() <= s.Last
}

// sameKind reports whether two seasons are of the same kind («samanlainen»). The terms do not
// define it; it is read as the same kind of ticket for the same zones, of any length, unless the
// tariff lets only the same product wait.
func (l *loading) sameKind(a, b *cardlayout.Season) bool {
	if a.Area != b.Area || a.Zones != b.Zones {
		return false
	}
	if a.Product == b.Product {
		return a.Days == b.Days || !l.tariff.SameProductWaits
	}
	p, sold := l.tariff.Season(a.Product)
	q, soldToo := l.tariff.Season(b.Product)
	return !l.tariff.SameProductWaits && sold && soldToo && p.Kind == q.Kind &&
		p.Personal == q.Personal && sameSale(l.tariff, p.Code, q.Code)
}

// sameSale reports whether two products are for the same buyers and have the same payers.
func sameSale(t *fare.Tariff, a, b uint16) bool {
	p, q := t.Terms.SaleRule(a), t.Terms.SaleRule(b)
	return p.Entitlement == q.Entitlement && p.OwnShare == q.OwnShare && p.RestFrom == q.RestFrom
}
