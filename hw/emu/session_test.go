package emu_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// Ensure that data go in and come out in every mode, and that the counter counts
// plain commands too: a MAC after one would be wrong otherwise.
func TestModes(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	c.write(plain, 0x8D, fileStd, 3, []byte("plain"))
	c.write(full, 0x8D, fileLarge, 0, []byte("sixteen bytes go"))
	c.write(maced, 0x8D, fileMAC, 590, []byte("at the end"))
	require.Equal(t, "plain", string(c.read(plain, 0xAD, fileStd, 3, 5)))
	require.Equal(t, "sixteen bytes go", string(c.read(full, 0xAD, fileLarge, 0, 16)))
	require.Equal(t, "at the end", string(c.read(maced, 0xAD, fileMAC, 590, 0)))
	require.Equal(t, uid[:], c.do(full, 0x51, nil, nil))
}

// Ensure that a non-first authentication goes on counting and changes the rights.
func TestNonFirst(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	c.read(maced, 0xAD, fileKeys, 0, 4)
	c.login(0x77, 2, zero)
	require.EqualValues(t, 1, c.ctr)
	c.write(maced, 0x8D, fileKeys, 0, []byte("key two"))
	c.login(0x77, 3, zero)
	require.Equal(t, "key two", string(c.read(maced, 0xAD, fileKeys, 0, 7)))
	c.write(maced, 0x8D, fileKeys, 0, []byte("key 3 does both"))
}

// Ensure that the reader's capabilities, of any length, come back.
func TestCapabilities(t *testing.T) {
	for n := range 7 {
		c := meet(t, newCard(64), emu.Air{})
		caps := bytes.Repeat([]byte{0x11}, n)
		challenge, st := c.send(0x71, append([]byte{0, byte(n)}, caps...)...)
		require.Equal(t, byte(0xAF), st)
		b := cbc(master[:], zero, challenge, false)
		token := append(bytes.Repeat([]byte{9}, 16), append(b[1:16:16], b[0])...)
		proof, st := c.send(0xAF, cbc(master[:], zero, token, true)...)
		require.Equal(t, byte(0), st)
		answer := cbc(master[:], zero, proof, false)
		require.Equal(t, make([]byte, 6), answer[20:26], "the card's own")
		require.Equal(t, append(caps, make([]byte, 6-n)...), answer[26:])
	}
}

// Ensure that access by "anybody" is plain even for a session whose key has no
// right, and protected for the key that has.
func TestFreeAccessIsPlain(t *testing.T) {
	card := issue(t, 64, false)
	c := open(t, card, emu.Air{})
	c.write(full, 0x8D, fileFree, 0, []byte("by key 1"))
	c.do(maced, 0xC7, nil, nil)
	require.Equal(t, "by key 1", string(c.read(full, 0xAD, fileFree, 0, 8)))

	c.login(0x77, 2, zero)
	require.Equal(t, "by key 1", string(c.read(plain, 0xAD, fileFree, 0, 8)))
	c.write(plain, 0x8D, fileFree, 0, []byte("by all"))
	c.do(maced, 0xC7, nil, nil)

	c = meet(t, card, emu.Air{})
	c.selectApp(app)
	require.Equal(t, "by all 1", string(c.read(plain, 0xAD, fileFree, 0, 8)))
	_, st := c.run(full, 0xAD, span(fileBackup, 0, 8), nil)
	require.Equal(t, byte(0xAE), st)
}

// Ensure that the fixed nonces that a test gives are the ones used, and that a
// source that fails is a failure of the chip.
func TestRand(t *testing.T) {
	card := newCard(64)
	card.SetRand(strings.NewReader("sixteen bytes RBtime"))
	c := meet(t, card, emu.Air{})
	challenge, _ := c.send(0x71, 0, 0)
	require.Equal(t, "sixteen bytes RB", string(cbc(master[:], zero, challenge, false)))

	card.SetRand(io.MultiReader(strings.NewReader("sixteen bytes RB"),
		iotest.ErrReader(errors.New("no more noise"))))
	c = meet(t, card, emu.Air{})
	require.Equal(t, byte(0xEE), c.tryLogin(0x71, 0, master[:]))
	require.Equal(t, byte(0xEE), c.tryLogin(0x71, 0, master[:]))
	card.SetRand(nil)
	c.login(0x71, 0, master[:])
}

// Ensure that keys are changed by those who may, and that the old ones are then of
// no use.
func TestChangeKey(t *testing.T) {
	card := issue(t, 64, false)
	c := meet(t, card, emu.Air{})
	c.login(0x71, 0, master[:])
	fresh := []byte("the new master..")
	data := append(bytes.Clone(fresh), 0x21)
	out, st := c.send(0xC4, c.protect(full, 0xC4, []byte{0x80}, data)...)
	require.Equal(t, byte(0), st)
	require.Empty(t, out, "the session is over: no MAC")
	c.mac = nil
	require.Equal(t, byte(0xAE), c.tryLogin(0x71, 0, master[:]))
	c.login(0x71, 0, fresh)
	require.Equal(t, []byte{0x21}, c.do(maced, 0x64, []byte{0}, nil))

	c.selectApp(app)
	c.login(0x71, 0, zero)
	transport := []byte("the transport k.")
	c.do(full, 0xC4, []byte{1}, append(append(bytes.Clone(transport), 0x42), crc(transport)...))
	require.Equal(t, []byte{0x42}, c.do(maced, 0x64, []byte{1}, nil), "the session goes on")
	c.login(0x71, 1, transport)
	_, st = c.run(full, 0xC4, []byte{1}, append(bytes.Clone(zero), 1))
	require.Equal(t, byte(0xAE), st, "key settings 09: only the master key changes keys")
}

