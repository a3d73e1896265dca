package main

import (
	"context"

	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/servicepoint"
)

type reconcileCommand struct {
	Journals []string `arg:"" help:"The journals of all devices, or a depot's export; - reads it."`

	Keys   keyPath        `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	Office backOfficeKeys `placeholder:"FILE" help:"The back office's key, or the test key."`
	All    bool           `help:"Also list what is in order."`
	JSON   bool           `name:"json" help:"Write JSON, with whole card numbers."`
}

func (*reconcileCommand) examples() string {
	return "bench reconcile journal"
}

func (*reconcileCommand) Help() string {
	return `Orders the events of every card by its transaction counter and names what is not in
order:

  missing   it happened, and no journal here knows of it: a load, or a device left out
  doubled   several events claim one transaction: a copied card, or a journal that lies
  forged    the card has not signed it
  in doubt  it happened, and may have been this event, which was not heard
  undone    this event was not heard, and the card has not committed it
  open      this event was not heard, and its device has not met the card since
  presumed  this event was not heard, and the purse says that it was this: a driver's load,
            or what its device has given up
  unproved  this event was not heard, and a load took the card's signature of it away

Missing transactions that follow each other are one line. What was picked up from an action
list is named, too, unless it was done once: doubled says that several transactions led the
card on from the same action counter.

Then come the benefits' references, with the loads that they have paid: to be matched with
the provider's receipts, and used twice where two loads say that they were paid by one; the
employers' orders, with the loads for each; and of every shift the cash for what was not
heard, which its report called open.

A journal of a running device must be copied first. What "depot export" has written, of one
device or of all, is read in its place, as a file or from the standard input (-), and comes to
the same; of a device with two journals the first to come counts, and the other is named.

Whose card an event is of is sealed to the back office's key in the journals of buses: --office
opens it, and may be given again for the keys of other years.

Exit code 1 says that something is doubled or forged, or a reference used twice. The JSON has
an object for each of these: card, counter, last and transactions of a run, verdict and
events; reference, employer, verdict and uses; shift, verdict and the amounts.`
}

func (c *reconcileCommand) Run(ctx context.Context, b *bench) error {
	keys, err := c.Keys.proving(b)
	if err != nil {
		return err
	}
	l := ledger.Ledger{Genuine: servicepoint.VerifyTMAC(keys)}
	for _, path := range c.Journals {
		err := b.readJournal(ctx, path, true, c.Office, func(e journal.Entry) error {
			l.Add(e)
			return nil
		})
		if err != nil {
			return err
		}
	}
	r := reconciliation{bench: b, all: c.All, json: c.JSON, answers: []any{}}
	r.actions(l.Actions())
	r.lines(l.Lines())
	r.payments(l.Payments())
	r.cash(l.OpenCash())
	if c.JSON {
		if err := b.json(r.answers); err != nil {
			return err
		}
	}
	if r.wrong {
		return refusal(errReported)
	}
	return nil
}
