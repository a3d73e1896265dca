package emu_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// withSets is an application of four AES keys, three key sets of keys up to 24 bytes
// and the version 1, rolled by key 2; and a session with its master key.
func withSets(t *testing.T) (*emu.Card, *client) {
	card := newCard(64)
	c := meet(t, card, emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x94, 1, 1, 3, 24, 2), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	return card, c
}

// prepare makes a key set ready, all of whose keys are that of the one in use.
func (c *client) prepare(set, kind, version byte) {
	c.t.Helper()
	c.do(maced, 0x56, nil, []byte{set, kind})
	c.do(maced, 0x57, nil, []byte{set, version})
}

func (c *client) roll(set byte) byte {
	c.t.Helper()
	out, st := c.send(0x55, c.protect(maced, 0x55, nil, []byte{set})...)
	require.Empty(c.t, out, "the session is over: no MAC")
	c.enc, c.mac = nil, nil
	return st
}

// Ensure that sets are numbered from the one in use, whatever was rolled before: the
// versions are those that liblogicalaccess expects of a card.
func TestRollKeySets(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x9E, 1, 1, 4, 16, 2), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	versions := func() []byte { return c.do(maced, 0x64, []byte{0x40, 0x80}, nil) }
	require.Equal(t, []byte{1, 0, 0, 0}, versions())
	c.prepare(1, 2, 2)
	c.prepare(2, 2, 4)
	c.prepare(3, 2, 3)
	require.Equal(t, []byte{1, 2, 4, 3}, versions())
	for _, row := range []struct {
		set  byte
		want []byte
	}{{1, []byte{2, 4, 3, 1}}, {2, []byte{3, 1, 2, 4}}, {3, []byte{4, 3, 1, 2}}} {
		c.login(0x71, 2, zero)
		require.Equal(t, byte(0), c.roll(row.set))
		require.Equal(t, row.want, versions())
	}
}

// Ensure that the keys of a set that waits begin as those in use, are changed by
// giving the old one, and are in use once it is rolled to; that files and settings
// stay, and that an image keeps all of it.
func TestKeySet(t *testing.T) {
	card, c := withSets(t)
	c.do(maced, 0xCD, join(1, 3, 0x10, 0x11, le3(8)), nil)
	first, second := []byte("the first key 1."), []byte("the second key 1")
	change := func(set, no byte, was, fresh []byte) byte {
		data := join(fresh, 0x42, crc(fresh))
		for i := range was {
			data[i] ^= was[i]
		}
		_, st := c.run(full, 0xC6, []byte{set, no}, data)
		return st
	}
	require.Equal(t, byte(0), change(0, 1, zero, first), "set 0 is ChangeKey")
	require.Equal(t, unhex(t, "0F94010318"+"02"), c.do(maced, 0x45, nil, nil))
	_, st := c.run(maced, 0x64, []byte{0x41, 1}, nil)
	require.Equal(t, byte(0x40), st, "not initialized")
	c.login(0x71, 0, zero)
	c.do(maced, 0x56, nil, []byte{1, 2})
	require.Equal(t, []byte{0x42}, c.do(maced, 0x64, []byte{0x41, 1}, nil), "a copy")
	require.Equal(t, byte(0), change(1, 1, first, second))
	require.Equal(t, byte(0), change(1, 0, zero, second), "not the session's key either")
	c.do(maced, 0x57, nil, []byte{1, 9})
	require.Equal(t, byte(0x9D), change(1, 1, second, first), "it is final")

	c.login(0x71, 1, first)
	c.write(full, 0x3D, 1, 0, []byte("kept"))
	c.login(0x71, 2, zero)
	require.Equal(t, byte(0), c.roll(1))
	again, err := emu.Load(strings.NewReader(memory(t, card)))
	require.NoError(t, err)
	c = meet(t, again, emu.Air{})
	c.selectApp(app)
	require.Equal(t, byte(0xAE), c.tryLogin(0x71, 1, first))
	c.login(0x71, 1, second)
	require.Equal(t, "kept", string(c.read(full, 0xBD, 1, 0, 4)))
	require.Equal(t, []byte{9, 0, 1}, c.do(maced, 0x64, []byte{0x40, 0x80}, nil))
	c.login(0x71, 0, second)
	require.Equal(t, []byte{0x42}, c.do(maced, 0x64, []byte{0x41, 2}, nil), "the set before")
	c.login(0x71, 2, zero)
	require.Equal(t, byte(0x9D), c.roll(2), "it is an older one")
}

