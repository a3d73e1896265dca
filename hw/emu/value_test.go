package emu_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

const fileValue = 11

// valued is an application with a value file of 0 to 5000 cents that holds 100, with
// limited credit: read 1, write 2, read-write 3. The session is that of key 3.
func valued(t *testing.T, options int) *client {
	c := meet(t, issue(t, 64, true), emu.Air{})
	c.selectApp(app)
	c.login(0x71, 0, zero)
	header := join(fileValue, 3, 0x30, 0x12, le4(0), le4(5000), le4(100), options)
	c.do(maced, 0xCC, header, nil)
	c.login(0x77, 3, zero)
	return c
}

func (c *client) move(ins byte, cents int32) byte {
	c.t.Helper()
	_, st := c.run(full, ins, []byte{fileValue}, le4(cents))
	return st
}

func (c *client) must(ins byte, cents int32) {
	c.t.Helper()
	require.Equal(c.t, byte(0), c.move(ins, cents))
}

func (c *client) commit() {
	c.t.Helper()
	c.do(maced, 0xC7, nil, nil)
}

// purse is the value and the allowance for LimitedCredit.
func (c *client) purse() (value, allowance []byte) {
	c.t.Helper()
	value = c.do(full, 0x6C, []byte{fileValue}, nil)
	c.login(0x77, 0, zero)
	settings := c.do(maced, 0xF5, []byte{fileValue}, nil)
	c.login(0x77, 3, zero)
	return value, settings[12:16]
}

// Ensure that debits add up to what LimitedCredit may give back, that credits in
// between are not taken off, and that it may do so once (libfreefare, tests of
// value files).
func TestLimitedCredit(t *testing.T) {
	c := valued(t, 1)
	c.must(0x0C, 4000)
	c.commit()
	value, allowance := c.purse()
	require.Equal(t, [][]byte{le4(4100), le4(0)}, [][]byte{value, allowance})
	c.must(0xDC, 1300)
	c.must(0x0C, 20)
	c.must(0xDC, 1700)
	value, _ = c.purse()
	require.Equal(t, le4(4100), value, "before the commit")
	c.commit()
	value, allowance = c.purse()
	require.Equal(t, [][]byte{le4(1120), le4(3000)}, [][]byte{value, allowance})
	c.must(0x0C, 1)
	c.commit()
	c.must(0x1C, 3000)
	c.commit()
	value, allowance = c.purse()
	require.Equal(t, [][]byte{le4(4121), le4(0)}, [][]byte{value, allowance})
	require.Equal(t, byte(0xBE), c.move(0x1C, 1), "once")
}

// Ensure that amounts outside of the limits are refused at once, and end the
// transaction with all that it had moved.
func TestValueBounds(t *testing.T) {
	for name, row := range map[string]struct {
		ins  byte
		n    int32
		want byte
	}{
		"too low":    {0xDC, 91, 0xBE},
		"too high":   {0x0C, 4911, 0xBE},
		"overflow":   {0x0C, math.MaxInt32, 0xBE},
		"negative":   {0x0C, -1, 0x9E},
		"minus less": {0xDC, math.MinInt32, 0x9E},
		"unlimited":  {0x1C, 1, 0xBE},
	} {
		c := valued(t, 1)
		c.must(0xDC, 10)
		require.Equal(t, row.want, c.move(row.ins, row.n), name)
		c.login(0x71, 3, zero)
		_, st := c.run(maced, 0xC7, nil, nil)
		require.Equal(t, byte(0x0C), st, name)
		c.login(0x71, 3, zero)
		c.must(0xDC, 100)
		c.commit()
		c.must(0x0C, 5000)
		c.commit()
	}
	c := valued(t, 0)
	require.Equal(t, byte(0x9D), c.move(0x1C, 0), "limited credit is off")
}

