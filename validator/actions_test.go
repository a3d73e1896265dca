package validator_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/sim/simtest"
)

// silent is an action list that does not answer.
type silent struct{}

func (silent) Lookup(cardlayout.Number) ([]sale.Action, error) {
	return nil, errors.New("reading page 7: input/output error")
}

func (silent) Version() uint32 { return 7 }

// Ensure that a passenger travels also where the action list does not answer, or where
// there is none, and that the event names the list.
func TestNoActionList(t *testing.T) {
	bus := simtest.NewBus(t)
	require.Nil(t, bus.Validator.Actions)
	require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending)
	simtest.Play(t, bus, "at +2h\nbus trip=2")
	bus.Validator.Actions = silent{}
	o := simtest.Tap(bus)
	require.Equal(t, validator.Accepted, o.Ending)
	require.Empty(t, o.Event.Actions)
	require.EqualValues(t, 7, simtest.LastEvent(t, bus).ActionList)
}

// Ensure that nothing is picked up by a clock that has lost its time, which cannot tell what
// has expired, and that it is when the clock is right again.
func TestActionsWaitForTheClock(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus,
		"at 2026-03-02 08:00\ntap Aino\naction Aino value 20.00\nat 2000-01-01 00:00\nbus trip=2")
	o := simtest.Tap(bus)
	require.True(t, o.Event.Estimated)
	require.Equal(t, validator.Accepted, o.Ending)
	require.Zero(t, simtest.Held(t, bus, "Aino").ActionCounter)

	simtest.Play(t, bus, "at 2026-03-02 12:00\nbus trip=3")
	require.Len(t, simtest.Tap(bus).Event.Actions, 1)
	require.EqualValues(t, 1, simtest.Held(t, bus, "Aino").ActionCounter)
}

// Ensure that the event tells what was picked up, that the journal keeps it, and that the
// card and the event say the same of the purse.
func TestEventTellsOfActions(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "action Aino value 20.00\naction Aino unblock\naction Aino value 9999.00")
	o := simtest.Tap(bus)
	require.Equal(t, validator.Accepted, o.Ending)
	event := simtest.LastEvent(t, bus)
	require.Equal(t, []sale.ActionResult{
		{Expects: 0, Leaves: 1, Kind: sale.ValueAction, Amount: 2000},
		{Expects: 1, Leaves: 2, Kind: sale.UnblockAction},
		{Expects: 2, Leaves: 3, Kind: sale.ValueAction, Amount: 999900},
	}, event.Actions)
	require.EqualValues(t, 2000+999900, event.ValueAdded())
	require.Contains(t, event.Rules, fare.RuleID(195))
	require.Equal(t, simtest.Held(t, bus, "Aino").Purse, event.Balance)
	require.EqualValues(t, 1000+2000+999900-251, event.Balance)
	require.EqualValues(t, 251, event.Charge)
}

// Ensure that a device which cannot serve claims no load, and leaves it for the next.
func TestFaultLoadsNothing(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "action Aino value 20.00")
	bus.Validator.Journal = &simtest.FailingJournal{Journal: bus.Journal, FailBegin: true}
	before := simtest.Memory(t, bus.Cards["Aino"])
	require.Equal(t, validator.Fault, simtest.Tap(bus).Ending)
	require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
	event := simtest.LastEvent(t, bus)
	require.Empty(t, event.Actions)
	require.EqualValues(t, 1000, event.Balance)

	bus.Validator.Journal = bus.Journal
	require.Len(t, simtest.Tap(bus).Event.Actions, 1)
	require.EqualValues(t, 1000+2000-251, simtest.Held(t, bus, "Aino").Purse)
}

// Ensure that an acceptance alone lets in anyone who comes back unheard: a block that was
// committed and not heard of is none, also when the card is unblocked the moment after.
func TestUnconfirmedBlockLetsNobodyIn(t *testing.T) {
	bus := simtest.NewBus(t)
	simtest.Play(t, bus,
		"card Firma  kind company, purse 10.00\nblock Firma\ntear Firma after commit\ntap Firma\n"+
			"action Firma unblock")
	require.Contains(t, simtest.Play(t, bus, "tap Firma"),
		"accepted  value  charge 2.51  balance 7.49")
}
