package emu_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// The keys for delegated applications, and what an issuer hands out with them, of
// NXP AN12696: application 563412 of one AES key of zeros, slot 0, version 0, 64 pages.
var (
	damAuth = bytes.Repeat([]byte{0x33}, 16)
	damMAC  = bytes.Repeat([]byte{0x11}, 16)
	damENC  = bytes.Repeat([]byte{0x22}, 16)

	damHeader = []byte{0x12, 0x34, 0x56, 0, 0, 0, 0x40, 0, 0xEF, 0x81}
)

const (
	damEncK = "9232C82A913FA1CFCDC7ED5EC63AB45CE991C06A1F485156DB8C3CDCB689BD27"
	damTag  = "5D941683B901612B"
)

// delegating is a card with those keys, and a session with the one for logging in.
func delegating(t *testing.T) (*emu.Card, *client) {
	card := newCard(64)
	c := meet(t, card, emu.Air{})
	c.login(0x71, 0, master[:])
	for i, key := range [][]byte{damAuth, damMAC, damENC} {
		c.do(full, 0xC4, []byte{0x90 + byte(i)}, join(key, 1, crc(key)))
	}
	c.login(0x71, 0x10, damAuth)
	return card, c
}

// issued is what an issuer hands out with the keys above.
func issued(header, appKey []byte) []byte {
	encK := cbc(damENC, zero, join([]byte("seven.."), appKey, make([]byte, 8), 5), true)
	long, tag := cmac(damMAC, join(0xC9, header, encK)), []byte{}
	for i := 1; i < 16; i += 2 {
		tag = append(tag, long[i])
	}
	return join(encK, tag)
}

// delegate sends the two frames of CreateDelegatedApplication.
func (c *client) delegate(header, issued []byte) byte {
	c.t.Helper()
	_, st := c.send(0xC9, header...)
	if st != 0xAF {
		return st
	}
	all := join(header, issued)
	out, st := c.send(0xAF, join(issued, c.tag(0xC9, all))...)
	if st != 0 {
		c.enc, c.mac = nil, nil
		return st
	}
	c.accept(maced, out)
	return st
}

// Ensure that a card takes what AN12696 says an issuer hands out.
func TestDelegatedApplication(t *testing.T) {
	card, c := delegating(t)
	before := c.do(maced, 0x6E, nil, nil)
	require.Equal(t, byte(0), c.delegate(damHeader, unhex(t, damEncK+damTag)))
	require.Equal(t, damHeader[:3], c.do(maced, 0x6A, nil, nil))
	require.Equal(t, le3(8192), before)
	require.Equal(t, le3(8192-64*32), c.do(maced, 0x6E, nil, nil), "all of the quota")
	again, err := emu.Load(strings.NewReader(memory(t, card)))
	require.NoError(t, err)
	c = meet(t, again, emu.Air{})
	require.Equal(t, unhex(t, "0040003E00123456"), c.do(plain, 0x69, []byte{0, 0}, nil))
	require.Equal(t, []byte{1}, c.do(plain, 0x64, []byte{0x11}, nil))
	require.Equal(t, byte(0), c.tryLogin(0x71, 0x10, damAuth))
	c.selectApp(damHeader[:3])
	c.login(0x71, 0, zero)
}

// Ensure that a card with DES keys takes the numbers of the demo of the SLAB DESFire
// library: application 2 of 14 AES keys, slot 2, version 1, 32 pages.
func TestDelegatedApplicationOfDES(t *testing.T) {
	header := unhex(t, "02000002000120000B8E")
	sealed := unhex(t, "57C6D5D2AD5575328ACFDF56FD11037A6E804A926B5471B15518F498CB4D17A2"+
		"3A2C64E6DACC5694")
	for _, f := range families[:2] {
		card := emu.New(emu.Config{UID: uid, Chip: emu.EV3, Blank: true})
		c := &classic{t: t, card: emu.Air{}.Present(card)}
		c.login(f, 0, zero)
		for no := byte(0x10); no < 0x13; no++ {
			_, st := c.changeOther(f, no, zero, zero)
			require.Equal(t, byte(0), st, "%02X", no)
		}
		_, st := c.changeOther(families[3], 0x91, zero, zero)
		require.Equal(t, byte(0), st)
		require.Equal(t, []byte{0x0F, 0x01}, c.do(plain, 0x45, nil, nil, -1), "a DES key 0")
		_, st = c.changeOther(f, 0x11, zero, zero)
		require.Equal(t, byte(0), st)
		c.login(f, 0x10, zero)
		if !c.d40 {
			c.cmac(join(0xC9, header, sealed))
		}
		_, st = c.raw(0xC9, header...)
		require.Equal(t, byte(0xAF), st)
		out, st := c.raw(0xAF, sealed...)
		require.Equal(t, byte(0), st)
		require.Empty(t, c.open(plain, out, -1))
		require.Equal(t, unhex(t, "0120001800020000"), c.do(plain, 0x69, []byte{2, 0}, nil, -1))
		c.enter(header[:3])
		key := unhex(t, "112233445566778899AABBCCDDEEFF00")
		require.Equal(t, []byte{1}, c.do(plain, 0x64, []byte{13}, nil, -1))
		c.login(families[3], 13, key)
	}
}