// Ensure that the new type of the PICC key decides what is sent for it.
func TestKeyTypeAtPICCLevel(t *testing.T) {
	for sent, want := range map[byte]byte{0x00: 0x7E, 0x40: 0x7E, 0xC0: 0x9E, 0x81: 0x40} {
		c := meet(t, newCard(64), emu.Air{})
		c.login(0x71, 0, master[:])
		_, st := c.run(full, 0xC4, []byte{sent}, append(bytes.Clone(zero), 1))
		require.Equal(t, want, st, "%02X", sent)
	}
}

// Ensure that 02 is another name for plain communication.
func TestPlainHasTwoNames(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x81), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	c.do(maced, 0xCD, []byte{1, 2, 0x00, 0x00, 5, 0, 0}, nil)
	c.write(plain, 0x8D, 1, 0, []byte("plain"))
	require.Equal(t, "plain", string(c.read(plain, 0xAD, 1, 0, 0)))
	require.Equal(t, unhex(t, "00000000050000"), c.do(maced, 0xF5, []byte{1}, nil))
}

// Ensure that each way of saying who changes keys is kept to.
func TestChangeKeySettings(t *testing.T) {
	for _, row := range []struct {
		settings, session, changed byte
		want                       byte
	}{
		{0x0F, 0, 0, 0x00},
		{0x0F, 0, 2, 0x00},
		{0x0F, 1, 2, 0xAE},
		{0x0F, 2, 2, 0xAE},
		{0x0E, 0, 0, 0x9D},
		{0x0E, 0, 1, 0x00},
		{0x1F, 1, 2, 0x00},
		{0x1F, 0, 2, 0xAE},
		{0x1F, 1, 1, 0xAE},
		{0x1F, 0, 1, 0x00},
		{0x1F, 1, 0, 0xAE},
		{0x1F, 0, 0, 0x00},
		{0xEF, 2, 2, 0x00},
		{0xEF, 1, 2, 0xAE},
		{0xEF, 0, 2, 0xAE},
		{0xFF, 0, 2, 0x9D},
		{0xFF, 0, 0, 0x00},
		{0xFE, 0, 0, 0x9D},
	} {
		c := meet(t, newCard(64), emu.Air{})
		c.do(plain, 0xCA, append(bytes.Clone(app), row.settings, 0x83), nil)
		c.selectApp(app)
		c.login(0x71, row.session, zero)
		data := append([]byte("sixteen new byte"), 1)
		if row.session != row.changed {
			data = append(data, crc(data[:16])...)
		}
		out, st := c.whole(0xC4, c.protect(full, 0xC4, []byte{row.changed}, data)...)
		require.Equal(t, row.want, st, "%+v", row)
		require.Equal(t, st == 0 && row.session != row.changed, len(out) == 8, "%+v", row)
	}
}

// Ensure that the settings of the PICC can be closed and then hold.
func TestPICCSettings(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	require.Equal(t, []byte{0x0F, 0x81}, c.do(plain, 0x45, nil, nil))
	c.login(0x71, 0, master[:])
	c.do(full, 0x54, nil, []byte{0x00})
	require.Equal(t, []byte{0x00, 0x81}, c.do(maced, 0x45, nil, nil))
	_, st := c.run(full, 0x54, nil, []byte{0x0F})
	require.Equal(t, byte(0x9D), st)
	for _, ins := range []byte{0x45, 0x6A} {
		_, st = c.run(plain, ins, nil, nil)
		require.Equal(t, byte(0xAE), st)
	}
	_, st = c.run(plain, 0xCA, append(bytes.Clone(app), 0x0F, 0x81), nil)
	require.Equal(t, byte(0xAE), st)
	c.login(0x71, 0, master[:])
	c.do(maced, 0xCA, append(bytes.Clone(app), 0x0F, 0x81), nil)
}

// Ensure that nothing that holds a key prints it.
func TestKeysAreNotPrinted(t *testing.T) {
	config := emu.Config{UID: uid, Key: [16]byte([]byte("do not print me!"))}
	card := emu.New(config)
	field := emu.NewField()
	contact := field.Put(card, emu.Air{})
	hidden := []string{"print me", fmt.Sprintf("%x", config.Key), "100 111 32", "0x64, 0x6f"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		for _, v := range []any{config, &config, card, contact, field, []*emu.Card{card}} {
			text := fmt.Sprintf(format, v)
			for _, h := range hidden {
				require.NotContains(t, strings.ToLower(text), h, format)
			}
		}
	}
}
