package validator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator"
)

// Ensure that what a driver has taken cash for waits longer than a group, over the next
// departure too, and that it does not lapse in silence: the driver is told until they say
// something else, and the next card of a short while is sent to them before it pays a trip.
func TestLoadLapsesAloud(t *testing.T) {
	bus, _ := signedOn(t)
	v := bus.Validator
	play(t, bus, "card Leo  purse 10.00\ndriver load 20.00\nat +4m\nbus trip=2")
	require.Equal(t, "load 20.00", v.State().Asked)
	require.False(t, v.State().Lapsed)
	play(t, bus, "at +1m\nat +10s")
	require.True(t, v.State().Lapsed)
	require.Equal(t, "load 20.00", v.State().Asked)

	o := present(bus, "Liisa")
	require.Equal(t, fare.NotLoaded, o.Decision.Reason)
	require.Contains(t, o.Decision.Refused.Error(), "too long ago")
	require.EqualValues(t, 1000, held(t, bus, "Liisa").Purse, "it is only looked at")
	require.Equal(t, fare.NotLoaded, lastEvent(t, bus).Reason)
	require.Equal(t, fare.Value, present(bus, "Liisa").Decision.Reason, "laid again, it pays")
	require.Equal(t, fare.Value, present(bus, "Leo").Decision.Reason)
	require.True(t, v.State().Lapsed, "the driver has not answered")

	play(t, bus, "driver load 20.00")
	require.False(t, v.State().Lapsed)
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason)
	require.Empty(t, v.State().Asked)
}

// Ensure that who comes long after a load has lapsed travels at once, that any word of the
// driver's ends it, and that the end of a shift says what was not done.
func TestLapsedLoadIsAnswered(t *testing.T) {
	bus, shift := signedOn(t)
	v := bus.Validator
	play(t, bus, "driver load season 30 A\nat +6m")
	require.True(t, v.State().Lapsed)
	require.Equal(t, fare.Value, present(bus, "Liisa").Decision.Reason)
	require.True(t, v.State().Lapsed)
	require.NoError(t, v.Do(validator.Driven{Shift: shift, Command: validator.NextTap{}}))
	require.False(t, v.State().Lapsed)

	play(t, bus, "driver load 20.00")
	require.NoError(t, v.Do(validator.SignOff{}))
	require.Equal(t, "load 20.00 was not done", lastEvent(t, bus).Driver)
}

// Ensure that a card which has begun to be loaded is told what came of it also after the
// time of its order, and that no other card is kept waiting for it.
func TestBegunLoadLapses(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "card Leo  purse 10.00\ndriver load 20.00\ntear Liisa after commit\ntap Liisa")
	bus.Clock.Set(bus.Clock.Now().Add(5*time.Minute + 5*time.Second))
	require.True(t, bus.Validator.State().Lapsed)
	require.Equal(t, fare.Value, present(bus, "Leo").Decision.Reason)
	require.Equal(t, fare.LoadUnheard, present(bus, "Liisa").Decision.Reason)
	require.EqualValues(t, 3000, held(t, bus, "Liisa").Purse)
}
