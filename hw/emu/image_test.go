package emu_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// used is a card with something in every file.
func used(t *testing.T) *emu.Card {
	card := issue(t, 128, true)
	for range 9 {
		contact := emu.Air{}.Present(card)
		require.NoError(t, converse(&client{t: t, card: contact}))
	}
	return card
}

// Ensure that a card comes back from its image with all it knew, and goes on.
func TestImage(t *testing.T) {
	card := used(t)
	text := memory(t, card)
	again, err := emu.Load(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, text, memory(t, again))
	require.Equal(t, card.UID(), again.UID())
	c := open(t, again, emu.Air{})
	require.Equal(t, []byte{9, 0, 0, 0}, c.read(maced, 0xAD, fileTMAC, 0, 4))
	require.Equal(t, pattern(60), c.read(full, 0xAD, fileBackup, 0, 60))
	require.Len(t, c.do(maced, 0xAB, span(fileCyclic, 0, 0), nil), 7*12)
	require.NoError(t, converse(meet(t, again, emu.Air{})))
}

// Ensure that neither a session nor a pending write is in the image.
func TestImageIsCommitted(t *testing.T) {
	card := issue(t, 64, false)
	before := memory(t, card)
	writeAll(open(t, card, emu.Air{}))
	require.Equal(t, before, memory(t, card))
}

// Ensure that every flipped bit and every cut is found.
func TestImageDamage(t *testing.T) {
	text := []byte(memory(t, issue(t, 64, true)))
	for i := range text {
		damaged := bytes.Clone(text)
		damaged[i] ^= 1 << (i % 8)
		_, err := emu.Load(bytes.NewReader(damaged))
		require.ErrorContains(t, err, "emu: loading a card: ", "byte %d", i)
		_, err = emu.Load(bytes.NewReader(text[:i]))
		require.Error(t, err)
	}
}

// sealed makes an image with a right checksum of any text.
func sealed(version, text string) string {
	return fmt.Sprintf("emulated DESFire card, version %s, %x\n%s",
		version, sha256.Sum256([]byte(text)), text)
}

// Ensure that what is whole but no card is refused, with a reason.
func TestImageOfNoCard(t *testing.T) {
	_, good, _ := strings.Cut(memory(t, issue(t, 64, true)), "\n")
	_, err := emu.Load(strings.NewReader(sealed("3", good)))
	require.NoError(t, err)
	change := func(old, fresh string) string {
		require.Contains(t, good, old)
		return sealed("3", strings.Replace(good, old, fresh, 1))
	}
	for text, want := range map[string]string{
		"":                                           "no image",
		"hello":                                      "no image",
		sealed("4", good):                            "version \"4\"",
		sealed("3", "null"):                          "memory",
		sealed("3", "{"):                             "unexpected EOF",
		sealed("3", `{"Colour": "red"}`):             "unknown field",
		change(`"Frame": 64`, `"Frame": 65`):         "frame",
		change(`"Number": 2`, `"Number": 1`):         "file 1",
		change(`"Number": 2`, `"Number": 32`):        "file 32",
		change(`"Type": 1`, `"Type": 2`):             "type 2",
		change(`"Type": 0`, `"Type": 5`):             "type 5",
		change(`"Type": 4`, `"Type": 5`):             "type 5",
		change(`"Size": 64`, `"Size": 65`):           "64 bytes",
		change(`"Size": 12`, `"Size": 0`):            "file 4",
		change(`"Most": 8`, `"Most": -1`):            "file 4",
		change(`"Access": 4368`, `"Access": 16656`):  "file 2",
		change(`"Access": 8176`, `"Access": 4336`):   "file 15",
		change(`"AID": "ABCr"`, `"AID": "ABCrAA=="`): "AID",
		change(`"AID": "ABCr"`, `"AID": "AAAA"`):     "twice",
		change(`"Secret": "dH`, `"Secret": "AAAAdH`): "a key of 19 bytes",
		change(`"Key": {
						"Secret": "dHJhbnNhY3Rpb24ga2V5Lg==",
						"Version": 7,
						"Kind": 128
					}`, `"Key": null`): "its key",
	} {
		_, err := emu.Load(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

// Ensure that the same holds for what only EV2 and EV3 have.
func TestImageOfNoYoungCard(t *testing.T) {
	card, c := delegating(t)
	header := []byte{1, 2, 3, 0, 0, 1, 9, 0, 0x0F, 0x92, 1, 1, 2, 16, 1}
	require.Equal(t, byte(0), c.delegate(header, issued(header, zero)))
	c.selectApp(header[:3])
	c.login(0x71, 0, zero)
	c.do(maced, 0xCD, join(1, 0x80, 0x00, 0x00, le3(1)), nil)
	c.do(full, 0x5F, []byte{1}, []byte{0x80, 0, 0, 1, 0x11, 0x11})
	c.prepare(1, 2, 3)
	_, good, _ := strings.Cut(memory(t, card), "\n")
	for _, row := range [][3]string{
		{`"Chip": 0`, `"Chip": 1`, "keys for delegated applications"},
		{`"Roller": 1`, `"Roller": 2`, "key sets"},
		{`"Longest": 16`, `"Longest": 17`, "key sets"},
		{`"Version": 3`, `"Version": 3, "Keys": null`, "key sets"},
		{`"Waiting": [`, `"Waiting": [{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},`, "key sets"},
		{`"Quota": 9`, `"Quota": 1`, "does not fit"},
		{`"Listed": true`, `"Listed": false`, "file 1"},
		{`4369`, `8738`, "file 1"},
		{`"DAM": [`, `"DAM": [null,`, "4 keys"},
	} {
		require.Contains(t, good, row[0])
		text := sealed("3", strings.Replace(good, row[0], row[1], 1))
		_, err := emu.Load(strings.NewReader(text))
		require.ErrorContains(t, err, row[2], row[1])
	}
	_, err := emu.Load(strings.NewReader(sealed("3", `{"Signature": "AAAA",`+good[1:])))
	require.ErrorContains(t, err, "signature")
}

// Ensure that failures of reader and writer are passed on.
func TestImageIO(t *testing.T) {
	broken := errors.New("the disk is gone")
	_, err := emu.Load(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, newCard(64).Save(full0{broken}), broken)
}

// A full0 is a disk with no room.
type full0 struct{ err error }

func (f full0) Write([]byte) (int, error) { return 0, f.err }
