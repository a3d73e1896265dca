package main

import (
	"fmt"
	"strings"
	"time"

	"leima/validator"
	"leima/validator/ledger"
)

// A reconciliation shows the result of combining journals.
type reconciliation struct {
	*bench
	all, json bool // also what is in order; as JSON
	wrong     bool
	answers   []any // as JSON
}

// The JSON of a reconciliation.
type (
	// transactionAnswer is a transaction of a card, or a run of missing ones.
	transactionAnswer struct {
		Card         string       `json:"card"`
		Counter      uint32       `json:"counter"`
		Last         uint32       `json:"last,omitempty"`
		Transactions uint64       `json:"transactions,omitempty"`
		Verdict      string       `json:"verdict"`
		Events       []*tapAnswer `json:"events"`
	}

	// paymentAnswer is a payment by a benefit or an employer.
	paymentAnswer struct {
		Reference string      `json:"reference"`
		Employer  uint32      `json:"employer,omitempty"`
		Verdict   string      `json:"verdict"`
		Uses      []useAnswer `json:"uses"`
	}

	useAnswer struct {
		Verdict     string     `json:"verdict"`
		AmountCents int64      `json:"amount_cents"`
		Event       *tapAnswer `json:"event"`
	}

	// cashAnswer is the open cash of a shift.
	cashAnswer struct {
		Shift         *shiftAnswer `json:"shift"`
		Verdict       string       `json:"verdict"`
		SettledCents  int64        `json:"settled_cents"`
		PresumedCents int64        `json:"presumed_cents"`
		UndoneCents   int64        `json:"undone_cents"`
		DoubtfulCents int64        `json:"in_doubt_cents"`
	}
)

// actions shows the actions.
func (r *reconciliation) actions(all []ledger.Action) {
	for _, p := range all {
		r.wrong = r.wrong || p.Verdict == ledger.Doubled
		if (p.Verdict != ledger.Settled || r.all) && !r.json {
			r.say("%s", actionLine(p))
		}
	}
}

// lines shows the transactions.
func (r *reconciliation) lines(all []ledger.Line) {
	counts, sum := map[ledger.Verdict]uint64{}, uint64(0)
	for _, line := range all {
		counts[line.Verdict] += line.Transactions()
		sum += line.Transactions()
		r.wrong = r.wrong || line.Verdict == ledger.Doubled || line.Verdict == ledger.Forged
		switch {
		case line.Verdict == ledger.Settled && !r.all:
		case r.json:
			r.answers = append(r.answers, transactionOf(line))
		default:
			r.say("%s", reconciled(line))
		}
	}
	if !r.json {
		r.say("%d transactions: %s", sum, counted(counts))
	}
}

// payments shows the payments of benefits and employers.
func (r *reconciliation) payments(all []ledger.Payment) {
	for _, p := range all {
		r.wrong = r.wrong || p.Twice()
		if r.json {
			r.answers = append(r.answers, paymentOf(&p))
			continue
		}
		if p.Employer != 0 {
			r.say("employer %d  reference %s  %s", p.Employer, p.Reference, paymentVerdict(&p))
		} else {
			r.say("benefit  reference %s  %s", p.Reference, paymentVerdict(&p))
		}
		for _, u := range p.Uses {
			r.say("    card %s  %s paid  %v  %s  %s", u.Event.Card.Short(), cents(u.Amount),
				u.Verdict, u.Event.At.Format(time.RFC3339), deviceEvent(&u.Event))
		}
	}
}

// cash shows the open cash of shifts.
func (r *reconciliation) cash(all []ledger.Cash) {
	for _, c := range all {
		if r.json {
			r.answers = append(r.answers, cashAnswer{
				shiftOf(&c.Shift), "open cash", c.Settled,
				c.Presumed, c.Undone, c.Doubtful,
			})
			continue
		}
		since := ""
		if c.Settled != 0 {
			since = fmt.Sprintf(", %s settled since", cents(c.Settled))
		}
		r.say("driver %d  shift %d-%d  open cash  %s presumed, %s undone, %s in doubt%s",
			c.Shift.Driver, c.Shift.Begun.Device, c.Shift.Begun.Sequence, cents(c.Presumed),
			cents(c.Undone), cents(c.Doubtful), since)
	}
}

// paymentVerdict is what the back office has to do about a payment.
func paymentVerdict(p *ledger.Payment) string {
	switch {
	case p.Twice():
		return "used twice"
	case p.Employer != 0:
		return "ordered"
	}
	return "to be matched"
}

func paymentOf(p *ledger.Payment) paymentAnswer {
	a := paymentAnswer{p.Reference, p.Employer, paymentVerdict(p), []useAnswer{}}
	for n := range p.Uses {
		u := &p.Uses[n]
		a.Uses = append(a.Uses, useAnswer{u.Verdict.String(), u.Amount, tapOf(&u.Event)})
	}
	return a
}

func transactionOf(l ledger.Line) transactionAnswer {
	a := transactionAnswer{
		Card: digits(l.Card), Counter: l.Counter, Verdict: l.Verdict.String(),
		Events: []*tapAnswer{},
	}
	if l.Last != l.Counter {
		a.Last, a.Transactions = l.Last, l.Transactions()
	}
	for n := range l.Events {
		a.Events = append(a.Events, tapOf(&l.Events[n]))
	}
	return a
}

func actionLine(p ledger.Action) string {
	words := []string{fmt.Sprintf("card %s  action %d to %d  %v  %v", p.Card.Short(),
		p.Action.Expects, p.Action.Leaves, p.Verdict, p.Action)}
	for n := range p.Events {
		words = append(words, deviceEvent(&p.Events[n]))
	}
	return strings.Join(words, "  ")
}

func reconciled(l ledger.Line) string {
	which := fmt.Sprintf("transaction %d", l.Counter)
	if l.Last != l.Counter {
		which = fmt.Sprintf("transactions %d to %d (%d)", l.Counter, l.Last, l.Transactions())
	}
	words := []string{fmt.Sprintf("card %s  %s  %-8v", l.Card.Short(), which, l.Verdict)}
	for n := range l.Events {
		e := &l.Events[n]
		words = append(words, fmt.Sprintf("%s  charge %v", deviceEvent(e), e.Charge))
		if e.Added != 0 {
			words = append(words, fmt.Sprintf("added %v", e.Added))
		}
	}
	return strings.TrimRight(strings.Join(words, "  "), " ")
}

// deviceEvent is an event's device and number.
func deviceEvent(e *validator.Event) string {
	return fmt.Sprintf("device %d event %d", e.ID.Device, e.ID.Sequence)
}

func counted(counts map[ledger.Verdict]uint64) string {
	var words []string
	for v := ledger.Settled; v <= ledger.Unproved; v++ {
		if counts[v] > 0 || v == ledger.Settled {
			words = append(words, fmt.Sprintf("%d %v", counts[v], v))
		}
	}
	return strings.Join(words, ", ")
}

// cents formats a sum, which may overflow a Cents.
func cents(sum int64) string {
	whole, rest := sum/100, sum%100
	sign := ""
	if sum < 0 {
		sign, whole, rest = "-", -whole, -rest
	}
	return fmt.Sprintf("%s%d.%02d", sign, whole, rest)
}
