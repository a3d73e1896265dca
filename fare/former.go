package fare

import "leima/cardlayout"

// tripChain is the trip chain that a transfer goes on with: the card's journey, or in its place the
// former right. That right is used if it pays for all who board and the journey does not, or ends
// earlier. A party keeps its journey as long as the former right is for fewer. If the journey pays
// for nobody here, others may join the former right for the zones that they would pay for anyway,
// but not where a season or school ticket covers the holder: a new journey costs no more there, and
// lasts longer.
func (v *validation) tripChain() cardlayout.Journey {
	journey, former := v.card.Journey, v.formerJourney()
	if !v.transferValid(&former) || !v.inForce(&former) || !v.covered(former.Zones) {
		return journey
	}
	used, persons := false, former.Persons.Total()
	switch paid := v.paidPersons(&journey); {
	case paid == 0, v.Lent && journey.Source == cardlayout.BySchool:
		used = persons >= v.size || former.Zones == v.zonesToPay() && !v.holderCovered()
	case journey.Source == cardlayout.ByValue && persons >= max(paid, v.size):
		used = paid < v.size || v.card.Former.Until > rightOf(&journey).Until
	}
	if used {
		return former
	}
	return journey
}

// formerJourney is the former right as a journey, whose last boarding is the card's.
func (v *validation) formerJourney() cardlayout.Journey {
	r, j := &v.card.Former, v.card.Journey
	j.Area, j.Zones, j.Persons, j.Source = r.Area, r.Zones, r.Persons, cardlayout.ByValue
	j.Minutes = v.transferMinutes(r.Zones)
	j.Start = r.Until - cardlayout.Instant(j.Minutes)*60
	return j
}

// rightOf is a journey's transfer right.
func rightOf(j *cardlayout.Journey) cardlayout.Right {
	return cardlayout.Right{
		Area: j.Area, Zones: j.Zones, Persons: j.Persons,
		Until: j.Start + cardlayout.Instant(j.Minutes)*60,
	}
}

// rightOfJoining is the right of the ticket that is sold now to those of the party for whom its
// journey was not paid. If others of the party have joined before, it ends with theirs, as the card
// has no room for a third right.
func (v *validation) rightOfJoining(joining int) cardlayout.Right {
	ticket, earlier := v.journey(cardlayout.ByValue), v.card.Former
	for group, n := range v.party {
		more := min(joining, max(0, int(n)-int(v.chain.Persons[group])))
		ticket.Persons[group] = uint8(more)
		joining -= more
	}
	right, chain := rightOf(&ticket), rightOf(&v.chain)
	if earlier.Area == chain.Area && earlier.Zones == chain.Zones && earlier.Until > chain.Until &&
		earlier.Persons.Total() <= chain.Persons.Total() && !v.ahead(&earlier) {
		for group, n := range earlier.Persons {
			right.Persons[group] += n
		}
		right.Until = earlier.Until
	}
	return right
}

// formerRight is the one right more that the card keeps beside its journey's: that of those
// who join, as the newest, or else of the earlier value rights that run the one that ends last.
// One that was paid by a clock far ahead makes room for any other.
func (v *validation) formerRight(d *Decision) (kept cardlayout.Right) {
	rights := [...]cardlayout.Right{v.card.Former, {}}
	if j := &v.card.Journey; j.Source == cardlayout.ByValue && v.inForce(j) {
		rights[1] = rightOf(j)
	}
	switch {
	case v.card.Layout == 1:
		return kept
	case d.After.Former != v.card.Former:
		return d.After.Former
	}
	own := rightOf(&d.After.Journey)
	for _, r := range rights {
		own.Persons = r.Persons // of whom more may have joined
		if r != own && v.runs(&r) && (r.Until > kept.Until || v.ahead(&kept)) {
			kept = r
		}
	}
	return kept
}

// runs reports whether a right has not ended.
func (v *validation) runs(r *cardlayout.Right) bool {
	return v.Certainty.Unknown || v.tariff.within(int64(v.now)-int64(r.Until), 0)
}

// ahead reports whether a right was paid by a clock so far ahead of ours that it is not in force
// yet. How long one of another area lasts is not known, but it is less than a day.
func (v *validation) ahead(r *cardlayout.Right) bool {
	length := int64(24 * 60 * 60)
	if r.Area == v.tariff.Area {
		length = int64(v.transferMinutes(r.Zones)) * 60
	}
	left := int64(r.Until) - int64(v.now)
	return !v.Certainty.Unknown && !v.tariff.within(left-length, length)
}
