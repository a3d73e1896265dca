package emu_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

func eachFamily(t *testing.T, test func(t *testing.T, f family)) {
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) { test(t, f) })
	}
}

// Ensure that files of every mode are written and read under the older sessions, in
// frames of 59 bytes, whether the length is told or not.
func TestOldModes(t *testing.T) {
	eachFamily(t, func(t *testing.T, f family) {
		_, c := old(t, f, emu.EV1)
		for file, how := range []int{plain, maced, full} {
			mode := []int{0, 1, 3}[file]
			c.do(plain, 0xCD, join(file, mode, 0x00, 0x00, 200, 0, 0), nil, -1)
			data := pattern(150)
			c.do(how, 0x3D, span(byte(file), 7, len(data)), data, -1)
			require.Equal(t, data, c.do(how, 0xBD, span(byte(file), 7, 150), nil, 150))
			require.Equal(t, data[143:], c.do(how, 0xBD, span(byte(file), 150, 7), nil, 7))
			all := c.do(how, 0xBD, span(byte(file), 0, 0), nil, 200)
			require.Equal(t, data, all[7:157])
		}
		require.Equal(t, []byte{0, 1, 2}, c.do(plain, 0x6F, nil, nil, -1))
	})
}

// Ensure that an answer of untold length is ended by 80, unless it fills its blocks.
func TestUntoldLength(t *testing.T) {
	_, c := old(t, families[3], emu.EV1)
	for _, n := range []int{11, 12, 13} {
		c.do(plain, 0xCD, join(n, 3, 0x00, 0x00, n, 0, 0), nil, -1)
		c.cmac(join(0xBD, span(byte(n), 0, 0)))
		out, st := c.talk(0xBD, span(byte(n), 0, 0))
		require.Equal(t, byte(0), st)
		plain := chain(c.key, c.iv, out, false)
		c.iv = tail(out, 16)
		want := map[int][]byte{11: {0x80}, 12: {}, 13: join(0x80, make([]byte, 14))}[n]
		require.Equal(t, want, append([]byte{}, plain[n+4:]...))
	}
}

// changed is what ChangeKey sends for another key than the session's.
func (c *classic) changeOther(f family, no byte, was, fresh []byte) ([]byte, byte) {
	diff := bytes.Clone(fresh)
	for i := range diff {
		diff[i] ^= was[i]
	}
	sum := crc(fresh)
	if c.d40 {
		sum = crc16(fresh)
	}
	if f.ks2 == 0x80 {
		diff = append(diff, 0x42)
	}
	out, st := c.talk(0xC4, join(int(no), c.seal(full, 0xC4, []byte{no}, diff, sum)))
	if st != 0 {
		return nil, st
	}
	return c.open(plain, out, -1), 0
}

// Ensure that keys of every type are changed, another's and one's own, that they are
// then the keys, and that their version is told.
func TestOldChangeKey(t *testing.T) {
	eachFamily(t, func(t *testing.T, f family) {
		_, c := old(t, f, emu.EV1)
		fresh := []byte("\x10\x20\x31\x40\x50\x60\x70\x81 sixteen and so on")[:f.key]
		out, st := c.changeOther(f, 2, make([]byte, f.key), fresh)
		require.Equal(t, byte(0), st)
		require.Empty(t, out)
		want := byte(0x21)
		if f.ks2 == 0x80 {
			want = 0x42
		}
		require.Equal(t, []byte{want}, c.do(plain, 0x64, []byte{2}, nil, -1))
		_, st = c.changeOther(f, 2, make([]byte, f.key), fresh)
		require.Equal(t, byte(0x1E), st, "the old key was another")

		c.login(f, 0, make([]byte, f.key))
		own := fresh
		if f.ks2 == 0x80 {
			own = append(bytes.Clone(fresh), 7)
		}
		answer, st := c.talk(0xC4, join(0, c.seal(full, 0xC4, []byte{0}, own, nil)))
		require.Equal(t, byte(0), st)
		require.Empty(t, answer, "the session is over: no MAC")
		require.Equal(t, byte(0xAE), c.tryLogin(f, 0, make([]byte, f.key)))
		c.login(f, 0, fresh)
		c.login(f, 2, fresh)
	})
}

