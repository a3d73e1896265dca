package emu_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// File numbers of the card that issue makes.
const (
	fileStd    = 1  // 300 bytes, plain, free
	fileBackup = 2  // 64 bytes, key 1, enciphered
	fileOther  = 3  // 40 bytes, backup, key 1, MAC
	fileCyclic = 4  // records of 12, 8 with the shadow, key 1, MAC
	fileKeys   = 5  // 32 bytes: read 1, write 2, read-write 3, MAC
	fileFree   = 6  // 32 bytes, backup: read and write free, read-write 1, enciphered
	fileNever  = 7  // 16 bytes, nobody
	fileLarge  = 8  // 600 bytes, key 1, enciphered
	fileMAC    = 9  // 600 bytes, key 1, MAC
	fileTMAC   = 15 // read 1
)

var tmacKey = []byte("transaction key.")

// issue creates an application with four zero keys and the files above. Key
// settings are 09: listing and creating need the master key.
func issue(t testing.TB, frame int, withTMAC bool) *emu.Card {
	t.Helper()
	card := newCard(frame)
	c := meet(t, card, emu.Air{})
	c.login(0x71, 0, master[:])
	c.do(maced, 0xCA, append(bytes.Clone(app), 0x09, 0x84), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	for _, f := range [][]byte{
		{0xCD, fileStd, 0, 0xE0, 0xEE, 0x2C, 1, 0},
		{0xCB, fileBackup, 3, 0x10, 0x11, 64, 0, 0},
		{0xCB, fileOther, 1, 0x10, 0x11, 40, 0, 0},
		{0xC0, fileCyclic, 1, 0x10, 0x11, 12, 0, 0, 8, 0, 0},
		{0xCD, fileKeys, 1, 0x30, 0x12, 32, 0, 0},
		{0xCB, fileFree, 3, 0x10, 0xEE, 32, 0, 0},
		{0xCD, fileNever, 0, 0xFF, 0xFF, 16, 0, 0},
		{0xCD, fileLarge, 3, 0x10, 0x11, 0x58, 2, 0},
		{0xCD, fileMAC, 1, 0x10, 0x11, 0x58, 2, 0},
	} {
		c.do(maced, f[0], f[1:], nil)
	}
	if withTMAC {
		c.do(full, 0xCE, []byte{fileTMAC, 1, 0xF0, 0x1F, 2}, append(bytes.Clone(tmacKey), 7))
	}
	return card
}

// open presents the card and authenticates with key 1 of the application.
func open(t testing.TB, card *emu.Card, a emu.Air) *client {
	t.Helper()
	c := meet(t, card, a)
	c.selectApp(app)
	c.login(0x71, 1, zero)
	return c
}

// memory is everything the card keeps, for comparing.
func memory(t testing.TB, card *emu.Card) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, card.Save(&b))
	return b.String()
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}
