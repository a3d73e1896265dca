package fare

import (
	"cmp"

	"leima/cardlayout"
)

// season is the product as it will lie on the card, and what is paid for it, if the card
// may have it.
func (l *load) season(o SeasonOrder) (s cardlayout.Season, receipt Lines, err error) {
	p, known := l.tariff.Season(o.Product)
	if !known {
		return s, nil, l.refuse(4, "choose one that tariff "+l.tariff.ID+" sells",
			"the tariff knows no such product")
	}
	if p.Personal && l.card.Kind != cardlayout.Personal {
		return s, nil, l.refuse(11, "load it on the customer's own personal card",
			"it is for personal cards and this is a %v card", l.card.Kind)
	}
	err = cmp.Or(l.channelRefused(), l.groupRefused(), l.updateRefused(),
		l.entitlementRefused(o.Product), l.lengthRefused(o.Days))
	if err != nil {
		return s, nil, err
	}
	price, sold := p.price(l.group(), o.Zones)
	if !sold {
		return s, nil, l.refuse(11, "choose other zones or another product",
			"it is not sold to the card's group, %v, for these zones", l.group())
	}
	if l.rule.MostDays != 0 {
		p.Days, price = o.Days, price*cardlayout.Cents(o.Days)
	}
	receipt = l.receipt(SeasonItem, o.Product, price)
	return l.asBought(&p, o.Zones, price), receipt, l.fundingRefused(receipt)
}

func (l *load) asBought(
	p *SeasonProduct, zones cardlayout.Zones, price cardlayout.Cents,
) cardlayout.Season {
	s := cardlayout.Season{
		Area: l.tariff.Area, Product: p.Code, Zones: zones, Days: p.Days,
		Price: l.ownPrice(price), Terms: l.sale.Funding.terms(),
	}
	if p.Personal {
		s.Terms |= cardlayout.PersonalOnly
	}
	return s
}

// price is what the season costs; ok is false where it is not sold.
func (p *SeasonProduct) price(group cardlayout.Group, zones cardlayout.Zones) (
	price cardlayout.Cents, ok bool,
) {
	if group == 0 || group >= cardlayout.Groups || zones == 0 || zones > cardlayout.MaxZones {
		return 0, false
	}
	price = p.Prices[group][zones]
	return price, price >= 0
}

// queue puts a season behind the one the card holds. One that waits moves to the
// first slot where the other is free, for the first slot starts first: the older
// season is used before the newer one, which may have another price to refund.
func (l *load) queue(next cardlayout.Season) ([2]cardlayout.Season, error) {
	slots := l.card.Seasons
	first, second := l.holds(&slots[0]), l.holds(&slots[1])
	switch {
	case first && second:
		return slots, l.refuse(47, "come back when the first has ended",
			"the card already holds a season and one that waits")
	case first && !l.alike(&slots[0], &next):
		return slots, l.otherKind(&slots[0])
	case second && !l.alike(&slots[1], &next):
		return slots, l.otherKind(&slots[1])
	case first:
		slots[1] = next
	case second && slots[1].First == 0:
		slots[0], slots[1] = slots[1], next
	default:
		slots[0] = next
	}
	return slots, nil
}

func (l *load) otherKind(held *cardlayout.Season) error {
	return l.refuse(47, "load the same again, or come back when that one has ended",
		"the card holds season %d for zones %v, and only another of that kind may wait behind it",
		held.Product, held.Zones)
}

// holds tells whether a slot is taken by a season that is or will be of use. One
// that has ended may be overwritten.
func (l *load) holds(s *cardlayout.Season) bool {
	if s.First == 0 {
		return s.Days != 0
	}
	return l.day() <= s.Last
}

// alike tells whether two seasons are of the same kind («samanlainen»). The terms do not say
// what that is; it is read as the same kind of ticket for the same zones. Another length is no
// other kind, unless the tariff says that only the same product may wait.
func (l *load) alike(a, b *cardlayout.Season) bool {
	if a.Area != b.Area || a.Zones != b.Zones {
		return false
	}
	if a.Product == b.Product {
		return a.Days == b.Days || !l.tariff.SameProductWaits
	}
	p, q := l.tariff.product(a.Product), l.tariff.product(b.Product)
	return !l.tariff.SameProductWaits && p != nil && q != nil && p.Kind == q.Kind &&
		p.Personal == q.Personal && l.tariff.Office.soldAlike(p.Code, q.Code)
}

// soldAlike tells whether two products are for the same buyers, and paid by the same.
func (o *Office) soldAlike(a, b uint16) bool {
	p, q := o.SaleRule(a), o.SaleRule(b)
	return p.Entitlement == q.Entitlement && p.OwnShare == q.OwnShare && p.RestFrom == q.RestFrom
}