// Ensure that the PICC key goes round through all types, under every session that
// the type before allows.
func TestPICCKeyTypes(t *testing.T) {
	card := emu.New(emu.Config{UID: uid, Blank: true, Chip: emu.EV3})
	c := &classic{t: t, card: emu.Air{}.Present(card)}
	is, key := families[0], make([]byte, 16)
	for i, next := range []family{families[2], families[3], families[1], families[3], families[0]} {
		c.login(is, 0, key)
		fresh := bytes.Repeat([]byte{byte(2*i + 2)}, next.key)
		data := fresh
		if next.ks2 == 0x80 {
			data = append(bytes.Clone(fresh), byte(i))
		}
		_, st := c.talk(0xC4, join(int(next.ks2), c.seal(full, 0xC4, []byte{next.ks2}, data, nil)))
		require.Equal(t, byte(0), st, "to %s", next.name)
		is, key = next, fresh
		c.key = nil
		require.Equal(t, []byte{0x0F, next.ks2 | 1}, c.do(plain, 0x45, nil, nil, -1))
	}
	c.login(is, 0, key)
	for _, wrong := range []byte{0x1A, 0xAA, 0x71} {
		_, st := c.raw(wrong, 0, 0)
		want := map[byte]byte{0x1A: 0x7E, 0xAA: 0x7E, 0x71: 0xAE}[wrong]
		require.Equal(t, want, st, "%02X", wrong)
	}
}

// Ensure that settings of keys, files and the card are changed under every session.
func TestOldSettings(t *testing.T) {
	eachFamily(t, func(t *testing.T, f family) {
		card, c := old(t, f, emu.EV1)
		c.do(plain, 0xCD, join(1, 0, 0x00, 0x10, 5, 0, 0), nil, -1)
		c.do(full, 0x5F, []byte{1}, []byte{3, 0xE0, 0xEE}, -1)
		require.Equal(t, unhex(t, "0003E0EE050000"), c.do(plain, 0xF5, []byte{1}, nil, -1))
		c.do(full, 0x54, nil, []byte{0x0D}, -1)
		require.Equal(t, join(0x0D, int(f.ks2|4)), c.do(plain, 0x45, nil, nil, -1))

		c.enter([]byte{0, 0, 0})
		root := families[0]
		if f.ins != 0x0A {
			root = families[1]
		}
		c.login(root, 0, make([]byte, 16))
		require.Equal(t, uid[:], c.do(full, 0x51, nil, nil, 7))
		c.do(full, 0x5C, []byte{1}, join(bytes.Repeat([]byte{0x22}, 24), 0x33), -1)
		ats := []byte{5, 0x75, 0x77, 0x81, 0x02}
		params := join(2, c.seal(full, 0x5C, []byte{2}, ats, []byte{0x80}))
		out, st := c.talk(0x5C, params)
		require.Equal(t, byte(0), st)
		c.open(plain, out, -1)
		c.do(full, 0x5C, []byte{0}, []byte{0x03}, -1)
		c.do(full, 0x5C, []byte{0}, []byte{0x00}, -1)
		_, st = c.run(plain, 0xFC, nil, nil, -1)
		require.Equal(t, byte(0x9D), st, "the format is disabled")

		contact := emu.Air{}.Present(card)
		answer, err := contact.Transmit(unhex(t, "FFCA010000"))
		require.NoError(t, err)
		require.Equal(t, join(ats, 0x90, 0x00), answer)
		answer, err = contact.Transmit(unhex(t, "FFCA000000"))
		require.NoError(t, err)
		require.Len(t, answer, 6)
		require.Equal(t, byte(0x08), answer[0], "a random identifier")
		c = &classic{t: t, card: contact}
		version, _ := c.talk(0x60, nil)
		require.Equal(t, make([]byte, 7), version[14:21], "nor does GetVersion tell")
		c.login(root, 0, make([]byte, 16))
		require.Equal(t, uid[:], c.do(full, 0x51, nil, nil, 7))
		c.do(plain, 0xCA, []byte{7, 7, 7, 0x0F, f.ks2 | 1}, nil, -1)
		c.enter([]byte{7, 7, 7})
		c.login(f, 0, bytes.Repeat([]byte{0x22}, f.key))
		again, err := emu.Load(bytes.NewReader([]byte(memory(t, card))))
		require.NoError(t, err)
		require.Equal(t, memory(t, card), memory(t, again))
	})
}

