package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// days is a bus on which cards with a birth date have travelled, and one was faulty.
const days = `card Aino  kind personal, group adult, born 1961-05-17, purse 10.00
card Leo  kind personal, group child, born 2017-11-03, purse 5.00
tap Aino
tap Leo
at +2h
bus trip=2
tear Leo after commit
tap Leo`

// A workday is what a bus has kept of its day, and the cards that it has met.
type workday struct {
	entries []journal.Entry
	cards   []servicepoint.Contents
}

func driven(t *testing.T) (d workday) {
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{
		Prices: (&runCommand{Tariffs: filepath.Join(repository, defaultTariffs)}).prices(""),
	})
	require.NoError(t, err)
	_, err = bus.Play(context.Background(), sim.Parse("days", days), nil)
	require.NoError(t, err)
	require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
		d.entries = append(d.entries, e)
		return nil
	}))
	for _, name := range []string{"Aino", "Leo"} {
		contents, err := bus.Inspect(name)
		require.NoError(t, err)
		require.NotZero(t, contents.Card.Birth)
		d.cards = append(d.cards, contents)
	}
	require.NoError(t, bus.Close())
	return d
}

const faultyCard = cardlayout.Number(924699001123456787)

// keep writes the day into a journal, sealed to a key if there is one.
func (d workday) keep(t *testing.T, path string, office journal.BackOfficeKey) {
	require.NoError(t, journal.Create(path, 9))
	j, err := journal.Open(path)
	require.NoError(t, err)
	if office != (journal.BackOfficeKey{}) {
		require.NoError(t, j.SealTo(office, nil))
	}
	for _, e := range d.entries {
		switch e.Kind {
		case journal.Intent:
			err = j.Begin(e.Event)
		case journal.Record:
			err = j.Record(e.Event)
		case journal.Settle:
			err = j.Settle(e.Of, e.TMAC)
		default:
			err = j.Void(e.Of)
		}
		require.NoError(t, err)
	}
	require.NoError(t, j.Record(validator.Event{
		ID: j.Next(), At: d.entries[0].Event.At,
		Reason: fare.FreeCard, PrintedNumber: faultyCard, Persons: 1, Rules: []fare.RuleID{58},
	}))
	require.NoError(t, j.Close())
}

// segment is the only one of a journal.
func segment(t *testing.T, path string) string {
	return read(t, filepath.Join(path, "00000000000000000001"))
}

// thief is what somebody finds in the files of a journal who has the bus's keys.
func (d workday) thief(t *testing.T, text string, bus cardlayout.Keys) (found []string) {
	t.Helper()
	raw := []byte(text)
	for _, c := range d.cards {
		for what, secret := range map[string][]byte{
			"number": fmt.Append(nil, uint64(c.Card.Number)), "UID": c.UID[:],
			"CBOR number": number8(c.Card.Number), "printed": number8(faultyCard),
		} {
			if bytes.Contains(raw, secret) {
				found = append(found, what)
			}
		}
		image := c.Image
		image.Whole = false
		for at := range len(raw) - len(image.Validation) {
			copy(image.Validation[:], raw[at:])
			if card, err := cardlayout.Decode(&image, bus); err == nil && card.Birth != 0 {
				found = append(found, "birth date")
			}
		}
	}
	return found
}

func number8(n cardlayout.Number) []byte {
	raw := make([]byte, 8)
	for k := range raw {
		raw[k] = byte(uint64(n) >> (56 - 8*k))
	}
	return raw
}

// Ensure that who takes a bus's journal and has all of its keys finds no birth date, no whole
// number and no UID, and that the same looks find all of these where nothing was sealed.
func TestThiefOfAJournal(t *testing.T) {
	folder(t)
	d, bus := driven(t), sim.TestKeys().Keys
	bus.Holder = nil
	d.keep(t, "open", journal.BackOfficeKey{})
	for _, what := range []string{"CBOR number", "UID", "birth date", "printed"} {
		require.Contains(t, d.thief(t, segment(t, "open"), bus), what)
	}
	done(t, "journal", "key", "new", "office.pem")
	key, err := backOfficeKey("office.pem")
	require.NoError(t, err)
	d.keep(t, "sealed", journal.BackOfficePublic(key))
	require.Empty(t, d.thief(t, segment(t, "sealed"), bus))
	for _, args := range [][]string{{"journal", "show", "sealed", "--json"}, {
		"journal", "show",
		"sealed",
	}, {"journal", "export", "sealed"}, {"journal", "export", "sealed", "--format", "cbor"}} {
		require.Empty(t, d.thief(t, done(t, args...), bus), args)
	}
}

// Ensure that the back office does with its private key all that it did before, with keys of
// other years beside it, and that without it every command says what it wants.
func TestBackOfficeReads(t *testing.T) {
	folder(t, "oulu.toml")
	d := driven(t)
	d.keep(t, "open", journal.BackOfficeKey{})
	done(t, "journal", "key", "new", "office.pem")
	done(t, "journal", "key", "new", "other.pem")
	public := strings.TrimSpace(done(t, "journal", "key", "show", "office.pem"))
	var office journal.BackOfficeKey
	require.NoError(t, office.UnmarshalText([]byte(public)))
	d.keep(t, "sealed", office)
	for _, args := range [][]string{
		{"verify"},
		{"reconcile", "--all"},
		{"reconcile", "--all", "--json"},
		{"journal", "show"},
		{"journal", "show", "--json"},
		{"journal", "export"},
		{"faulty", fmt.Sprint(uint64(faultyCard)), "--tariff", "oulu.toml", "--at", "2026-03-12 08:00"},
	} {
		before := tool(t, "", append(args, "open")...)
		require.Zero(t, before.code, before.err)
		after := tool(t, "", append(args, "sealed", "--office", "other.pem", "--office", "office.pem")...)
		require.Zero(t, after.code, after.err)
		require.Equal(t, withoutHashes(before.out), withoutHashes(after.out), args)
		wrong := tool(t, "", append(args, "sealed", "--office", "other.pem")...)
		require.Equal(t, exitUsage, wrong.code, args)
		require.Contains(t, wrong.err, "give it with --office")
		if args[0] != "journal" {
			require.Equal(t, exitUsage, tool(t, "", append(args, "sealed")...).code, args)
		}
	}
	shown := done(t, "journal", "show", "sealed")
	require.Contains(t, shown, "card "+d.cards[0].Card.Number.Short())
	require.Contains(t, shown, "balance 7.49")
	require.Contains(t, done(t, "journal", "show", "sealed", "--json"), `"text": "`)
}

// withoutHashes is JSON or text of a journal without what its bytes come to.
func withoutHashes(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, `"hash"`) {
			kept = append(kept, line)
		} else if at := strings.Index(line, `,"hash"`); at > 0 {
			kept = append(kept, line[:at])
		}
	}
	return strings.Join(kept, "")
}
