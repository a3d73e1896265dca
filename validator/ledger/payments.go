package ledger

import (
	"cmp"
	"crypto/sha256"
	"slices"

	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// A Payment is a reference that somebody else than the customer has paid by, with the loads
// for which it was used: those that the cards have, or may have. The provider's receipt, or
// the employer's order, is matched with it.
type Payment struct {
	Employer  uint32 // who has ordered, perhaps several loads; 0: a benefit, which pays one
	Reference string // as it was typed for the first of them
	Uses      []Use
}

// A Use is a load that a payment was used for. What is not known to be on the card may be.
type Use struct {
	Event   validator.Event
	Verdict Verdict
	Amount  int64 // that the benefit or the employer has paid, in cents
}

// Twice reports whether a benefit was used for more loads than the one that it pays.
func (p *Payment) Twice() bool { return p.Employer == 0 && len(p.Uses) > 1 }

// Payments are all of them: by employer, and then by the first event. What was void, undone,
// or taken back, has used nothing.
func (l *Ledger) Payments() (all []Payment) {
	type payment struct {
		employer uint32
		key      [sha256.Size]byte
	}
	uses := map[payment][]Use{}
	for _, line := range l.Lines() {
		for _, e := range line.Events {
			if e.Benefit != "" && line.Verdict != Undone {
				of := payment{e.Employer, journal.PaymentKey(e.Benefit)}
				uses[of] = append(uses[of], Use{e, line.Verdict, paidByOthers(&e)})
			}
		}
	}
	for of, used := range uses {
		slices.SortFunc(used, func(a, b Use) int { return byEvent(&a.Event, &b.Event) })
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

// notTakenBack are the uses of one payment without those that their device has taken back
// from the same card, and without the takings back: each takes back the load before it.
func notTakenBack(uses []Use) (kept []Use) {
	for _, u := range uses {
		if u.Event.Reason != fare.LoadTakenBack {
			kept = append(kept, u)
			continue
		}
		if u.Verdict == InDoubt || u.Verdict == Open {
			continue // the load may be on the card still
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

// paidByOthers is what benefit and employer have paid of a load.
func paidByOthers(e *validator.Event) int64 {
	return paidBy(e, fare.TheBenefit) + paidBy(e, fare.TheEmployer)
}
