package ledger

import (
	"cmp"
	"slices"

	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// Cash is the cash that a shift's report could only show as open: the driver has taken it, or paid
// it back, for an unconfirmed commit. Amounts are cents.
type Cash struct {
	Shift    validator.Shift
	Settled  int64 // the card has it, as its device has found after the shift
	Presumed int64 // the card has it, according to its purse; both are the shift's
	Undone   int64 // the card does not have it: the payer is owed it
	Doubtful int64 // unknown
}

// OpenCash is the open cash of all shifts that have any, by device and number.
func (l *Ledger) OpenCash() (all []Cash) {
	shifts := map[validator.Shift]*Cash{}
	of := func(s validator.Shift) *Cash {
		if shifts[s] == nil {
			shifts[s] = &Cash{Shift: s}
		}
		return shifts[s]
	}
	l.addLate(of)
	l.addUnconfirmed(of)
	for _, shift := range shifts {
		all = append(all, *shift)
	}
	slices.SortFunc(all, func(a, b Cash) int {
		return cmp.Or(cmp.Compare(a.Shift.Begun.Device, b.Shift.Begun.Device),
			cmp.Compare(a.Shift.Begun.Sequence, b.Shift.Begun.Sequence),
			cmp.Compare(a.Shift.Driver, b.Shift.Driver))
	})
	return all
}

// addLate adds the results that devices have found after the shift.
func (l *Ledger) addLate(of func(validator.Shift) *Cash) {
	for _, c := range l.intents {
		switch amount := paidBy(&c.event, fare.PayerCustomer); {
		case amount == 0 || !c.late:
		case c.state == journal.Settle:
			of(c.event.Shift).Settled += amount
		case c.state == journal.Void:
			of(c.event.Shift).Undone += amount
		}
	}
}

// addUnconfirmed adds what no device has found, as far as the purses tell.
func (l *Ledger) addUnconfirmed(of func(validator.Shift) *Cash) {
	for _, line := range l.Lines() {
		for n := range line.Events {
			e := &line.Events[n]
			amount := paidBy(e, fare.PayerCustomer)
			if amount == 0 || line.Verdict.confirmed() {
				continue
			}
			switch shift := of(e.Shift); line.Verdict {
			case Presumed:
				shift.Presumed += amount
			case Undone:
				shift.Undone += amount
			default:
				shift.Doubtful += amount
			}
		}
	}
}

// confirmed reports whether a device has settled the event.
func (v Verdict) confirmed() bool {
	return v == Settled || v == Forged || v == Doubled || v == Unproved
}

// paidBy is the amount that one payer has paid for an event.
func paidBy(e *validator.Event, p fare.Payer) (sum int64) {
	for _, line := range e.Receipt {
		if line.Payer == p {
			sum += int64(line.Amount)
		}
	}
	return sum
}
