package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that a check that was torn is nobody else's: the next passenger pays.
func TestTornCheckIsItsCardsAlone(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "card Leo  purse 10.00\ndriver check\ntear Liisa before 9\ntap Liisa")
	require.Equal(t, fare.Value, simtest.Present(bus, "Leo").Decision.Reason)
	require.Equal(t, fare.Checked, simtest.Present(bus, "Liisa").Decision.Reason)
}

// Ensure that no card pays a trip on the driver's own device, whatever stands there for
// another.
func TestOwnReaderChargesNobody(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	bus.Terminal.Own = true
	simtest.Play(t, bus, "card Leo  purse 10.00\ndriver load 20.00\ntear Liisa before 9\ntap Liisa")
	require.Equal(t, fare.Checked, simtest.Present(bus, "Leo").Decision.Reason)
	require.EqualValues(t, 1000, simtest.Held(t, bus, "Leo").Purse)
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
}

// Ensure that what a card was at the desk for waits a minute for it, and is not done hours
// later to somebody who wants to travel.
func TestBegunOrderExpires(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver check"} {
		bus, _ := simtest.SignedOn(t)
		simtest.Play(t, bus, order+"\ntear Liisa before 9\ntap Liisa\nat +3h")
		require.Equal(t, fare.Value, simtest.Present(bus, "Liisa").Decision.Reason, order)
	}
}

// Ensure that a load which was committed and not heard of is not done again, although the
// tap that found it fails, or another device has written the card meanwhile.
func TestUnconfirmedLoadIsDoneOnce(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
	good := bus.Validator.Tariffs
	bus.Validator.Tariffs = func(at time.Time) (*fare.Tariff, error) { return nil, simtest.ErrDisk }
	require.Equal(t, validator.Fault, simtest.Present(bus, "Liisa").Ending)
	bus.Validator.Tariffs = good
	require.Equal(t, fare.LoadRecovered, simtest.Present(bus, "Liisa").Decision.Reason)
	require.EqualValues(t, 3000, simtest.Held(t, bus, "Liisa").Purse)
}

// Ensure that a load is known by the card when another device has written it since.
func TestUnconfirmedLoadBesideAnotherDevice(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	other := simtest.NewBus(t)
	simtest.Play(t, other,
		"tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A vehicle=7 trip=9")
	simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
	other.Cards["Liisa"] = bus.Cards["Liisa"]
	require.Equal(t, fare.Value, simtest.Present(other, "Liisa").Decision.Reason)
	require.Equal(t, fare.LoadRecovered, simtest.Present(bus, "Liisa").Decision.Reason)
	require.EqualValues(t, 3000-210, simtest.Held(t, bus, "Liisa").Purse)
}

// a take-back that was torn before its commit can be asked for again, and so can that
// of a load that was not heard of.
func TestTornTakeBack(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus,
		"driver load 20.00\ntap Liisa\ndriver take back\ntear Liisa before commit\ntap Liisa\nbus trip=2")
	simtest.Play(t, bus, "driver take back\ntap Liisa")
	require.EqualValues(t, 1000, simtest.Held(t, bus, "Liisa").Purse)

	simtest.Play(t, bus,
		"driver load 20.00\ntear Liisa after commit\ntap Liisa\ndriver take back\ntap Liisa")
	require.EqualValues(t, 1000, simtest.Held(t, bus, "Liisa").Purse)
	require.Equal(t, fare.LoadTakenBack, simtest.LastEvent(t, bus).Reason)
}

// Ensure that a driver who is told that it failed finds everything as it was.
func TestWhatIsNotKeptIsNotDone(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	kept := bus.Validator.Journal
	bus.Validator.Journal = &simtest.FailingJournal{Journal: kept, FailRecord: true}
	before := bus.Terminal.State()
	moved := before.Place
	moved.Stop, moved.Trip = "elsewhere", 77
	for _, c := range []terminal.Command{
		terminal.NextTap{Party: validator.Party{Lent: true}},
		terminal.Pause{},
		terminal.Load{Amount: 2000},
		terminal.Move{Place: moved},
		terminal.Sell{Group: 1, Persons: 1},
		terminal.SignOff{},
	} {
		err := bus.Order(terminal.ShiftCommand{Shift: shift, Command: c})
		require.ErrorIs(t, err, terminal.ErrUnable, "%T", c)
		require.Equal(t, before, bus.Terminal.State(), "%T", c)
	}
}

// Ensure that all that a driver asks is in the journal, in words, also when it is taken back.
func TestWhatIsAskedIsKept(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver load 20.00\ntap Liisa")
	for words, c := range map[string]terminal.Command{
		"load 20.00":             terminal.Load{Amount: 2000},
		"load season 30 zones A": terminal.Load{Season: sale.SeasonOrder{Product: 30, Zones: 1}},
		"take back the load":     terminal.TakeBack{By: sale.Driver},
		"nothing more is asked":  terminal.NextTap{},
		"check":                  terminal.NextTap{Check: true},
		"paused":                 terminal.Pause{},
		"resumed":                terminal.Resume{},
		"asked whose card it is": nil,
	} {
		if c == nil {
			simtest.Play(t, bus, "driver check\ntap Liisa")
			c = terminal.Identify{}
		}
		require.NoError(t, bus.Order(terminal.ShiftCommand{Shift: shift, Command: c}), words)
		require.Equal(t, words, simtest.LastEvent(t, bus).Command)
		require.Equal(t, fare.CommandGiven, simtest.LastEvent(t, bus).Reason)
	}
}

// Ensure that a fault counts as one, and not as what was decided before it.
func TestTallyOfFaults(t *testing.T) {
	var tally terminal.Tally
	tally.Add(&validator.Event{Reason: fare.ValueLoaded, Fault: "the disk is full"})
	tally.Add(&validator.Event{Reason: fare.Value, Charge: 210, Persons: 3})
	tally.Add(&validator.Event{Reason: fare.Blocked})
	require.Equal(t, 1, tally.Faults)
	require.Equal(t, 1, tally.Alarms)
	require.Equal(t, 3, tally.Persons)
	require.Zero(t, tally.Loads)
	require.EqualValues(t, 210, tally.Charged)
}

// Ensure that a card which is only looked at lights no green lamp: nothing was committed.
func TestCheckedIsNotGreen(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver check")
	o := simtest.Present(bus, "Liisa")
	lamp, tone := o.Lights()
	require.Equal(t, "idle", lamp.String())
	require.Equal(t, "none", tone.String())
}