// Ensure that each command of a value file asks for its own rights.
func TestValueRights(t *testing.T) {
	for ins, keys := range map[byte]string{0x6C: "123", 0xDC: "123", 0x1C: "23", 0x0C: "3"} {
		for no := range byte(4) {
			c := valued(t, 1)
			c.login(0x77, no, zero)
			var data []byte
			if ins != 0x6C {
				data = le4(0)
			}
			_, st := c.run(full, ins, []byte{fileValue}, data)
			want := byte(0xAE)
			for _, k := range keys {
				if k == rune('0'+no) {
					want = 0
				}
			}
			require.Equal(t, want, st, "%02X by key %d", ins, no)
		}
	}
	c := valued(t, 3)
	c.selectApp(app)
	require.Equal(t, le4(100), c.do(plain, 0x6C, []byte{fileValue}, nil), "free GetValue")
	_, st := c.run(plain, 0x6C, []byte{fileStd}, nil)
	require.Equal(t, byte(0x9D), st)
}

// Ensure that a value file that cannot be is not made.
func TestValueFilesThatCannotBe(t *testing.T) {
	for name, bounds := range map[string][]byte{
		"upside down": join(le4(2), le4(1), le4(1), 0),
		"below":       join(le4(2), le4(9), le4(1), 0),
		"above":       join(le4(2), le4(9), le4(10), 0),
		"options":     join(le4(2), le4(9), le4(3), 4),
	} {
		c := meet(t, issue(t, 64, false), emu.Air{})
		c.selectApp(app)
		c.login(0x71, 0, zero)
		_, st := c.run(maced, 0xCC, join(20, 0, 0xEE, 0xEE, bounds), nil)
		require.Equal(t, byte(0x9E), st, name)
	}
}

// Ensure that the Transaction MAC covers what is done to values and records, and
// who the reader says it is.
func TestTransactionMACOfAll(t *testing.T) {
	c := valued(t, 1)
	c.login(0x77, 0, zero)
	c.do(maced, 0xDF, []byte{fileTMAC}, nil)
	c.do(full, 0xCE, []byte{fileTMAC, 1, 0x30, 0x1F, 2}, join(tmacKey, 7))
	c.do(maced, 0xC1, join(12, 1, 0x30, 0x33, le3(4), le3(3)), nil)
	c.login(0x77, 3, zero)

	reader, last := []byte("the first reader"), make([]byte, 16)
	for counter := byte(1); counter < 3; counter++ {
		var m tmi
		c.must(0xDC, 5)
		m.add(0xDC, join(fileValue, le4(5)), nil)
		m.add(0x6C, join(fileValue, c.do(full, 0x6C, []byte{fileValue}, nil)), nil)
		c.write(maced, 0x8B, 12, 1, []byte("new"))
		m.add(0x8B, span(12, 1, 3), []byte("new"))
		if counter == 2 {
			header := join(12, le3(0), le3(2), le3(2))
			c.do(maced, 0xBA, header, []byte("up"))
			m.add(0xBA, header, []byte("up"))
		}
		sv := join(0xA5, 0, 1, 0, 0x80, int(counter), 0, 0, 0, uid[:])
		want := cbc(cmac(tmacKey, sv), zero, last, true)
		require.Equal(t, want, c.do(maced, 0xC8, nil, reader))
		m.add(0xC8, join(reader, want), nil)
		signed := c.do(maced, 0xC7, []byte{1}, nil)
		require.Equal(t, join(int(counter), 0, 0, 0, m.tmv(counter)), signed)
		last, reader = reader, []byte("another reader..")
	}
	require.Equal(t, "\x00nup\x00new", string(c.do(maced, 0xAB, span(12, 0, 0), nil)))
	c.do(maced, 0xA7, nil, nil)
	_, st := c.run(maced, 0xC7, []byte{1}, nil)
	require.Equal(t, byte(0x0C), st)
}

