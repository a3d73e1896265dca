package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	Key    journalKeyCommands   `cmd:"" help:"The back office's key, to which devices seal."`
}

type journalShowCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`

	Office backOfficeKeys `placeholder:"FILE" help:"The back office's key, or the test key."`
	Verify bool           `help:"Verify that nothing was changed since it was written."`
	JSON   bool           `name:"json" help:"Write JSON, with whole card numbers."`
}

func (*journalShowCommand) examples() string {
	return "bench journal show journal --verify"
}

func (*journalShowCommand) Help() string {
	return `Prints a line for each entry. Only the last digits of card numbers are shown; the
JSON has them whole. With --verify the chain of hashes is followed: exit code 1 says that
the journal is not as it was written.

Whose card an event is of is sealed to the back office's key, on a bus. Without that key
--office such an event shows the last digits alone, and the JSON has it sealed.

A validator that runs keeps its journal to itself: copy the folder and the file of its heads
beside it, and show the copy.

The JSON has the fields device, entries, open (the intents whose
result is unknown) and hash (of the last entry).`
}

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
	answer := journalAnswer{
		Device: j.Next().Device, Open: j.Unresolved(),
		Entries: []entryAnswer{},
	}
	office, err := c.Office.read()
	if err != nil {
		return err
	}
	err = j.Entries(0, func(e journal.Entry) error {
		if err := office.Open(&e); err != nil && len(c.Office) > 0 {
			return sealed(c.Journal, err)
		}
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

// openToRead opens a journal without changing it. If it is in use, the error says how to read it
// nevertheless.
func openToRead(path string) (*journal.Journal, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, unreadable(path, err)
	}
	if err := misnamed(path); err != nil {
		return nil, mistake(err)
	}
	j, err := journal.OpenToRead(path)
	if errors.Is(err, journal.ErrInUse) {
		return nil, fmt.Errorf("%w; that of a running validator must be copied first, with its "+
			"heads: cp -r %s* copy/", err, path)
	}
	return j, err
}

// misnamed says of a path that it is not a journal's, but near one, or what a depot has.
func misnamed(path string) error {
	depot := strings.TrimSuffix(filepath.Clean(path), "/store")
	_, none := os.Stat(filepath.Join(depot, "depot.toml"))
	raw, _ := os.ReadFile(path) // of a folder nothing
	_, _, other := journal.ReadItem(raw)
	switch within := filepath.Join(path, "journal"); {
	case journal.Exists(within):
		return fmt.Errorf("%s is a folder: name the journal in it, such as %s", path, within)
	case none == nil:
		return fmt.Errorf("%s is a depot's: \"depot export %s\" writes what it holds, for "+
			"reconcile and verify", path, depot)
	case other == nil:
		return fmt.Errorf("%s is an export: reconcile, verify and faulty read it; the others read "+
			"a device's own journal", path)
	}
	return nil
}

// explain adds the details of a damaged journal.
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
		if e.TMAC.TMC != 0 {
			add("signature %d %x", e.TMAC.TMC, e.TMAC.TMV)
		}
		return strings.Join(words, "  ")
	}
	addEvent(&e, add)
	return strings.Join(words, "  ")
}

func addEvent(entry *journal.Entry, add func(string, ...any)) {
	e := &entry.Event
	add("event %d", e.ID.Sequence)
	add("%s", e.At.Format(time.RFC3339))
	switch {
	case e.Estimated:
		add("estimated")
	case e.Synchronized:
		add("kept")
	}
	add("line %s stop %s", orNone(e.Place.Line), orNone(e.Place.Stop))
	switch {
	case e.Card != 0:
		add("card %s", e.Card.Short())
	case entry.Sealed != nil && entry.Sealed.Short != "":
		add("card %s", entry.Sealed.Short)
	}
	if e.Reason != 0 {
		add("%v", e.Reason)
	}
	if e.Charge != 0 {
		add("charge %v", e.Charge)
	}
	addMoney(entry, add)
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
	if e.Command != "" {
		add("driver %s", e.Command)
	}
	if e.PrintedNumber != 0 {
		add("printed %s", e.PrintedNumber.Short())
	}
	if e.Fault != "" {
		add("fault %s", e.Fault)
	}
}

// addMoney adds the change of the purse, its content and the payers.
func addMoney(entry *journal.Entry, add func(string, ...any)) {
	e := &entry.Event
	if e.Added != 0 {
		add("added %v", e.Added)
	}
	switch {
	case e.Card == 0 && (entry.Sealed == nil || entry.Sealed.Short == ""):
	case e.BalanceUnknown:
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
	if e.Ambiguous {
		add("alike to a load before")
	}
}

func rulesOf(e *validator.Event) (rules []string) {
	for _, rule := range e.Rules {
		rules = append(rules, rule.String())
	}
	return rules
}
