// Package simtest has the buses, panels and broken journals that tests of a validator share.
package simtest

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/sim"
	"leima/validator/terminal"
)

// NewBus is a bus in service, with Aino aboard, who has ten euros.
func NewBus(t testing.TB) *sim.Bus {
	t.Helper()
	bus := newBus(t, sim.Setup{})
	Play(t, bus, "card Aino  purse 10.00")
	return bus
}

// Beside is a second device of the same bus, with a number of its own and the same cards.
func Beside(t testing.TB, bus *sim.Bus) *sim.Bus {
	t.Helper()
	other := newBus(t, sim.Setup{Device: 77})
	Play(t, other, "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A vehicle=7 trip=9")
	other.Cards = bus.Cards
	return other
}

func newBus(t testing.TB, setup sim.Setup) *sim.Bus {
	t.Helper()
	setup.Prices = faretest.Source
	bus, err := sim.NewBus(t.TempDir(), setup)
	require.NoError(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	return bus
}

// SignedOn is a bus with driver 7 at work, and Liisa aboard.
func SignedOn(t testing.TB) (bus *sim.Bus, shift validator.Shift) {
	t.Helper()
	bus = NewBus(t)
	Play(t, bus, "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A\n"+
		"card Liisa  kind personal, born 1980-05-17, purse 10.00")
	r, err := bus.Do(terminal.SignOn{Shift: validator.Shift{Driver: 7}})
	require.NoError(t, err)
	return bus, r.Shift
}

// Play plays a scenario, and returns what came of it.
func Play(t testing.TB, bus *sim.Bus, text string) string {
	t.Helper()
	played, err := bus.Play(t.Context(), sim.Parse("test", text), nil)
	require.NoError(t, err)
	return played.String()
}

// Tap is a tap of Aino's.
func Tap(bus *sim.Bus) validator.Outcome { return Present(bus, "Aino") }

// Present lays a passenger's card on the reader.
func Present(bus *sim.Bus, name string) validator.Outcome {
	return bus.Validator.Serve(emu.Air{}.Present(bus.Cards[name]))
}

// Held is what a passenger's card holds.
func Held(t testing.TB, bus *sim.Bus, name string) cardlayout.Card {
	t.Helper()
	contents, err := bus.Inspect(name)
	require.NoError(t, err)
	return contents.Card
}

// Memory is every byte of a card.
func Memory(t testing.TB, c *emu.Card) []byte {
	t.Helper()
	var image bytes.Buffer
	require.NoError(t, c.Save(&image))
	return image.Bytes()
}

// LastEvent is the newest event of the journal.
func LastEvent(t testing.TB, bus *sim.Bus) (last validator.Event) {
	t.Helper()
	require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Intent || e.Kind == journal.Record {
			last = e.Event
		}
		return nil
	}))
	return last
}
