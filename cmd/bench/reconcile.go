package main

import (
	"context"
	"fmt"
	"strings"

	"leima/validator/journal"
	"leima/validator/ledger"
)

type reconcileCommand struct {
	Journals []string `arg:"" help:"The journals of all devices, copied from running ones."`

	Keys keyPath `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	All  bool    `help:"Also list what is in order."`
	JSON bool    `name:"json" help:"Write JSON, with whole card numbers."`
}

func (*reconcileCommand) examples() string {
	return "bench reconcile journal"
}

// Help implements kong.HelpProvider.
func (*reconcileCommand) Help() string {
	return `Orders the events of every card by its transaction counter and names what is not in
order:

  missing   it happened, and no journal here knows of it: a load, or a device left out
  doubled   several events claim one transaction: a copied card, or a journal that lies
  forged    the card has not signed it
  in doubt  it happened, and may have been this event, which was not heard
  undone    this event was not heard, and the card has not committed it
  open      this event was not heard, and its device has not met the card since
  presumed  its device has given this event up, and the purse says that it was this
  unproved  this event was not heard, and a load took the card's signature of it away

What was picked up from an action list is named, too, unless it was done once: doubled
says that several transactions led the card on from the same action counter.

Exit code 1 says that something is doubled or forged. The JSON has a line for each
transaction, with card, counter, verdict and events.`
}

// transactionAnswer is a transaction of a card, for a machine.
type transactionAnswer struct {
	Card    string       `json:"card"`
	Counter uint32       `json:"counter"`
	Verdict string       `json:"verdict"`
	Events  []*tapAnswer `json:"events"`
}

// Run adds up the journals.
func (c *reconcileCommand) Run(ctx context.Context, b *bench) error {
	keys, err := c.Keys.read(b)
	if err != nil {
		return err
	}
	l := ledger.Ledger{Genuine: keys.Genuine}
	for _, path := range c.Journals {
		err := readJournal(ctx, path, true, func(e journal.Entry) error {
			l.Add(e)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return c.tell(b, l.Lines(), l.Pickups())
}

func (c *reconcileCommand) tell(b *bench, lines []ledger.Line, pickups []ledger.Pickup) error {
	wrong, counts, answers := false, map[ledger.Verdict]int{}, []transactionAnswer{}
	for _, p := range pickups {
		wrong = wrong || p.Verdict == ledger.Doubled
		if (p.Verdict != ledger.Settled || c.All) && !c.JSON {
			b.say("%s", pickedUp(p))
		}
	}
	for _, line := range lines {
		counts[line.Verdict]++
		wrong = wrong || line.Verdict == ledger.Doubled || line.Verdict == ledger.Forged
		switch {
		case line.Verdict == ledger.Settled && !c.All:
		case c.JSON:
			answers = append(answers, transactionOf(line))
		default:
			b.say("%s", reconciled(line))
		}
	}
	if c.JSON {
		if err := b.json(answers); err != nil {
			return err
		}
	} else {
		b.say("%d transactions: %s", len(lines), counted(counts))
	}
	if wrong {
		return refusal(errTold)
	}
	return nil
}

func transactionOf(l ledger.Line) transactionAnswer {
	a := transactionAnswer{Card: digits(l.Card), Counter: l.Counter, Verdict: l.Verdict.String(),
		Events: []*tapAnswer{}}
	for n := range l.Events {
		a.Events = append(a.Events, tapOf(&l.Events[n]))
	}
	return a
}

func pickedUp(p ledger.Pickup) string {
	words := []string{fmt.Sprintf("card %s  action %d to %d  %v  %v", p.Card.Short(),
		p.Action.Expects, p.Action.Leaves, p.Verdict, p.Action)}
	for _, e := range p.Events {
		words = append(words, fmt.Sprintf("device %d event %d", e.ID.Device, e.ID.Sequence))
	}
	return strings.Join(words, "  ")
}

func reconciled(l ledger.Line) string {
	words := []string{fmt.Sprintf("card %s  transaction %d  %-8v",
		l.Card.Short(), l.Counter, l.Verdict)}
	for _, e := range l.Events {
		words = append(words, fmt.Sprintf("device %d event %d  charge %v",
			e.ID.Device, e.ID.Sequence, e.Charge))
	}
	return strings.TrimRight(strings.Join(words, "  "), " ")
}

func counted(counts map[ledger.Verdict]int) string {
	var words []string
	for v := ledger.Settled; v <= ledger.Unproved; v++ {
		if counts[v] > 0 || v == ledger.Settled {
			words = append(words, fmt.Sprintf("%d %v", counts[v], v))
		}
	}
	return strings.Join(words, ", ")
}