// Ensure that ChangeKeyEV2 of set 0 ends the session with its own key, as ChangeKey
// does.
func TestChangeKeyEV2OfOwn(t *testing.T) {
	_, c := withSets(t)
	fresh := []byte("the new master..")
	out, st := c.send(0xC6, c.protect(full, 0xC6, []byte{0, 0}, join(fresh, 1))...)
	require.Equal(t, byte(0), st)
	require.Empty(t, out)
	c.login(0x71, 0, fresh)
	c = meet(t, newCard(64), emu.Air{})
	c.login(0x71, 0, master[:])
	_, st = c.send(0xC6, c.protect(full, 0xC6, []byte{0, 0x80}, join(fresh, 1))...)
	require.Equal(t, byte(0), st, "at PICC level")
	c.login(0x71, 0, fresh)
}

// Ensure that sets of another type work as their keys do, and that older sessions
// too make them ready.
func TestKeySetOfAnotherType(t *testing.T) {
	for _, from := range families {
		for kind, to := range []family{families[1], families[2], families[3]} {
			card := emu.New(emu.Config{UID: uid, Chip: emu.EV2, Blank: true})
			c := &classic{t: t, card: emu.Air{}.Present(card)}
			c.do(plain, 0xCA, join(app, 0x0F, int(from.ks2|0x12), 1, 1, 2, 24, 1), nil, -1)
			c.enter(app)
			c.login(from, 0, make([]byte, from.key))
			c.do(maced, 0x56, nil, []byte{1, byte(kind)}, -1)
			c.do(maced, 0x57, nil, []byte{1, 2}, -1)
			c.login(from, 1, make([]byte, from.key))
			out, st := c.talk(0x55, c.seal(maced, 0x55, nil, []byte{1}, nil))
			require.Equal(t, byte(0), st)
			require.Empty(t, out)
			c.key = nil
			c.login(to, 1, make([]byte, to.key))
			c.login(to, 0, make([]byte, to.key))
			settings := join(0x0F, int(to.ks2|0x12), 2, 2, 24, 1)
			require.Equal(t, settings, c.do(plain, 0x45, nil, nil, -1))
		}
	}
}

// Ensure that a key that is taken for one of another type is cut off or filled up,
// and keeps its version.
func TestKeyOfAnotherType(t *testing.T) {
	card := emu.New(emu.Config{UID: uid, Blank: true})
	c := &classic{t: t, card: emu.Air{}.Present(card)}
	c.do(plain, 0xCA, join(app, 0x0F, 0x52, 1, 1, 2, 24, 0), nil, -1)
	c.enter(app)
	c.login(families[2], 0, make([]byte, 24))
	fresh := []byte("\x10\x20\x31\x40\x50\x60\x70\x81 sixteen and so on")[:24]
	_, st := c.changeOther(families[2], 1, make([]byte, 24), fresh)
	require.Equal(t, byte(0), st)
	c.do(maced, 0x56, nil, []byte{1, 2}, -1)
	require.Equal(t, []byte{0x21}, c.do(plain, 0x64, []byte{0x41, 1}, nil, 1))
	c.do(maced, 0x57, nil, []byte{1, 2}, -1)
	_, st = c.talk(0x55, c.seal(maced, 0x55, nil, []byte{1}, nil))
	require.Equal(t, byte(0), st)
	c.key = nil
	c.login(families[3], 1, fresh[:16])
}

