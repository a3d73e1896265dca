package terminal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/messages"
	"leima/validator/sim"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that the event of a fault says nothing of money that did not go anywhere, and that
// the reference of its payment is not used up.
func TestFaultPaysWithNothing(t *testing.T) {
	for _, by := range []sale.Funder{sale.Benefit, sale.Employer} {
		bus, _ := simtest.SignedOn(t)
		good := bus.Validator.Tariffs
		bus.Validator.Tariffs = func(at time.Time) (*fare.Tariff, error) {
			tariff, err := good(at)
			area := *tariff
			area.Terms.EmployerOnBoard = true
			return &area, err
		}
		load := benefit(bus, "SM-1")
		if load.Funding.By = by; by == sale.Employer {
			load.Funding.Employer = 4711
		}
		require.NoError(t, bus.Order(load))
		kept := bus.Validator.Journal
		bus.Validator.Journal = &simtest.FailingJournal{Journal: kept, FailBegin: true}
		require.Equal(t, validator.Fault, simtest.Present(bus, "Liisa").Ending)
		event := simtest.LastEvent(t, bus)
		require.NotEmpty(t, event.Fault)
		require.Empty(t, event.Benefit)
		require.Zero(t, event.Employer)
		require.Empty(t, event.TMI)
		bus.Validator.Journal = kept
		require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
		require.Equal(t, "SM-1", simtest.LastEvent(t, bus).Benefit)
	}
}

// Ensure that what a card holds at most is asked for, and no more.
func TestMostThatIsAsked(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	require.NoError(t, bus.Order(terminal.NextTap{Party: validator.Party{Persons: cardlayout.Persons{cardlayout.MaxPersons}}}))
	require.Error(t, bus.Order(terminal.NextTap{Party: validator.Party{Persons: cardlayout.Persons{cardlayout.MaxPersons + 1}}}))
	require.NoError(t, bus.Order(terminal.NextTap{Party: validator.Party{Zones: cardlayout.MaxZones}}))
	require.Error(t, bus.Order(terminal.NextTap{Party: validator.Party{Zones: cardlayout.MaxZones + 1}}))
}

// watched is the panel of a bus at work, from now on.
func watched(t *testing.T, bus *sim.Bus) *simtest.Panel {
	t.Helper()
	panel := &simtest.Panel{}
	require.NoError(t, bus.Validator.Do(func() error { // between two taps
		bus.Validator.Panel = panel
		return nil
	}))
	return panel
}

// Ensure that the panel tells who is next what was asked, in its own language, and no more once
// it is meant for nobody: on the next departure, and when the shift is over.
func TestPanelForgetsWithTheOrder(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	panel := watched(t, bus)
	shown := func() string { return panel.Last().Lines[1] }
	bus.Validator.Language = messages.Finnish
	simtest.Play(t, bus, "driver 3 persons")
	require.Equal(t, "3 henkilöä", shown())
	simtest.Play(t, bus, "bus trip=2")
	require.Empty(t, shown())
	simtest.Play(t, bus, "driver 3 persons")
	require.NoError(t, bus.Order(terminal.SignOff{}))
	require.Empty(t, shown())
}

// Ensure that nothing is carried out, and nothing said, once anyone who waits for it has given
// up: a tap is under way.
func TestWhoGivesUpIsNotServed(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	v := bus.Validator
	over, cancel := context.WithCancel(context.Background())
	cancel()
	v.Tapped = func(validator.Outcome) {
		_, err := bus.Terminal.DoWithin(over, terminal.Pause{})
		require.ErrorIs(t, err, context.Canceled)
		_, _, err = bus.Terminal.OnDuty(over)
		require.ErrorIs(t, err, context.Canceled)
	}
	simtest.Present(bus, "Liisa")
	require.False(t, bus.Terminal.State().Paused)
}

// Ensure that what a card has begun waits as long again for it from then on: money was taken
// for it, or somebody is being looked at.
func TestBegunOrderWaitsAgain(t *testing.T) {
	for order, row := range map[string]struct {
		wait string
		then fare.Reason
	}{
		"driver load 20.00": {"at +4m", fare.ValueLoaded},
		"driver check":      {"at +50s", fare.Checked},
	} {
		bus, _ := simtest.SignedOn(t)
		simtest.Play(t, bus, order+"\n"+row.wait+"\ntear Liisa before 9\ntap Liisa\n"+row.wait)
		require.Equal(t, row.then, simtest.Present(bus, "Liisa").Decision.Reason, order)
	}
}

