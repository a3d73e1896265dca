package validator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
	"leima/validator/sim/simtest"
)

// Ensure that a card whose open commit cannot be closed in the journal is served by no tap:
// what it has paid would be forgotten, or asked for again.
func TestWhatCannotBeClosedIsAFault(t *testing.T) {
	for side, broken := range map[string]simtest.FailingJournal{
		"after commit":  {FailSettle: true},
		"before commit": {FailVoid: true},
	} {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus, "tear Aino "+side+"\ntap Aino")
		before := simtest.Memory(t, bus.Cards["Aino"])
		broken.Journal = bus.Journal
		bus.Validator.Journal = &broken
		o := simtest.Tap(bus)
		require.Equal(t, validator.Fault, o.Ending, side)
		require.ErrorIs(t, o.Err, simtest.ErrDisk)
		require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
		require.Equal(t, 1, bus.Journal.Unresolved())

		bus.Validator.Journal = bus.Journal
		require.Equal(t, validator.Accepted, simtest.Tap(bus).Ending)
		require.Zero(t, bus.Journal.Unresolved())
		require.EqualValues(t, 1000-251, simtest.Held(t, bus, "Aino").Purse, side)
	}
}

// Ensure that a load which others have written over is known by what makes it this one, and
// by nothing less: device, time, and amount or product.
func TestBorneLoad(t *testing.T) {
	for _, order := range []string{"driver load 20.00", "driver load season 30 A"} {
		for name, row := range map[string]struct {
			change func(*cardlayout.Card)
			then   fare.Reason
		}{
			"it is there": {func(*cardlayout.Card) {}, fare.LoadRecovered},
			"another device's": {func(c *cardlayout.Card) {
				c.ValueLoad.Device, c.SeasonLoad.Device = 5, 5
			}, fare.NotLoaded},
			"of another time": {func(c *cardlayout.Card) {
				c.ValueLoad.At.Minute++
				c.SeasonLoad.At.Minute++
			}, fare.NotLoaded},
			"something else": {func(c *cardlayout.Card) {
				c.ValueLoad.Amount++
				c.SeasonLoad.Product++
			}, fare.NotLoaded},
		} {
			bus, _ := simtest.SignedOn(t)
			simtest.Play(t, bus, order+"\ntear Liisa after commit\ntap Liisa")
			for range 2 { // somebody writes the card: its counter goes on, and its last event
				rewrite(t, bus, "Liisa", func(c cardlayout.Card) cardlayout.Card {
					row.change(&c)
					c.Last = cardlayout.EventID{Device: 99, Sequence: 7}
					return c
				})
			}
			require.Equal(t, row.then, simtest.Present(bus, "Liisa").Decision.Reason, "%s: %s",
				order, name)
		}
	}
}

// Ensure that a load which nobody can date, because its tariff is gone, is in doubt.
func TestBorneLoadWithoutItsTariff(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "driver load 20.00\ntear Liisa after commit\ntap Liisa")
	for range 2 {
		rewrite(t, bus, "Liisa", func(c cardlayout.Card) cardlayout.Card {
			c.Last = cardlayout.EventID{Device: 99, Sequence: 7}
			return c
		})
	}
	good, loaded := bus.Validator.Tariffs, bus.Clock.Now()
	bus.Validator.Tariffs = func(at time.Time) (*fare.Tariff, error) {
		if !at.After(loaded) {
			return nil, simtest.ErrDisk
		}
		return good(at)
	}
	simtest.Play(t, bus, "at +1m")
	require.Equal(t, fare.NotLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
}
