package hwtest

import (
	"bytes"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

var (
	// getVersion is GetVersion in an ISO 7816-4 APDU, and moreFrames requests its further frames
	// (DESFire data sheets, native command wrapping).
	getVersion = []byte{0x90, 0x60, 0x00, 0x00, 0x00}
	moreFrames = []byte{0x90, 0xAF, 0x00, 0x00, 0x00}

	// getUID is answered by the reader (PC/SC part 3, Get Data).
	getUID = []byte{0xFF, 0xCA, 0x00, 0x00, 0x00}
)

const (
	swDone = 0x9100
	swMore = 0x91AF
)

// readVersion fetches the three frames of GetVersion.
func readVersion(b *bench, card hw.Card) []byte {
	b.Helper()
	hardware, sw := b.send(card, getVersion...)
	require.EqualValues(b, swMore, sw)
	software, sw := b.send(card, moreFrames...)
	require.EqualValues(b, swMore, sw)
	rest, sw := b.send(card, moreFrames...)
	require.EqualValues(b, swDone, sw)
	require.Len(b, hardware, 7)
	require.Len(b, software, 7)
	require.Len(b, rest, 14)
	return bytes.Join([][]byte{hardware, software, rest}, nil)
}

// usable fails the test unless the card answers.
func usable(b *bench, card hw.Card) {
	b.Helper()
	readVersion(b, card)
}

func version(b *bench) {
	card := b.card()
	first := readVersion(b, card)
	require.EqualValues(b, 0x04, first[0], "the maker is NXP")
	require.Equal(b, first, readVersion(b, card))
}

func serialNumber(b *bench) {
	card := b.card()
	uid, sw := b.send(card, getUID...)
	require.EqualValues(b, 0x9000, sw)
	require.Len(b, uid, 7)
	require.Equal(b, uid, readVersion(b, card)[14:21], "the card's own word")
}

// ownership overwrites every response after a copy was made, and checks that later responses and
// the commands are unchanged.
func ownership(b *bench) {
	card := b.card()
	command := bytes.Clone(getVersion)
	first, err := card.Transmit(command)
	require.NoError(b, err)
	require.Equal(b, getVersion, command, "the command was changed")
	noted := bytes.Clone(first)
	readRest(b, card)
	require.Equal(b, noted, first, "a later response was written over this one")

	spoil(first)
	spoil(command)
	again, err := card.Transmit(getVersion)
	require.NoError(b, err)
	require.Equal(b, noted, again)
	readRest(b, card)
}

func readRest(b *bench, card hw.Card) {
	b.Helper()
	for range 2 {
		response, err := card.Transmit(moreFrames)
		require.NoError(b, err)
		spoil(response)
	}
}

func spoil(p []byte) {
	for i := range p[:cap(p)] {
		p[:cap(p)][i] ^= 0xFF
	}
}

func emptyCommand(b *bench) {
	card := b.card()
	for _, empty := range [][]byte{nil, {}} {
		require.NotPanics(b, func() {
			_, err := card.Transmit(empty)
			require.Error(b, err)
		})
	}
	usable(b, card)
}

func transmitAfterRemoval(b *bench) {
	card := b.card()
	usable(b, card)
	b.take()
	for range 3 {
		response, err := card.Transmit(getVersion)
		require.ErrorIs(b, err, hw.ErrRemoved)
		require.Empty(b, response)
	}
	b.hand.Put()
	fresh := b.wait()
	_, err := card.Transmit(getVersion)
	require.ErrorIs(b, err, hw.ErrRemoved, "a card that has left does not come back")
	usable(b, fresh)
}
