package validator_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/desk"
)

// Ensure that the event of a card whose history is damaged says what the purse holds, which was
// read, and the passenger is told the same; and that what a driver notes about a card afterwards
// says nothing of a purse that nobody has read then.
func TestWhatIsNotReadIsNotSaid(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "tap Liisa\ndriver check\ntap Liisa")
	require.NoError(t, bus.Validator.Do(validator.MarkError{Event: 1, Said: "wrong"}))
	marked := lastEvent(t, bus)
	require.Equal(t, fare.ErrorMarked, marked.Reason)
	require.True(t, marked.Unread)
	require.Zero(t, marked.Balance)

	app := desk.App(bus.Keys.Scheme, bus.Keys.Transport)
	s, err := desfire.Open(emu.Air{}.Present(bus.Cards["Liisa"]), app, bus.Rand)
	require.NoError(t, err)
	spoilt := bytes.Repeat([]byte{0xFF}, cardlayout.RecordSize)
	require.NoError(t, s.WriteRecord(cardlayout.FileHistory, desfire.Full, spoilt))
	_, err = s.Commit(true)
	require.NoError(t, err)

	play(t, bus, "driver check")
	o := present(bus, "Liisa")
	require.Equal(t, fare.Malformed, o.Decision.Reason)
	require.EqualValues(t, 790, o.Decision.After.Purse)
	looked := lastEvent(t, bus)
	require.Equal(t, fare.Malformed, looked.Reason)
	require.NotZero(t, looked.Card)
	require.EqualValues(t, 790, looked.Balance)
	require.False(t, looked.Unread)
}

// Ensure that a card's birth date is tried three times a day, whatever other card is looked
// at in between, and again on another day.
func TestBirthDateIsNotGuessed(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "card Aino2  kind personal, born 1970-01-02, purse 5.00")
	ask := func(name, born string) (matches bool, err error) {
		play(t, bus, "driver check\ntap "+name)
		day, err := cardlayout.ParseDay(born)
		require.NoError(t, err)
		return matches, bus.Validator.Do(validator.Identify{Birth: day, Matches: &matches})
	}
	for range 3 {
		_, err := ask("Liisa", "1980-05-18")
		require.NoError(t, err)
		play(t, bus, "driver check\ntap Aino2\nat +2m")
	}
	_, err := ask("Aino2", "1970-01-03")
	require.NoError(t, err)
	_, err = ask("Liisa", "1980-05-17")
	require.ErrorContains(t, err, "no more birth dates")
	matches, err := ask("Aino2", "1970-01-02")
	require.NoError(t, err)
	require.True(t, matches, "another card has tries of its own")
	play(t, bus, "at 2026-03-03 08:00")
	matches, err = ask("Liisa", "1980-05-17")
	require.NoError(t, err)
	require.True(t, matches)
}
