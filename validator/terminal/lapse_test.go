package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that what a driver has taken cash for waits longer than a group, over the next
// departure too, and that it does not lapse in silence: the driver is told until they say
// something else, and the next card of a short while is sent to them before it pays a trip.
func TestLoadLapsesAloud(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "card Leo  purse 10.00\ndriver load 20.00\nat +4m\nbus trip=2")
	require.Equal(t, "load 20.00", bus.Terminal.State().Order.String())
	require.False(t, bus.Terminal.State().Expired)
	simtest.Play(t, bus, "at +1m\nat +10s")
	require.True(t, bus.Terminal.State().Expired)
	require.Equal(t, "load 20.00", bus.Terminal.State().Order.String())

	o := simtest.Present(bus, "Liisa")
	require.Equal(t, fare.NotLoaded, o.Decision.Reason)
	require.Contains(t, o.Decision.Refused.Error(), "too long ago")
	require.EqualValues(t, 1000, simtest.Held(t, bus, "Liisa").Purse, "it is only looked at")
	require.Equal(t, fare.NotLoaded, simtest.LastEvent(t, bus).Reason)
	require.Equal(t, fare.Value, simtest.Present(bus, "Liisa").Decision.Reason,
		"laid again, it pays")
	require.Equal(t, fare.Value, simtest.Present(bus, "Leo").Decision.Reason)
	require.True(t, bus.Terminal.State().Expired, "the driver has not answered")

	simtest.Play(t, bus, "driver load 20.00")
	require.False(t, bus.Terminal.State().Expired)
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
	require.Empty(t, bus.Terminal.State().Order)
}

// Ensure that who comes long after a load has lapsed travels at once, that any word of the
// driver's ends it, and that the end of a shift says what was not done.
func TestLapsedLoadIsAnswered(t *testing.T) {
	bus, shift := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver load season 30 A\nat +6m")
	require.True(t, bus.Terminal.State().Expired)
	require.Equal(t, fare.Value, simtest.Present(bus, "Liisa").Decision.Reason)
	require.True(t, bus.Terminal.State().Expired)
	require.NoError(t, bus.Order(terminal.ShiftCommand{Shift: shift, Command: terminal.NextTap{}}))
	require.False(t, bus.Terminal.State().Expired)

	simtest.Play(t, bus, "driver load 20.00")
	require.NoError(t, bus.Order(terminal.SignOff{}))
	require.Equal(t, "load 20.00 was not done", simtest.LastEvent(t, bus).Command)
}

// Ensure that a card which has begun to be loaded is told what came of it also after the
// time of its order, and that no other card is kept waiting for it.
func TestBegunLoadLapses(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus,
		"card Leo  purse 10.00\ndriver load 20.00\ntear Liisa after commit\ntap Liisa")
	bus.Clock.Set(bus.Clock.Now().Add(5*time.Minute + 5*time.Second))
	require.True(t, bus.Terminal.State().Expired)
	require.Equal(t, fare.Value, simtest.Present(bus, "Leo").Decision.Reason)
	require.Equal(t, fare.LoadRecovered, simtest.Present(bus, "Liisa").Decision.Reason)
	require.EqualValues(t, 3000, simtest.Held(t, bus, "Liisa").Purse)
}

// Ensure that nobody says of a load whose commit was not heard that no card was loaded: not the
// page when its time is over, and not the end of the shift. Once it is known that it was done,
// nothing is asked any more.
func TestUnconfirmedLoadIsNotCalledUndone(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver load 20.00\ntear Liisa before 9\ntap Liisa\nat +5m\nat +5s")
	require.True(t, bus.Terminal.State().Expired)
	require.False(t, bus.Terminal.State().Unconfirmed, "it was torn before its commit")

	simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
	require.True(t, bus.Terminal.State().Unconfirmed)
	require.False(t, bus.Terminal.State().Expired)
	simtest.Play(t, bus, "at +5m\nat +5s")
	require.True(t, bus.Terminal.State().Expired)
	require.True(t, bus.Terminal.State().Unconfirmed)
	require.Equal(t, fare.LoadRecovered, simtest.Present(bus, "Liisa").Decision.Reason)
	require.Empty(t, bus.Terminal.State().Order)
	require.False(t, bus.Terminal.State().Expired)
	require.False(t, bus.Terminal.State().Unconfirmed)

	simtest.Play(t, bus, "driver load 30.00\ntear Liisa after commit\ntap Liisa")
	require.NoError(t, bus.Order(terminal.SignOff{}))
	require.Equal(t, "it is not known whether load 30.00 was done",
		simtest.LastEvent(t, bus).Command)
}