// Ensure that a reader's identity is taken from those alone who have the key, once.
func TestCommitReaderID(t *testing.T) {
	for rights, row := range map[byte]struct{ key1, key3 byte }{
		0x30: {0xAE, 0x00}, 0xF0: {0x9D, 0x9D}, 0xE0: {0x00, 0x00},
	} {
		for no, want := range map[byte]byte{1: row.key1, 3: row.key3} {
			c := valued(t, 1)
			c.login(0x77, 0, zero)
			c.do(maced, 0xDF, []byte{fileTMAC}, nil)
			c.do(full, 0xCE, []byte{fileTMAC, 1, rights, 0x1F, 2}, join(tmacKey, 7))
			c.login(0x77, no, zero)
			_, st := c.run(maced, 0xC8, nil, zero)
			require.Equal(t, want, st, "%02X", rights)
			if st == 0 {
				_, st = c.run(maced, 0xC8, nil, zero)
				require.Equal(t, byte(0x9D), st, "twice")
			}
		}
	}
}

// restoring is an application with value files, of 0 to 9 that holds 5 and of -3 to 6
// that holds 1, and a session with key 1, which may do everything; and with a third,
// which that key may read.
func restoring(t *testing.T, chip emu.Chip) *client {
	c := meet(t, emu.New(emu.Config{UID: uid, Key: master, Chip: chip}), emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x84), nil)
	c.selectApp(app)
	c.do(plain, 0xCC, join(1, 1, 0x10, 0x21, le4(0), le4(9), le4(5), 0), nil)
	c.do(plain, 0xCC, join(2, 1, 0x10, 0x31, le4(-3), le4(6), le4(1), 0), nil)
	c.do(plain, 0xCC, join(3, 1, 0x30, 0x13, le4(0), le4(9), le4(2), 0), nil)
	if chip != emu.EV1 {
		c.login(0x71, 1, zero)
	}
	return c
}

// Ensure that RestoreTransfer takes the committed value of one file to another, with
// the commit and within the limits, and leaves the first alone.
func TestRestoreTransfer(t *testing.T) {
	c := restoring(t, emu.EV2)
	value := func(file byte) []byte { return c.do(maced, 0x6C, []byte{file}, nil) }
	c.do(maced, 0xDC, []byte{1}, le4(2))
	c.do(maced, 0xB1, []byte{2, 1}, nil)
	require.Equal(t, le4(1), value(2), "before the commit")
	c.do(maced, 0xC7, nil, nil)
	require.Equal(t, [][]byte{le4(3), le4(5)}, [][]byte{value(1), value(2)})
	c.do(maced, 0xB1, []byte{2, 1}, nil)
	c.do(maced, 0x0C, []byte{2}, le4(1))
	c.do(maced, 0xA7, nil, nil)
	require.Equal(t, le4(5), value(2), "aborted")
	c.do(maced, 0x0C, []byte{1}, le4(6))
	c.do(maced, 0xC7, nil, nil)
	_, st := c.run(maced, 0xB1, []byte{2, 1}, nil)
	require.Equal(t, byte(0xBE), st, "9 is above 6")
}

// Ensure that RestoreTransfer asks for its rights on both sides, and is refused where
// nobody knows what it adds to a Transaction MAC.
func TestRestoreTransferRights(t *testing.T) {
	for name, row := range map[string]struct {
		want           byte
		key            byte
		target, source byte
	}{
		"both":            {0x00, 1, 2, 1},
		"only the source": {0xAE, 2, 2, 1},
		"only the target": {0xAE, 3, 2, 1},
		"readable source": {0x00, 1, 2, 3},
		"readable target": {0xAE, 1, 3, 1},
		"no target":       {0xF0, 1, 4, 1},
		"no source":       {0xF0, 1, 2, 4},
	} {
		c := restoring(t, emu.EV3)
		c.login(0x71, row.key, zero)
		_, st := c.run(maced, 0xB1, []byte{row.target, row.source}, nil)
		require.Equal(t, row.want, st, name)
	}
	c := restoring(t, emu.EV2)
	c.login(0x77, 0, zero)
	c.do(full, 0xCE, []byte{15, 1, 0xF0, 0x1F, 2}, join(tmacKey, 7))
	c.login(0x77, 1, zero)
	_, st := c.run(maced, 0xB1, []byte{2, 1}, nil)
	require.Equal(t, byte(0x9D), st)
	_, st = restoring(t, emu.EV1).send(0xB1, 2, 1)
	require.Equal(t, byte(0x1C), st)
}
