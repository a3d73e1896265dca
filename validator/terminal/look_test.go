package terminal_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that the event of a card whose history is damaged says what the purse holds, which was
// read, and the passenger is told the same; and that what a driver notes about a card afterwards
// says nothing of a purse that nobody has read then.
func TestWhatIsNotReadIsNotSaid(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "tap Liisa\ndriver check\ntap Liisa")
	require.NoError(t, bus.Order(terminal.MarkError{Event: 1, Said: "wrong"}))
	marked := simtest.LastEvent(t, bus)
	require.Equal(t, fare.ErrorMarked, marked.Reason)
	require.True(t, marked.BalanceUnknown)
	require.Zero(t, marked.Balance)

	app := oncard.App(bus.Keys.Scheme, bus.Keys.Transport)
	s, err := desfire.Open(emu.Air{}.Present(bus.Cards["Liisa"]), app, bus.Rand)
	require.NoError(t, err)
	spoilt := bytes.Repeat([]byte{0xFF}, cardlayout.RecordSize)
	require.NoError(t, s.WriteRecord(cardlayout.FileHistory, desfire.Full, spoilt))
	_, err = s.Commit(true)
	require.NoError(t, err)

	simtest.Play(t, bus, "driver check")
	o := simtest.Present(bus, "Liisa")
	require.Equal(t, fare.Malformed, o.Decision.Reason)
	require.EqualValues(t, 790, o.Decision.After.Purse)
	looked := simtest.LastEvent(t, bus)
	require.Equal(t, fare.Malformed, looked.Reason)
	require.NotZero(t, looked.Card)
	require.EqualValues(t, 790, looked.Balance)
	require.False(t, looked.BalanceUnknown)
}

// Ensure that a card's birth date is tried three times a day, whatever other card is looked
// at in between, and again on another day.
func TestBirthDateIsNotGuessed(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "card Aino2  kind personal, born 1970-01-02, purse 5.00")
	ask := func(name, born string) (matches bool, err error) {
		simtest.Play(t, bus, "driver check\ntap "+name)
		day, err := cardlayout.ParseDay(born)
		require.NoError(t, err)
		r, err := bus.Do(terminal.Identify{Birth: day})
		return r.Matches != nil && *r.Matches, err
	}
	for range 3 {
		_, err := ask("Liisa", "1980-05-18")
		require.NoError(t, err)
		simtest.Play(t, bus, "driver check\ntap Aino2\nat +2m")
	}
	_, err := ask("Aino2", "1970-01-03")
	require.NoError(t, err)
	_, err = ask("Liisa", "1980-05-17")
	require.ErrorContains(t, err, "no more birth dates")
	matches, err := ask("Aino2", "1970-01-02")
	require.NoError(t, err)
	require.True(t, matches, "another card has tries of its own")
	simtest.Play(t, bus, "at 2026-03-03 08:00")
	matches, err = ask("Liisa", "1980-05-17")
	require.NoError(t, err)
	require.True(t, matches)
}
