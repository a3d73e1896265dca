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
