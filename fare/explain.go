package fare

import (
	"slices"

	"leima/cardlayout"
)

// A Detail is what a fare rests on in the price list besides the price itself.
type Detail struct {
	Kind DetailKind
	Rule RuleID
	Name string // of the band, as the price list calls it; "" for a day's cap

	// Amount is for one person: the price in the band, the supplement, or the day's cap.
	Amount cardlayout.Cents
}

// DetailKind is the kind of a detail.
type DetailKind uint8

// The kinds of detail.
const (
	BandPrice      DetailKind = 1 // the price of these hours, days or this campaign
	BandSupplement DetailKind = 2 // yövuorolisä
	DayCapReached  DetailKind = 3 // the day's cap leaves less than the price
)

// Details explain the fare of a decision by value; none if nobody pays value.
func Details(card cardlayout.Card, tap Tap, t *Tariff) (details []Detail) {
	d, tap := decideWhere(card, tap, t)
	if d.Reason != Value && d.Reason != BalanceLow {
		return nil
	}
	v := newValidation(&card, &tap, t)
	v.zones = d.Zones
	each, _ := v.price(v.zones)
	own, more := t.bandsOf(t.ValueBands, t.priceGroup(v.group), v.moment)
	if own != nil {
		details = append(details, Detail{BandPrice, v.bandRule(own), own.Name, each.fare})
	}
	if more != nil && d.Paid >= each.supplement { // else nobody has paid it
		details = append(details,
			Detail{BandSupplement, RuleNightSupplement, more.Name, each.supplement})
	}
	before := Decision{After: card}
	if left := v.leftUntilCap(&before); v.holderPays(&d) && left < each.fare {
		limit := t.DayCap[t.priceGroup(v.group)][v.zones]
		details = append(details, Detail{DayCapReached, RulePriceList, "", limit})
	}
	return details
}

// holderPays reports whether the holder pays in a decision: the cap is for the holder's own
// trips.
func (v *validation) holderPays(d *Decision) bool {
	return v.holderTravels() && !v.holderCovered() && !v.transferValid(&v.chain) &&
		d.Source == cardlayout.ByValue
}

// hourRules adds the rules by which the fare depends on the hour, be it this one or the fare of
// the driver's single ticket: passengers ask about both.
func (v *validation) hourRules(d *Decision) {
	t := v.tariff
	own, more := t.bandsOf(t.ValueBands, t.priceGroup(v.group), v.moment)
	if own != nil && v.bandRule(own) != RulePriceList {
		d.Because(v.bandRule(own))
	}
	if more == nil {
		_, more = t.bandsOf(t.SingleBands, t.singleGroup(v.group), v.moment)
	}
	if more != nil {
		d.Because(RuleNightSupplement)
	}
}

// companionRules adds the rule by which companions pay another price than the holder.
func (v *validation) companionRules(d *Decision) {
	if v.companionGroup() == v.group || slices.Contains(d.Why[:], RuleSeniorHours) {
		return
	}
	if v.group == cardlayout.Student {
		d.Because(RuleStudentValue)
	} else {
		d.Because(RuleSeniorHours)
	}
}

// bandRule is the rule behind a band's prices: that of the seniors' hours, or else the price
// list's.
func (v *validation) bandRule(b *Band) RuleID {
	if v.group == cardlayout.Senior && b.Hours.From != b.Hours.To && !b.campaign() {
		return RuleSeniorHours
	}
	return RulePriceList
}
