package main

import (
	"context"
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/servicepoint"
)

type verifyCommand struct {
	Journal string `arg:"" help:"The journal, or a depot's export; - reads it."`
	Event   uint32 `help:"Only this event." placeholder:"N"`

	Keys   keyPath        `placeholder:"FILE" help:"Key file of the issuer; else the test keys."`
	Office backOfficeKeys `placeholder:"FILE" help:"The back office's key, or the test key."`
}

func (*verifyCommand) examples() string { return "bench verify journal --event 1" }

func (*verifyCommand) Help() string {
	return `Computes again, with the issuer's Transaction MAC key, what each card must have signed,
and compares it with what the card gave when it committed the event. Exit code 1 means that
an event is forged: no card of ours has committed it.

A journal of a running device must be copied first; what "depot export" has written is read in
its place. What a card has signed is sealed to the back office's key there: --office.`
}

func (c *verifyCommand) Run(ctx context.Context, b *bench) error {
	keys, err := c.Keys.proving(b)
	if err != nil {
		return err
	}
	intents := map[cardlayout.EventID]validator.Event{}
	forged, proved := 0, 0
	err = b.readJournal(ctx, c.Journal, false, c.Office, func(e journal.Entry) error {
		switch {
		case e.Kind == journal.Intent:
			intents[e.Event.ID] = e.Event
		case e.Kind == journal.Settle && (c.Event == 0 || c.Event == e.Of.Sequence):
			event := intents[e.Of]
			verdict := proof(event, e.TMAC, servicepoint.VerifyTMAC(keys))
			b.say("%s  card %s  %s", deviceEvent(&event), event.Card.Short(), verdict)
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
		return refusal(errReported)
	}
	return nil
}

const notGenuine = "forged: the card has not signed this"

func proof(e validator.Event, r desfire.TMAC,
	genuine func(validator.Event, desfire.TMAC) bool,
) string {
	switch {
	case len(e.TMI) == 0:
		return "not signed: the card has no Transaction MAC"
	case r == desfire.TMAC{}:
		return "not proved: the card's signature was lost"
	case genuine(e, r):
		return fmt.Sprintf("true: signed with transaction %d", r.TMC)
	}
	return notGenuine
}

// readJournal reads a journal, or what a depot has exported, to its end, with the identities of its
// cards.
func (b *bench) readJournal(ctx context.Context, path string, verify bool, keys backOfficeKeys,
	each func(journal.Entry) error,
) (err error) {
	office, err := keys.read()
	if err != nil {
		return err
	}
	open := func(e journal.Entry) error {
		if err := stopped(ctx); err != nil {
			return err
		}
		if err := office.Open(&e); err != nil {
			return sealed(fmt.Sprintf("%s: device %d", path, e.Event.ID.Device), err)
		}
		return each(e)
	}
	switch name, raw, err := b.exported(ctx, path); {
	case err != nil:
		return err
	case raw != nil:
		x := export{bench: b, name: name, each: open, counted: map[entryName][32]byte{}}
		return x.read(ctx, raw)
	}
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
	return j.Entries(0, open)
}

// sealed adds what to do to the error of a journal that was sealed with another key.
func sealed(path string, err error) error {
	if errors.Is(err, journal.ErrSealed) {
		return mistake(fmt.Errorf("%s: %w: give it with --office", path, err))
	}
	return err
}