// Ensure that each mistake with key sets has its status and changes nothing.
func TestKeySetMistakes(t *testing.T) {
	for name, row := range map[string]struct {
		want         byte
		key          byte
		how          int
		ins          byte
		header, data []byte
	}{
		"initialize the set in use": {0x9E, 0, maced, 0x56, nil, []byte{0, 2}},
		"initialize set 3 of 3":     {0x9E, 0, maced, 0x56, nil, []byte{3, 2}},
		"initialize type 3":         {0x9E, 0, maced, 0x56, nil, []byte{1, 3}},
		"initialize as key 1":       {0xAE, 1, maced, 0x56, nil, []byte{1, 2}},
		"initialize nothing":        {0x7E, 0, maced, 0x56, nil, []byte{1}},
		"finalize what is not":      {0x9D, 0, maced, 0x57, nil, []byte{1, 2}},
		"finalize as version 0":     {0x9E, 0, maced, 0x57, nil, []byte{2, 0}},
		"finalize the set in use":   {0x9E, 0, maced, 0x57, nil, []byte{0, 2}},
		"roll to an older one":      {0x9D, 2, maced, 0x55, nil, []byte{2}},
		"roll to an unready one":    {0x9D, 2, maced, 0x55, nil, []byte{1}},
		"roll to the set in use":    {0x9E, 2, maced, 0x55, nil, []byte{0}},
		"roll to no set":            {0x9E, 2, maced, 0x55, nil, []byte{3}},
		"roll as the master":        {0xAE, 0, maced, 0x55, nil, []byte{2}},
		"change in no set":          {0x9E, 0, full, 0xC6, []byte{3, 0}, make([]byte, 21)},
		"change what is not":        {0x9D, 0, full, 0xC6, []byte{1, 0}, make([]byte, 21)},
		"change with a wrong sum":   {0x1E, 0, full, 0xC6, []byte{0, 1}, make([]byte, 21)},
		"version in no set":         {0x9E, 0, maced, 0x64, []byte{0x40, 3}, nil},
		"version without a set":     {0x7E, 0, maced, 0x64, []byte{0x40}, nil},
		"version with a set":        {0x7E, 0, maced, 0x64, []byte{0x00, 0}, nil},
		"version of no key":         {0x40, 0, maced, 0x64, []byte{0x44, 0}, nil},
	} {
		card, c := withSets(t)
		c.prepare(2, 2, 1)
		c.login(0x71, row.key, zero)
		before := memory(t, card)
		_, st := c.run(row.how, row.ins, row.header, row.data)
		require.Equal(t, row.want, st, name)
		require.Equal(t, before, memory(t, card))
	}
	c := meet(t, newCard(64), emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x82), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	require.Equal(t, []byte{0}, c.do(maced, 0x64, []byte{0x40, 0x80}, nil))
	_, st := c.run(maced, 0x56, nil, []byte{1, 2})
	require.Equal(t, byte(0x9E), st, "an application without key sets")
	c = meet(t, newCard(64), emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x92, 1, 1, 2, 16, 0), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	_, st = c.run(maced, 0x56, nil, []byte{1, 1})
	require.Equal(t, byte(0x9E), st, "3K3DES is longer than 16")
	c = meet(t, emu.New(emu.Config{Chip: emu.EV1}), emu.Air{})
	_, st = c.send(0x64, 0x40, 0)
	require.Equal(t, byte(0x7E), st, "an EV1")
	_, st = c.send(0xCA, join(app, 0x0F, 0x92, 0)...)
	require.Equal(t, byte(0x9E), st, "an EV1")
}

// Ensure that all key sets take their memory from the beginning, and that names may
// follow them.
func TestKeySetMemory(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	name := bytes.Repeat([]byte("x"), 16)
	c.do(plain, 0xCA, join(app, 0x0F, 0xB4, 1, 1, 3, 24, 0, 0x10, 0xE1, name), nil)
	require.Equal(t, le3(8192-32-288), c.do(plain, 0x6E, nil, nil))
	require.Equal(t, join(app, 0x10, 0xE1, name), c.do(plain, 0x6D, nil, nil))
	c.do(plain, 0xCA, join(1, 2, 3, 0x0F, 0x94, 0), nil)
	require.Equal(t, le3(8192-32-288-32-64), c.do(plain, 0x6E, nil, nil))
}