// told are the events without a card, in their order.
func told(t *testing.T, bus *sim.Bus) (all []validator.Event) {
	t.Helper()
	require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Record && e.Event.Card == 0 {
			all = append(all, e.Event)
		}
		return nil
	}))
	return all
}

// failsOnce is a journal that does not keep the nth record from now on.
type failsOnce struct {
	validator.Journal
	n int
}

func (f *failsOnce) Record(e validator.Event) error {
	if f.n--; f.n == 0 {
		return simtest.ErrDisk
	}
	return f.Journal.Record(e)
}

// Ensure that a hand-over ends the one shift and begins the other, each in an event of its
// own, and that after an error the shift is on that was on.
func TestHandOverEndsTheShift(t *testing.T) {
	bus, leaving := simtest.SignedOn(t)
	v := bus.Validator
	over := terminal.SignOn{Shift: validator.Shift{Driver: 8}, TakeOver: true}
	kept := v.Journal
	v.Journal = &failsOnce{kept, 1}
	require.ErrorIs(t, bus.Order(over), terminal.ErrUnable, "the end is not kept")
	require.Equal(t, leaving, bus.Terminal.State().Shift)
	require.Len(t, told(t, bus), 1)

	v.Journal = &failsOnce{kept, 2}
	require.ErrorIs(t, bus.Order(over), terminal.ErrUnable, "the beginning is not kept")
	require.Zero(t, bus.Terminal.State().Shift)
	v.Journal = kept
	r, err := bus.Do(over)
	require.NoError(t, err)
	signed := r.Shift
	require.Equal(t, bus.Terminal.State().Shift, signed)

	events := told(t, bus)
	require.Len(t, events, 3)
	require.Equal(t, fare.ShiftEnded, events[1].Reason)
	require.Equal(t, leaving, events[1].Shift)
	require.Equal(t, fare.ShiftBegun, events[2].Reason)
	require.Equal(t, signed, events[2].Shift)
	require.Equal(t, events[2].ID, signed.Begun)
}

// Ensure that a driver's word for the cash that was handed over, and a lock after wrong PINs,
// are events that say so.
func TestWordsOfAShift(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	for words, c := range map[string]terminal.Command{
		"driver 7 has signed for 12.50 of shift 5-9": terminal.SignCash{
			Driver: 7, Cash: 1250,
			Begun: cardlayout.EventID{Device: 5, Sequence: 9},
		},
		"signing on was locked for 30s: wrong PINs, the last of driver 9": terminal.SignOnLocked{
			Driver: 9, Wait: 30 * time.Second,
		},
		"signing on was locked for 30s: wrong PINs, the last of nobody's number": terminal.SignOnLocked{
			Wait: 30 * time.Second,
		},
	} {
		require.NoError(t, bus.Order(c))
		require.Equal(t, words, simtest.LastEvent(t, bus).Command)
		require.Equal(t, fare.CommandGiven, simtest.LastEvent(t, bus).Reason)
		require.Equal(t, shift, simtest.LastEvent(t, bus).Shift)
	}
}

// Ensure that an order is known again by the event that it made, and the events after it are
// of no order.
func TestOrderIsNotedInItsEventAlone(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	key := validator.OrderKey{1, 2, 3}
	require.NoError(t, bus.Order(terminal.ShiftCommand{
		Shift: shift, Order: key,
		Command: terminal.Sell{Group: cardlayout.Adult, Persons: 1},
	}))
	require.Equal(t, key, simtest.LastEvent(t, bus).Order)
	require.Zero(t, simtest.Present(bus, "Liisa").Event.Order)
	require.NoError(t, bus.Order(terminal.Sell{Group: cardlayout.Adult, Persons: 1}))
	require.Zero(t, simtest.LastEvent(t, bus).Order)
}

// Ensure that an order which could not be kept shows nothing of itself.
func TestPanelOfWhatIsNotKept(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	panel := watched(t, bus)
	bus.Validator.Journal = &simtest.FailingJournal{
		Journal:    bus.Validator.Journal,
		FailRecord: true,
	}
	require.Error(t, bus.Order(terminal.ShiftCommand{
		Shift:   shift,
		Command: terminal.NextTap{Party: validator.Party{Lent: true}},
	}))
	require.Empty(t, panel.Last().Lines[1])
}

// Ensure that a command lasts up to its end, and not beyond.
func TestLastMomentOfACommand(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	at := terminal.ShiftCommand{Shift: shift, Until: bus.Clock.Now(), Command: terminal.Pause{}}
	require.NoError(t, bus.Order(at))
	at.Until = at.Until.Add(-1)
	require.ErrorIs(t, bus.Order(at), terminal.ErrLate)
}
