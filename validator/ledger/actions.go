package ledger

import (
	"cmp"
	"slices"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/validator"
)

// An Action is an action of the action list that was done on a card, or may have been. The verdict
// is that of the transaction; Doubled also means that several transactions started from the same
// action counter, which is impossible for one card.
type Action struct {
	Card    cardlayout.Number
	Action  sale.ActionResult // as in the first of the events
	Verdict Verdict
	Events  []validator.Event // that claim it
}

// Actions are the actions in the journals, by card and expected counter. What the card has not
// committed does not count; nor does the claim of an unconfirmed event beside a settled one.
func (l *Ledger) Actions() []Action {
	var all []Action
	for _, line := range l.Lines() {
		for _, e := range line.Events {
			for _, p := range e.Actions {
				if p.Status == 0 && line.Verdict != Undone {
					all = append(all, Action{line.Card, p, line.Verdict, []validator.Event{e}})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Action) int {
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

// rank orders actions that were done before those that may have been.
func (p *Action) rank() int {
	if p.Verdict == InDoubt || p.Verdict == Open {
		return 1
	}
	return 0
}

// join adds another claim to the same action, of the same rank or a lower one.
func (p *Action) join(other Action) {
	switch {
	case p.rank() < other.rank():
		return // the card has it from the other event: this one was not committed
	case p.rank() == 0:
		p.Verdict = Doubled
	}
	p.Events = append(p.Events, other.Events...)
}
