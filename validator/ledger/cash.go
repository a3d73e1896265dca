package ledger

import (
	"cmp"
	"slices"

	"leima/fare"
	"leima/validator"
)

// Cash is what a shift's report could only call open: a driver has taken it, or given it back,
// for what was not heard. Amounts are cents.
type Cash struct {
	Shift    validator.Shift
	Presumed int64 // the card has it: it is the shift's
	Undone   int64 // the card has it not: whoever has paid is owed it
	Doubtful int64 // nothing tells
}

// OpenCash is the open cash of all shifts that have some, by device and number.
func (l *Ledger) OpenCash() (all []Cash) {
	shifts := map[validator.Shift]*Cash{}
	for _, line := range l.Lines() {
		for n := range line.Events {
			e := &line.Events[n]
			amount := paidBy(e, fare.TheCustomer)
			if amount == 0 || line.Verdict.heard() {
				continue
			}
			if shifts[e.Shift] == nil {
				shifts[e.Shift] = &Cash{Shift: e.Shift}
			}
			switch of := shifts[e.Shift]; line.Verdict {
			case Presumed:
				of.Presumed += amount
			case Undone:
				of.Undone += amount
			default:
				of.Doubtful += amount
			}
		}
	}
	for _, of := range shifts {
		all = append(all, *of)
	}
	slices.SortFunc(all, func(a, b Cash) int {
		return cmp.Or(cmp.Compare(a.Shift.Begun.Device, b.Shift.Begun.Device),
			cmp.Compare(a.Shift.Begun.Sequence, b.Shift.Begun.Sequence),
			cmp.Compare(a.Shift.Driver, b.Shift.Driver))
	})
	return all
}

// heard reports whether a device has settled the event.
func (v Verdict) heard() bool {
	return v == Settled || v == Forged || v == Doubled || v == Unproved
}

// paidBy is what one payer has paid of an event.
func paidBy(e *validator.Event, p fare.Payer) (sum int64) {
	for _, line := range e.Receipt {
		if line.Payer == p {
			sum += int64(line.Amount)
		}
	}
	return sum
}
