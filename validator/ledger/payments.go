package ledger

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// A Payment is the reference of a payment by a benefit or an employer, with the loads for which it
// was used, on the cards for certain or perhaps. It is matched with the provider's receipt or the
// employer's order.
type Payment struct {
	Employer  uint32 // the one who ordered it; 0: a benefit, which covers one load
	Reference string // as typed for the first of them
	Uses      []PaymentUse
}

// A PaymentUse is a load that a payment was used for. If it is not known to be on the card, it may
// be.
type PaymentUse struct {
	Event   validator.Event
	Verdict Verdict
	Amount  int64 // the part of the benefit or the employer, in cents
}

// Twice reports whether a benefit was used for more than the one load that it covers.
func (p *Payment) Twice() bool { return p.Employer == 0 && len(p.Uses) > 1 }

// Payments are all payments: by employer, and then by the first event. Loads that are void, undone,
// or taken back do not count.
func (l *Ledger) Payments() (all []Payment) {
	type payment struct {
		employer uint32
		key      [sha256.Size]byte
	}
	uses := map[payment][]PaymentUse{}
	for _, line := range l.Lines() {
		for _, e := range line.Events {
			if e.Benefit != "" && line.Verdict != Undone {
				of := payment{e.Employer, journal.PaymentKey(e.Benefit)}
				uses[of] = append(uses[of], PaymentUse{e, line.Verdict, paidByOthers(&e)})
			}
		}
	}
	for of, used := range uses {
		slices.SortFunc(used, func(a, b PaymentUse) int { return byEvent(&a.Event, &b.Event) })
		if kept := notTakenBack(used); len(kept) > 0 {
			all = append(all, Payment{of.employer, kept[0].Event.Benefit, kept})
		}
	}
	slices.SortFunc(all, func(a, b Payment) int {
		return cmp.Or(cmp.Compare(a.Employer, b.Employer),
			byEvent(&a.Uses[0].Event, &b.Uses[0].Event))
	})
	return all
}

// notTakenBack removes the uses that their device has taken back from the same card, together with
// the reversals: each takes back the load before it.
func notTakenBack(uses []PaymentUse) (kept []PaymentUse) {
	for _, u := range uses {
		if u.Event.Reason != fare.LoadTakenBack {
			kept = append(kept, u)
			continue
		}
		if u.Verdict == InDoubt || u.Verdict == Open {
			continue // the load may still be on the card
		}
		for n := len(kept) - 1; n >= 0; n-- {
			if e := &kept[n].Event; e.Card == u.Event.Card && e.ID.Device == u.Event.ID.Device {
				kept = slices.Delete(kept, n, n+1)
				break
			}
		}
	}
	return kept
}

func byEvent(a, b *validator.Event) int {
	return cmp.Or(cmp.Compare(a.ID.Device, b.ID.Device),
		cmp.Compare(a.ID.Sequence, b.ID.Sequence))
}

// paidByOthers is the part of benefit and employer in the price of a load.
func paidByOthers(e *validator.Event) int64 {
	return paidBy(e, fare.PayerBenefit) + paidBy(e, fare.PayerEmployer)
}
