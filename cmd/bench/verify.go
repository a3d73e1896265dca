package main

import (
	"context"
	"errors"
	"fmt"

	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

type verifyCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`
	Event   uint32 `help:"Only this event." placeholder:"N"`

	Keys keyPath `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
}

func (*verifyCommand) examples() string { return "bench verify journal --event 1" }

// Help implements kong.HelpProvider.
func (*verifyCommand) Help() string {
	return `Computes anew, with the issuer's Transaction MAC key, what each card must have signed,
and compares it with what the card gave when it committed the event. Exit code 1 says that
an event is forged: no card of ours has committed it.`
}

// Run proves the events.
func (c *verifyCommand) Run(ctx context.Context, b *bench) error {
	keys, err := c.Keys.read(b)
	if err != nil {
		return err
	}
	intents := map[uint32]validator.Event{}
	forged, proved := 0, 0
	err = readJournal(ctx, c.Journal, false, func(e journal.Entry) error {
		switch {
		case e.Kind == journal.Intent:
			intents[e.Event.ID.Sequence] = e.Event
		case e.Kind == journal.Settle && (c.Event == 0 || c.Event == e.Of.Sequence):
			event := intents[e.Of.Sequence]
			verdict := proof(event, e.Receipt, keys.Genuine)
			b.say("event %d  card %s  %s", e.Of.Sequence, event.Card.Short(), verdict)
			proved++
			if verdict == notGenuine {
				forged++
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case proved == 0 && c.Event != 0:
		return fmt.Errorf("%s: event %d is not settled: there is nothing to prove",
			c.Journal, c.Event)
	case forged > 0:
		return refusal(errTold)
	}
	return nil
}

const notGenuine = "forged: the card has not signed this"

func proof(e validator.Event, r desfire.Receipt,
	genuine func(validator.Event, desfire.Receipt) bool,
) string {
	switch {
	case len(e.Signed) == 0:
		return "not signed: the card has no Transaction MAC"
	case r == desfire.Receipt{}:
		return "not proved: the card's signature was lost"
	case genuine(e, r):
		return fmt.Sprintf("true: signed with transaction %d", r.TMC)
	}
	return notGenuine
}

// readJournal opens a journal and reads it to its end.
func readJournal(ctx context.Context, path string, verify bool,
	each func(journal.Entry) error,
) (err error) {
	j, err := openToRead(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if verify {
		if err := j.Verify(nil); err != nil {
			return refusal(err)
		}
	}
	return j.Entries(0, func(e journal.Entry) error {
		if err := stopped(ctx); err != nil {
			return err
		}
		return each(e)
	})
}
