package emu_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// shared is an application of eight keys, and a session with the master key. Of each
// kind of file there is one, for key 1 alone.
func shared(t *testing.T, card *emu.Card) *client {
	c := meet(t, card, emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0xA8, 0x10, 0xE1, []byte("bus")), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	c.do(maced, 0xCD, join(1, 0x04, 0xE1, 0x81, 0x10, 0x11, le3(8)), nil)
	c.do(maced, 0xCC, join(2, 1, 0x10, 0x11, le4(0), le4(9), le4(5), 0), nil)
	c.do(maced, 0xC0, join(3, 1, 0x10, 0x11, le3(4), le3(3)), nil)
	return c
}

// Ensure that each set of access rights serves as the first does: any of them that
// names the key lets the command through, in the file's mode, and none but the first
// says who may change the settings.
func TestMoreAccessRights(t *testing.T) {
	rows := map[string]struct {
		keys         string // of those that may
		ins          byte
		header, data []byte
	}{
		"ReadData":        {"1245", 0xBD, span(1, 0, 4), nil},
		"WriteData":       {"1346", 0x3D, span(1, 0, 1), []byte{7}},
		"GetValue":        {"123456", 0x6C, []byte{2}, nil},
		"Debit":           {"123456", 0xDC, []byte{2}, le4(1)},
		"Credit":          {"14", 0x0C, []byte{2}, le4(1)},
		"WriteRecord":     {"1346", 0x3B, span(3, 0, 1), []byte{7}},
		"ClearRecordFile": {"14", 0xEB, []byte{3}, nil},
	}
	for name, row := range rows {
		for no := range byte(8) {
			c := shared(t, newCard(64))
			for file := range byte(3) {
				list := join(0x81, 0x10, 0x11, 2, 0x4F, 0x23, 0xF7, 0x56)
				c.do(full, 0x5F, []byte{file + 1}, list)
			}
			c.login(0x77, no, zero)
			_, st := c.run(maced, row.ins, row.header, row.data)
			want := byte(0xAE)
			if strings.Contains(row.keys, fmt.Sprint(no)) {
				want = 0
			}
			require.Equal(t, want, st, "%s by key %d", name, no)
		}
	}
	c := shared(t, newCard(64))
	c.do(full, 0x5F, []byte{1}, join(0x81, 0x10, 0x11, 1, 0xE3, 0xFF))
	c.login(0x77, 3, zero)
	_, st := c.run(full, 0x5F, []byte{1}, []byte{0, 0xEE, 0xEE})
	require.Equal(t, byte(0xAE), st, "key 3 is that of a second set")
	c.selectApp(app)
	answer, err := c.card.Transmit(unhex(t, "00B0810001"))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "009000"), answer, "free by the second set: plain")
}

// Ensure that the list is told last of the settings, that settings without one take
// it away, and that an image keeps it.
func TestMoreAccessRightsAreTold(t *testing.T) {
	card := newCard(64)
	c := shared(t, card)
	told := func(file byte) []byte { return c.do(maced, 0xF5, []byte{file}, nil) }
	require.Equal(t, join(0, 0x81, 0x10, 0x11, le3(8), 0), told(1), "by the creation")
	require.Equal(t, join(4, 0x01, 0x10, 0x11, le3(4), le3(3), le3(0)), told(3))
	list := unhex(t, "07111122223333444455556666FF7F")
	c.do(full, 0x5F, []byte{1}, join(0x83, 0x10, 0x11, list))
	require.Equal(t, join(0, 0x83, 0x10, 0x11, le3(8), list), told(1))
	c.do(full, 0x5F, []byte{2}, join(0x80, 0x10, 0x11, list))
	require.Equal(t, join(2, 0x80, 0x10, 0x11, le4(0), le4(9), le4(0), 0, list), told(2))
	again, err := emu.Load(strings.NewReader(memory(t, card)))
	require.NoError(t, err)
	other := meet(t, again, emu.Air{})
	other.selectApp(app)
	require.Equal(t, join(0, 0x83, 0x10, 0x11, le3(8), list), other.do(plain, 0xF5, []byte{1}, nil))
	c.do(full, 0x5F, []byte{1}, []byte{1, 0x10, 0x11})
	require.Equal(t, join(0, 0x01, 0x10, 0x11, le3(8)), told(1))
	c.do(full, 0x5F, []byte{1}, join(0x81, 0x10, 0x11, 0))
	require.Equal(t, join(0, 0x81, 0x10, 0x11, le3(8), 0), told(1))
}

// Ensure that a list is one, of keys that there are, on a chip and a file that can
// have it, and that nothing is changed otherwise.
func TestMoreAccessRightsMistakes(t *testing.T) {
	for name, row := range map[string]struct {
		want byte
		file byte
		data []byte
	}{
		"no list":       {0x7E, 1, []byte{0x81, 0x10, 0x11}},
		"half a list":   {0x7E, 1, []byte{0x81, 0x10, 0x11, 2, 0x11, 0x11}},
		"unasked":       {0x7E, 1, []byte{0x01, 0x10, 0x11, 1, 0x11, 0x11}},
		"key 8 of 8":    {0x9E, 1, []byte{0x81, 0x10, 0x11, 1, 0x11, 0x81}},
		"eight of them": {0x9E, 1, join(0x81, 0x10, 0x11, 8, make([]byte, 16))},
		"TMAC file":     {0x9E, 15, []byte{0x81, 0xF0, 0x1F, 1, 0x11, 0x11}},
	} {
		card := newCard(64)
		c := shared(t, card)
		c.do(full, 0xCE, []byte{15, 1, 0xF0, 0x1F, 2}, join(tmacKey, 7))
		before := memory(t, card)
		_, st := c.run(full, 0x5F, []byte{row.file}, row.data)
		require.Equal(t, row.want, st, name)
		require.Equal(t, before, memory(t, card))
	}
	for _, f := range families {
		_, c := old(t, f, emu.EV1)
		c.do(plain, 0xCD, join(1, 0, 0x00, 0x00, le3(8)), nil, -1)
		_, st := c.run(plain, 0xCD, join(2, 0x80, 0x00, 0x00, le3(8)), nil, -1)
		require.Equal(t, byte(0x9E), st, "an EV1")
		c.login(f, 0, make([]byte, f.key))
		c.login(f, 0, make([]byte, f.key))
		_, st = c.run(full, 0x5F, []byte{1}, []byte{0x80, 0x00, 0x00}, -1)
		require.Equal(t, byte(0x9E), st, "an EV1")
	}
}

// Ensure that the older sessions find the end of a list, which they fill up with
// zeros.
func TestMoreAccessRightsInOldSessions(t *testing.T) {
	for _, f := range families {
		for n := range 8 {
			_, c := old(t, f, emu.EV3)
			c.do(plain, 0xCD, join(1, 0, 0x00, 0x00, le3(8)), nil, -1)
			list := join(n, make([]byte, 2*n))
			c.do(full, 0x5F, []byte{1}, join(0x80, 0x00, 0x00, list), -1)
			require.Equal(t, join(0, 0x80, 0x00, 0x00, le3(8), list),
				c.do(plain, 0xF5, []byte{1}, nil, -1), "%s, %d", f.name, n)
		}
	}
}
