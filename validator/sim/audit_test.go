package sim

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
)

// audited is a bus whose one passenger, Aino, has paid once under the audit's eyes.
func audited(t *testing.T) (*Audit, cardlayout.Card, validator.Outcome) {
	t.Helper()
	bus, err := NewBus(t.TempDir(), Setup{Prices: func(name string) (tariff.Source, error) {
		text, err := os.ReadFile("../../testdata/tariffs/" + name + ".toml")
		return tariff.Source{File: name, TOML: text}, err
	}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	_, err = bus.Play(context.Background(), Parse("test", "card Aino  kind company, purse 10.00"), nil)
	require.NoError(t, err)
	a, err := NewAudit(bus)
	require.NoError(t, err)
	o, err := a.Tap(context.Background(), "Aino", emu.Tear{})
	require.NoError(t, err)
	contents, err := a.Inspect("Aino")
	require.NoError(t, err)
	return a, contents.Card, o
}

// Ensure that the audit sees each of the things it is there for.
func TestAuditSees(t *testing.T) {
	a, card, o := audited(t)
	require.NoError(t, a.Books(card))

	again := o
	again.Ending = validator.TryAgain
	require.ErrorContains(t, silence(again, false), "silence")
	require.NoError(t, silence(o, false))

	other := card
	other.Last.Sequence++
	require.ErrorContains(t, a.truth(o, other), "truth")
	lie := o
	lie.Event.ID.Sequence++
	require.ErrorContains(t, a.truth(lie, other), "has not settled")

	twice := o
	twice.Event.At = o.Event.At.Add(5)
	require.ErrorContains(t, a.once(twice, card), "once")

	blocked := card
	blocked.Blocked = true
	require.ErrorContains(t, blocks(o, blocked), "blocks")
	blocked.Kind = cardlayout.Bearer
	require.NoError(t, blocks(o, blocked))

	unblocking := o
	unblocking.Event.Actions = []fare.Pickup{{Leaves: 1, Kind: fare.UnblockAction}}
	blocked.Kind = cardlayout.Company
	require.NoError(t, blocks(unblocking, blocked))
	unblocking.Event.Actions[0].Left = fare.LeftCounter
	require.ErrorContains(t, blocks(unblocking, blocked), "blocks")

	richer, further, acted := card, card, card
	richer.Purse++
	further.Counter++
	acted.Actions++
	require.ErrorContains(t, a.Books(acted), "actions")
	require.ErrorContains(t, a.Books(richer), "money")
	require.ErrorContains(t, a.Books(further), "counters")
}

// Ensure that the audit sees a load that the journal knows and the card has not, one that
// was done twice, and none in what was left.
func TestAuditSeesActions(t *testing.T) {
	load := fare.Pickup{Expects: 4, Leaves: 6, Kind: fare.ValueAction, Amount: 2000}
	left := load
	left.Left = fare.LeftRoom
	settled := func(all ...fare.Pickup) map[cardlayout.EventID]validator.Event {
		events := map[cardlayout.EventID]validator.Event{}
		for n, p := range all {
			events[cardlayout.EventID{Sequence: uint32(n)}] = validator.Event{Actions: []fare.Pickup{p}}
		}
		return events
	}
	book := &account{actions: 4}
	require.NoError(t, book.pickedUp(cardlayout.Card{Actions: 6}, settled(load, left)))
	require.NoError(t, book.pickedUp(cardlayout.Card{Actions: 4}, settled(left)))
	require.ErrorContains(t, book.pickedUp(cardlayout.Card{Actions: 4}, settled(load)), "leads to 6")
	require.ErrorContains(t, book.pickedUp(cardlayout.Card{Actions: 6}, settled(load, load)), "twice")
}

// Ensure that the audit sees an intent that nobody closed, and a settled event that the
// card has not signed.
func TestAuditSeesTheJournal(t *testing.T) {
	a, card, o := audited(t)
	open := o
	open.Event.ID = a.Journal.Next()
	event := o.Event
	event.ID = open.Event.ID
	require.NoError(t, a.Journal.Begin(event))
	open.Err = nil
	require.ErrorContains(t, a.order(open, card), "order")

	require.NoError(t, a.Journal.Settle(event.ID, desfire.Receipt{}))
	_, err := a.settled(card.Number)
	require.ErrorContains(t, err, "signatures")
}