// Ensure that a delegated application may grow up to its quota and no further, whatever
// room the card has.
func TestQuota(t *testing.T) {
	_, c := delegating(t)
	header := []byte{1, 2, 3, 7, 0, 1, 4, 0, 0x0F, 0x81}
	require.Equal(t, byte(0), c.delegate(header, issued(header, zero)))
	c.selectApp(header[:3])
	_, st := c.run(plain, 0xCD, join(1, 0, 0xEE, 0xEE, le3(65)), nil)
	require.Equal(t, byte(0x0E), st)
	c.do(plain, 0xCD, join(1, 0, 0xEE, 0xEE, le3(64)), nil)
	_, st = c.run(plain, 0xCD, join(2, 0, 0xEE, 0xEE, le3(1)), nil)
	require.Equal(t, byte(0x0E), st)
	c.selectApp([]byte{0, 0, 0})
	require.Equal(t, unhex(t, "0104000000010203"), c.do(plain, 0x69, []byte{7, 0}, nil))
	c.login(0x71, 0, master[:])
	c.do(maced, 0xFC, nil, nil)
	_, st = c.run(maced, 0x69, []byte{7, 0}, nil)
	require.Equal(t, byte(0xA0), st, "formatted")
}

// Ensure that only a higher version of a slot drives out what is in it.
func TestSlotVersions(t *testing.T) {
	_, c := delegating(t)
	header := []byte{1, 2, 3, 0, 0, 5, 4, 0, 0x0F, 0x82}
	put := func(id, slot, version byte) byte {
		h := bytes.Clone(header)
		h[0], h[3], h[5] = id, slot, version
		c.login(0x71, 0x10, damAuth)
		return c.delegate(h, issued(h, zero))
	}
	require.Equal(t, byte(0), put(1, 0, 5))
	require.Equal(t, byte(0x9D), put(1, 0, 5), "the same")
	require.Equal(t, byte(0x9D), put(2, 0, 4), "an older one")
	require.Equal(t, byte(0xDE), put(1, 1, 6), "another slot")
	require.Equal(t, byte(0), put(1, 0, 6))
	require.Equal(t, byte(0), put(2, 0, 7), "another application")
	require.Equal(t, byte(0), put(1, 3, 0), "which is free again")
	require.Equal(t, []byte{2, 2, 3, 1, 2, 3}, c.do(maced, 0x6A, nil, nil))
}

// Ensure that each mistake with a delegated application has its status and changes
// nothing.
func TestDelegatedMistakes(t *testing.T) {
	good := unhex(t, damEncK+damTag)
	for name, row := range map[string]struct {
		want byte
		send func(c *client) byte
	}{
		"wrong MAC": {0x1E, func(c *client) byte {
			return c.delegate(damHeader, unhex(t, damEncK+"5D941683B901612C"))
		}},
		"another quota": {0x1E, func(c *client) byte {
			return c.delegate(join(damHeader[:6], 0x41, 0, 0xEF, 0x81), good)
		}},
		"no quota": {0x0E, func(c *client) byte {
			h := join(damHeader[:6], 0, 0, 0xEF, 0x81)
			return c.delegate(h, issued(h, zero))
		}},
		"too much quota": {0x0E, func(c *client) byte {
			h := join(damHeader[:6], 1, 1, 0xEF, 0x81)
			return c.delegate(h, issued(h, zero))
		}},
		"AID of the PICC": {0xDE, func(c *client) byte {
			h := join(0, 0, 0, damHeader[3:])
			return c.delegate(h, issued(h, zero))
		}},
		"no keys": {0x9E, func(c *client) byte {
			h := join(damHeader[:9], 0x80)
			return c.delegate(h, issued(h, zero))
		}},
		"as the master": {0xAE, func(c *client) byte {
			c.login(0x71, 0, master[:])
			return c.delegate(damHeader, good)
		}},
		"too short": {0x7E, func(c *client) byte { return c.delegate(damHeader[:9], good) }},
		"too long": {0x7E, func(c *client) byte {
			return c.delegate(make([]byte, 34), good)
		}},
		"log in with the MAC key": {0x9D, func(c *client) byte {
			return c.tryLogin(0x71, 0x11, damMAC)
		}},
		"no such slot": {0xA0, func(c *client) byte {
			_, st := c.run(maced, 0x69, []byte{1, 0}, nil)
			return st
		}},
	} {
		card, c := delegating(t)
		before := memory(t, card)
		require.Equal(t, row.want, row.send(c), name)
		require.Equal(t, before, memory(t, card), name)
	}
	c := meet(t, newCard(64), emu.Air{})
	require.Equal(t, byte(0x9D), c.tryLogin(0x71, 0x10, zero), "not set")
	_, st := c.run(plain, 0x64, []byte{0x10}, nil)
	require.Equal(t, byte(0x40), st, "not set")
	c = meet(t, emu.New(emu.Config{Chip: emu.EV1, Key: master}), emu.Air{})
	_, st = c.send(0xAA, 0x10)
	require.Equal(t, byte(0x40), st, "an EV1")
}
