package sim

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
)

// audited is a bus whose one passenger, Aino, has paid once under the audit's eyes.
func audited(t *testing.T) (*Audit, cardlayout.Card, validator.Outcome) {
	t.Helper()
	bus, err := NewBus(t.TempDir(), Setup{Prices: faretest.Source})
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
	t.Parallel()
	a, card, o := audited(t)
	require.NoError(t, a.CheckCard(card))

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
	unblocking.Event.Actions = []sale.ActionResult{{Leaves: 1, Kind: sale.UnblockAction}}
	blocked.Kind = cardlayout.Company
	require.NoError(t, blocks(unblocking, blocked))
	unblocking.Event.Actions[0].Status = sale.ActionCounterMismatch
	require.ErrorContains(t, blocks(unblocking, blocked), "blocks")

	richer, further, acted := card, card, card
	richer.Purse++
	further.Counter++
	acted.ActionCounter++
	require.ErrorContains(t, a.CheckCard(acted), "actions")
	require.ErrorContains(t, a.CheckCard(richer), "money")
	require.ErrorContains(t, a.CheckCard(further), "counters")
}

// Ensure that the audit sees a load that the journal knows and the card has not, one that
// was done twice, and none in what was left.
func TestAuditSeesActions(t *testing.T) {
	t.Parallel()
	load := sale.ActionResult{Expects: 4, Leaves: 6, Kind: sale.ValueAction, Amount: 2000}
	left := load
	left.Status = sale.ActionNoRoom
	settled := func(all ...sale.ActionResult) map[cardlayout.EventID]validator.Event {
		events := map[cardlayout.EventID]validator.Event{}
		for n, p := range all {
			events[cardlayout.EventID{Sequence: uint32(n)}] = validator.Event{Actions: []sale.ActionResult{p}}
		}
		return events
	}
	book := &account{actions: 4}
	require.NoError(t, book.checkActions(cardlayout.Card{ActionCounter: 6}, settled(load, left)))
	require.NoError(t, book.checkActions(cardlayout.Card{ActionCounter: 4}, settled(left)))
	require.ErrorContains(t, book.checkActions(cardlayout.Card{ActionCounter: 4}, settled(load)), "leads to 6")
	require.ErrorContains(t, book.checkActions(cardlayout.Card{ActionCounter: 6}, settled(load, load)), "twice")
}

// Ensure that the audit sees an intent that nobody closed, and a settled event that the
// card has not signed.
func TestAuditSeesTheJournal(t *testing.T) {
	t.Parallel()
	a, card, o := audited(t)
	open := o
	open.Event.ID = a.Journal.Next()
	event := o.Event
	event.ID = open.Event.ID
	require.NoError(t, a.Journal.Begin(event))
	open.Err = nil
	require.ErrorContains(t, a.order(open, card), "order")

	require.NoError(t, a.Journal.Settle(event.ID, desfire.TMAC{}))
	_, err := a.settled(card.Number)
	require.ErrorContains(t, err, "signatures")
}
