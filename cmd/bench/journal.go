package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"leima/validator"
	"leima/validator/journal"
)

type journalCommand struct {
	Show   journalShowCommand   `cmd:"" help:"Show the entries of a journal."`
	Verify journalVerifyCommand `cmd:"" help:"Verify that nothing was changed."`
	Export journalExportCommand `cmd:"" help:"Export entries as JSON or CBOR."`
	Ack    journalAckCommand    `cmd:"" help:"Acknowledge entries that are kept elsewhere."`
}

type journalShowCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`

	Verify bool `help:"Verify that nothing was changed since it was written."`
	JSON   bool `name:"json" help:"Write JSON, with whole card numbers."`
}

func (*journalShowCommand) examples() string {
	return "bench journal show journal --verify"
}

// Help implements kong.HelpProvider.
func (*journalShowCommand) Help() string {
	return `Prints a line for each entry. Only the last digits of card numbers are shown; the
JSON has them whole. With --verify the chain of hashes is followed: exit code 1 says that
the journal is not as it was written.

A validator that runs keeps its journal to itself: copy the file and the folder of its
archives beside it, and show the copy.

The JSON has the fields device, entries, open (the intents of which nobody knows yet what
became of them) and hash (of the last entry).`
}

// Run shows the journal.
func (c *journalShowCommand) Run(ctx context.Context, b *bench) error {
	j, err := openToRead(c.Journal)
	if err != nil {
		return c.explain(err)
	}
	defer j.Close()
	if c.Verify {
		if err := j.Verify(nil); err != nil {
			return c.explain(err)
		}
	}
	answer := journalAnswer{Device: j.Next().Device, Open: j.Unresolved(),
		Entries: []entryAnswer{}}
	err = j.Entries(0, func(e journal.Entry) error {
		answer.Hash = hex.EncodeToString(e.Hash[:])
		if c.JSON {
			answer.Entries = append(answer.Entries, entryOf(e))
		} else {
			b.say("%s", entryLine(e))
		}
		return stopped(ctx)
	})
	if err != nil {
		return c.explain(err)
	}
	if c.JSON {
		return b.json(answer)
	}
	c.sum(b, answer, j.Next().Sequence-1)
	return nil
}

func (c *journalShowCommand) sum(b *bench, a journalAnswer, events uint32) {
	b.say("device %d, %d events, %d open", a.Device, events, a.Open)
	if c.Verify {
		b.say("verified: every entry is as it was written, up to hash %s", orNone(a.Hash))
	}
}

// openToRead opens a journal without changing it. Of one that is in use it says how to
// come by it all the same.
func openToRead(path string) (*journal.Journal, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, unreadable(path, err)
	}
	j, err := journal.OpenToRead(path)
	if errors.Is(err, journal.ErrInUse) {
		return nil, fmt.Errorf("%w; that of a running validator must be copied first, with its "+
			"archives: cp -r %s* copy/", err, path)
	}
	return j, err
}

// explain says of a damaged journal what was found.
func (c *journalShowCommand) explain(err error) error {
	if errors.Is(err, journal.ErrDamaged) && c.Verify {
		return refusal(err)
	}
	return err
}

// entryLine is an entry in one line.
func entryLine(e journal.Entry) string {
	words := []string{fmt.Sprintf("%6d  %-6s", e.Position, e.Kind)}
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if e.Kind != journal.Intent && e.Kind != journal.Record {
		add("event %d", e.Of.Sequence)
		if e.Receipt.TMC != 0 {
			add("signature %d %x", e.Receipt.TMC, e.Receipt.TMV)
		}
		return strings.Join(words, "  ")
	}
	addEvent(&e.Event, add)
	return strings.Join(words, "  ")
}

func addEvent(e *validator.Event, add func(string, ...any)) {
	add("event %d", e.ID.Sequence)
	add("%s", e.At.Format(time.RFC3339))
	switch {
	case e.Estimated:
		add("estimated")
	case e.Kept:
		add("kept")
	}
	add("line %s stop %s", orNone(e.Place.Line), orNone(e.Place.Stop))
	if e.Card != 0 {
		add("card %s", e.Card.Short())
	}
	if e.Reason != 0 {
		add("%v", e.Reason)
	}
	if e.Charge != 0 {
		add("charge %v", e.Charge)
	}
	addMoney(e, add)
	for _, p := range e.Actions {
		add("%v", p)
	}
	if e.Persons > 1 {
		add("%d persons", e.Persons)
	}
	if rules := rulesOf(e); len(rules) > 0 {
		add("%s", strings.Join(rules, " "))
	}
	if e.Shift != (validator.Shift{}) {
		add("%v", e.Shift)
	}
	if e.Driver != "" {
		add("driver %s", e.Driver)
	}
	if e.Printed != 0 {
		add("printed %s", e.Printed.Short())
	}
	if e.Fault != "" {
		add("fault %s", e.Fault)
	}
}

// addMoney tells what came into the purse, what it holds and who has paid.
func addMoney(e *validator.Event, add func(string, ...any)) {
	if e.Added != 0 {
		add("added %v", e.Added)
	}
	switch {
	case e.Card == 0:
	case e.Unread:
		add("balance not read")
	default:
		add("balance %v", e.Balance)
	}
	for _, l := range e.Receipt {
		add("%v", l)
	}
	if e.Benefit != "" {
		add("reference %s", e.Benefit)
	}
	if e.Employer != 0 {
		add("employer %d", e.Employer)
	}
	if e.Again {
		add("alike to a load before")
	}
}

func rulesOf(e *validator.Event) (rules []string) {
	for _, rule := range e.Rules {
		rules = append(rules, rule.String())
	}
	return rules
}
