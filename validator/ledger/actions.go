package ledger

import (
	"cmp"
	"slices"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// A Pickup is an action of a card that was done, or may have been: a load that counts once.
// The verdict is that of the transaction; Doubled also says that several transactions led
// the card on from the same action counter, which one card cannot do.
type Pickup struct {
	Card    cardlayout.Number
	Action  fare.Pickup // as the first of the events has it
	Verdict Verdict
	Events  []validator.Event // who claims it
}

// Pickups are the actions that the journals know of, by card and the counter expected.
// What the card has not committed is none; nor is what an unheard event claims beside one
// that is settled.
func (l *Ledger) Pickups() []Pickup {
	var all []Pickup
	for _, line := range l.Lines() {
		for _, e := range line.Events {
			for _, p := range e.Actions {
				if p.Left == 0 && line.Verdict != Undone {
					all = append(all, Pickup{line.Card, p, line.Verdict, []validator.Event{e}})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Pickup) int {
		return cmp.Or(cmp.Compare(a.Card, b.Card), cmp.Compare(a.Action.Expects, b.Action.Expects),
			cmp.Compare(a.rank(), b.rank()))
	})
	counted := all[:0]
	for _, p := range all {
		last := len(counted) - 1
		if last < 0 || counted[last].Card != p.Card ||
			counted[last].Action.Expects != p.Action.Expects {
			counted = append(counted, p)
			continue
		}
		counted[last].join(p)
	}
	return counted
}

// rank puts those that have been done before those that may have been.
func (p *Pickup) rank() int {
	if p.Verdict == InDoubt || p.Verdict == Open {
		return 1
	}
	return 0
}

// join adds another claim to the same action, of the same rank or a lower one.
func (p *Pickup) join(other Pickup) {
	switch {
	case p.rank() < other.rank():
		return // the card has had it by the other: this one was not committed
	case p.rank() == 0:
		p.Verdict = Doubled
	}
	p.Events = append(p.Events, other.Events...)
}
