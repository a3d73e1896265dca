package fare

import (
	"slices"

	"leima/cardlayout"
)

// A Detail is what a fare rests on in the price list beside the price itself.
type Detail struct {
	Kind DetailKind
	Rule RuleID
	Name string // of the band, as the price list calls it; "" for a day's cap

	// Amount is what it comes to for one person: the price in the band, the supplement, or
	// the most that the day may cost.
	Amount cardlayout.Cents
}

// DetailKind is what kind of detail it is.
type DetailKind uint8

// The kinds of detail.
const (
	BandPrice      DetailKind = 1 // the price of these hours, days or this campaign
	BandSupplement DetailKind = 2 // yövuorolisä
	DayCapReached  DetailKind = 3 // the day's cap leaves less than the price to be paid
)

// Details are those of what Decide asks for a trip; none where nobody pays value.
func Details(card cardlayout.Card, tap Tap, t *Tariff) (details []Detail) {
	d := Decide(card, tap, t)
	if d.Reason != Value && d.Reason != BalanceLow {
		return nil
	}
	q := ask(&card, &tap, t)
	q.zones = d.Zones
	each, _ := q.price(q.zones)
	own, more := t.bandsOf(t.ValueBands, t.payer(q.group), q.moment)
	if own != nil {
		details = append(details, Detail{BandPrice, q.bandRule(own), own.Name, each.fare})
	}
	if more != nil {
		details = append(details, Detail{BandSupplement, 59, more.Name, each.supplement})
	}
	before := Decision{After: card}
	if left := q.leftUntilCap(&before); q.holderPays(&d) && left < each.fare {
		limit := t.DayCap[t.payer(q.group)][q.zones]
		details = append(details, Detail{DayCapReached, 4, "", limit})
	}
	return details
}

// holderPays tells whether the holder is one of those who pay for a decision: the cap is
// for the holder's own trips.
func (q *question) holderPays(d *Decision) bool {
	_, season := q.coveringSeason(&Decision{After: *q.card})
	return q.holderTravels() && !season && !q.running() && d.Source == cardlayout.ByValue
}

// hourRules are why a fare is another than at other hours, or would be for who pays the
// driver: a passenger asks about both.
func (q *question) hourRules(d *Decision) {
	t := q.tariff
	own, more := t.bandsOf(t.ValueBands, t.payer(q.group), q.moment)
	if own != nil && q.bandRule(own) != 4 {
		d.because(q.bandRule(own))
	}
	if more == nil {
		_, more = t.bandsOf(t.SingleBands, t.singleGroup(q.group), q.moment)
	}
	if more != nil {
		d.because(59)
	}
}

// companyRules are why those who are along pay another price than the holder.
func (q *question) companyRules(d *Decision) {
	if q.companions() == q.group || slices.Contains(d.Why[:], 153) {
		return
	}
	if q.group == cardlayout.Student {
		d.because(147)
	} else {
		d.because(153)
	}
}

// bandRule is the rule of the prices in a band: the hours of the seniors have one of their
// own, all others stand in the price list.
func (q *question) bandRule(b *Band) RuleID {
	if q.group == cardlayout.Senior && b.Hours.From != b.Hours.To && !b.campaign() {
		return 153
	}
	return 4
}