// Ensure that SetConfiguration is the PICC master key's, knows three options, and
// takes no ATS that is none.
func TestConfigurationIsRefused(t *testing.T) {
	begin := func() *classic {
		card := emu.New(emu.Config{UID: uid, Blank: true})
		c := &classic{t: t, card: emu.Air{}.Present(card)}
		c.login(families[1], 0, make([]byte, 16))
		return c
	}
	for name, row := range map[string]struct {
		want   byte
		option byte
		data   []byte
		more   []byte
	}{
		"unknown option": {0x9E, 3, []byte{1}, nil},
		"unknown bits":   {0x9E, 0, []byte{4}, nil},
		"wrong length":   {0x1E, 2, []byte{5, 0x75}, nil},
		"wrong TL":       {0x9E, 2, []byte{5, 0x75}, []byte{0x80}},
		"key too short":  {0x7E, 1, make([]byte, 16), nil},
		"messaging":      {0x9E, 4, []byte{0, 8}, nil},
		"messaging 2":    {0x9E, 4, []byte{1, 0}, nil},
		"LRP":            {0x9E, 5, []byte{0, 0, 0, 0, 2, 0, 0, 0, 0, 0}, nil},
		"option 6":       {0x9E, 6, make([]byte, 17), nil},
	} {
		c := begin()
		sealed := c.seal(full, 0x5C, []byte{row.option}, row.data, row.more)
		_, st := c.raw(0x5C, join(int(row.option), sealed)...)
		require.Equal(t, row.want, st, name)
	}
	c := begin()
	c.key = nil
	_, st := c.raw(0x5C, 2)
	require.Equal(t, byte(0x7E), st, "no data at all")
	_, st = c.raw(0x5C, 0, 1)
	require.Equal(t, byte(0xAE), st, "no session")
	_, c = old(t, families[3], emu.EV3)
	_, st = c.raw(0x5C, 0, 1)
	require.Equal(t, byte(0x9D), st, "in an application")
}

// Ensure that a wrong MAC, a wrong checksum and rubbish behind it are integrity
// errors, and end the session; D40 keeps it after a refusal, and only then.
func TestOldIntegrity(t *testing.T) {
	eachFamily(t, func(t *testing.T, f family) {
		for mode, how := range map[int]int{1: maced, 3: full} {
			for i := range 3 {
				_, c := old(t, f, emu.EV1)
				c.do(plain, 0xCD, join(1, mode, 0x00, 0x00, 50, 0, 0), nil, -1)
				header, data := span(1, 0, 19), pattern(19)
				sent := c.seal(how, 0x3D, header, data, nil)
				if how == full && i == 2 {
					sent = c.seal(how, 0x3D, header, data, []byte{1})
				} else {
					sent[i*7] ^= 1
				}
				_, st := c.talk(0x3D, join(header, sent))
				require.Equal(t, byte(0x1E), st)
				_, st = c.raw(0x51)
				require.Equal(t, byte(0xAE), st)
			}
		}
		_, c := old(t, f, emu.EV1)
		c.do(plain, 0xCD, join(1, 0, 0xF0, 0xFF, 50, 0, 0), nil, -1)
		_, st := c.raw(0xBD, span(1, 0, 1)...)
		require.Equal(t, byte(0x9D), st)
		_, st = c.talk(0x51, nil)
		require.Equal(t, f.ins == 0x0A, st == 0, "%02X", st)
	})
}

// Ensure that a value file keeps its value under every session and mode.
func TestOldValue(t *testing.T) {
	eachFamily(t, func(t *testing.T, f family) {
		for _, mode := range []int{0, 1, 3} {
			how := []int{plain, maced, full, full}[mode]
			_, c := old(t, f, emu.EV1)
			c.do(plain, 0xCC, join(1, mode, 0x00, 0x00, le4(-50), le4(1000), le4(100), 1), nil, -1)
			c.do(how, 0xDC, []byte{1}, le4(97), -1)
			c.do(how, 0x0C, []byte{1}, le4(20), -1)
			require.Equal(t, le4(100), c.do(how, 0x6C, []byte{1}, nil, 4), "not yet committed")
			c.do(plain, 0xC7, nil, nil, -1)
			require.Equal(t, le4(23), c.do(how, 0x6C, []byte{1}, nil, 4))
			c.do(how, 0x1C, []byte{1}, le4(97), -1)
			c.do(plain, 0xC7, nil, nil, -1)
			require.Equal(t, le4(120), c.do(how, 0x6C, []byte{1}, nil, 4))
		}
	})
}

func le4(n int32) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
