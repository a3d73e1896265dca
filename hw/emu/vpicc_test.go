package emu_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// A vpcd is the other end of the line, as the virtual reader speaks. Every Write of
// the card is noted by itself.
type vpcd struct {
	heard  io.Reader
	writes [][]byte
}

func (v *vpcd) Read(p []byte) (int, error) { return v.heard.Read(p) }
func (v *vpcd) Write(p []byte) (int, error) {
	v.writes = append(v.writes, bytes.Clone(p))
	return len(p), nil
}

// message puts the length before it.
func message(p ...byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(p))), p...)
}

// offer plays messages to a card and returns what the card wrote, write by write.
func offer(t testing.TB, card *emu.Card, air emu.Air, messages ...[]byte) ([][]byte, error) {
	t.Helper()
	v := &vpcd{heard: bytes.NewReader(bytes.Join(messages, nil))}
	err := emu.Offer(v, card, air)
	return v.writes, err
}

var (
	powerOff = message(0x00)
	powerOn  = message(0x01)
	reset    = message(0x02)
	askATR   = message(0x04)
	askUID   = message(0xFF, 0xCA, 0x00, 0x00, 0x00)
	select5A = message(0x90, 0x5A, 0x00, 0x00, 0x03, 0x00, 0x10, 0xAB, 0x00)
	listIDs  = message(0x90, 0x6F, 0x00, 0x00, 0x00)

	theATR = message(0x3B, 0x81, 0x80, 0x01, 0x80, 0x80)
	theUID = message(append(uid[:], 0x90, 0x00)...)
)

// Ensure that power and reset are not answered, that the ATR is, with power or without,
// and that each answer is one write: two would wait for each other on the line.
func TestOfferAnswers(t *testing.T) {
	writes, err := offer(t, newCard(64), emu.Air{},
		askATR, powerOn, askATR, askUID, reset, powerOff, askATR)
	require.NoError(t, err)
	require.Equal(t, [][]byte{theATR, theATR, theUID, theATR}, writes)
}

// Ensure that bytes which come one by one make the same messages.
func TestOfferReassembles(t *testing.T) {
	heard := bytes.Join([][]byte{powerOn, askUID, message(), askATR}, nil)
	v := &vpcd{heard: iotest.OneByteReader(bytes.NewReader(heard))}
	require.NoError(t, emu.Offer(v, newCard(64), emu.Air{}))
	require.Equal(t, [][]byte{theUID, theATR}, v.writes)
}

// Ensure that power-on, reset and power-off each drop what was selected: the list of
// files is refused at card level.
func TestOfferPowerIsTheField(t *testing.T) {
	for name, between := range map[string][][]byte{
		"off and on": {powerOff, powerOn}, "reset": {reset}, "on": {powerOn}, "off": {powerOff},
	} {
		card := issue(t, 64, false)
		script := append([][]byte{powerOn, select5A, listIDs}, between...)
		writes, err := offer(t, card, emu.Air{}, append(script, listIDs)...)
		require.NoError(t, err, name)
		require.Len(t, writes, 3, name)
		require.NotEqual(t, writes[1], writes[2], name)
	}
}

// Ensure that a card which was put in another's place is in the field though nobody
// told it of power.
func TestOfferWithoutPowerOn(t *testing.T) {
	writes, err := offer(t, newCard(64), emu.Air{}, askUID)
	require.NoError(t, err)
	require.Equal(t, [][]byte{theUID}, writes)
}

// Ensure that a byte which is no control byte is a command of one byte.
func TestOfferOneByteCommand(t *testing.T) {
	writes, err := offer(t, newCard(64), emu.Air{}, powerOn, message(0x60))
	require.NoError(t, err)
	require.Len(t, writes, 1)
	require.GreaterOrEqual(t, len(writes[0]), 3)
}

// Ensure that a torn card answers nothing more and that the tear is told.
func TestOfferTorn(t *testing.T) {
	air := emu.Air{Tear: emu.Tear{Exchange: 1, Side: emu.After}}
	writes, err := offer(t, newCard(64), air, powerOn, select5A, askATR)
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.Empty(t, writes)
}

// Ensure that a card offered here has left wherever it lay before, and that Offer ends,
// without an error, when vpcd closes the line.
func TestOfferTakesTheCard(t *testing.T) {
	card := newCard(64)
	elsewhere := emu.Air{}.Present(card)
	near, far := net.Pipe()
	done := make(chan error)
	go func() { done <- emu.Offer(near, card, emu.Air{}) }()
	_, err := far.Write(powerOn)
	require.NoError(t, err)
	_, err = far.Write(askATR)
	require.NoError(t, err)
	_, err = io.ReadFull(far, make([]byte, len(theATR)))
	require.NoError(t, err)
	_, err = elsewhere.Transmit([]byte{0x90, 0x60, 0x00, 0x00, 0x00})
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.NoError(t, far.Close())
	require.NoError(t, <-done)
}

// Ensure that a line which breaks inside a message, or cannot be written to, is an error.
func TestOfferBrokenLine(t *testing.T) {
	for _, cut := range [][]byte{{0x00}, {0x00, 0x05}, {0x00, 0x05, 0xFF}} {
		_, err := offer(t, newCard(64), emu.Air{}, cut)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%X", cut)
	}
	near, far := net.Pipe()
	go func() { _, _ = far.Write(askATR); _ = far.Close() }()
	require.Error(t, emu.Offer(near, newCard(64), emu.Air{}))
}

// FuzzOffer feeds a card whatever may come over the line. It may neither panic nor
// write anything but whole messages, none of them empty: vpcd would wait for ever.
func FuzzOffer(f *testing.F) {
	f.Add(bytes.Join([][]byte{askATR, powerOn, askUID, reset, select5A, listIDs, powerOff}, nil))
	f.Add([]byte{0x00})
	f.Add([]byte{0xFF, 0xFF, 0x90})
	f.Fuzz(func(t *testing.T, heard []byte) {
		v := &vpcd{heard: bytes.NewReader(heard)}
		_ = emu.Offer(v, newCard(64), emu.Air{})
		for _, w := range v.writes {
			require.Greater(t, len(w), 2)
			require.Len(t, w, 2+int(binary.BigEndian.Uint16(w)))
		}
	})
}
