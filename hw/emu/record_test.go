package emu_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// recorded has a linear file 12 of three records and a cyclic file 13 of two and the
// shadow, four bytes each; key 1 does all.
func recorded(t *testing.T) *client {
	c := meet(t, issue(t, 64, false), emu.Air{})
	c.selectApp(app)
	c.login(0x71, 0, zero)
	c.do(maced, 0xC1, join(12, 1, 0x10, 0x11, le3(4), le3(3)), nil)
	c.do(maced, 0xC0, join(13, 1, 0x10, 0x11, le3(4), le3(3)), nil)
	c.login(0x77, 1, zero)
	return c
}

func (c *client) record(file byte, text string) {
	c.t.Helper()
	c.write(maced, 0x3B, file, 0, []byte(text))
	c.commit()
}

func (c *client) update(file byte, no int, text string) byte {
	c.t.Helper()
	_, st := c.run(maced, 0xDB, join(int(file), le3(no), le3(0), le3(len(text))), []byte(text))
	return st
}

func (c *client) records(file byte) string {
	c.t.Helper()
	return string(c.do(maced, 0xBB, span(file, 0, 0), nil))
}

// Ensure that a linear file takes as many records as it is made for and no more.
func TestLinearFile(t *testing.T) {
	c := recorded(t)
	for _, text := range []string{"one.", "two.", "tri."} {
		c.record(12, text)
	}
	require.Equal(t, "one.two.tri.", c.records(12))
	_, st := c.run(maced, 0x3B, span(12, 0, 1), []byte("x"))
	require.Equal(t, byte(0xBE), st)
	c.login(0x71, 0, zero)
	settings := c.do(maced, 0xF5, []byte{12}, nil)
	require.Equal(t, unhex(t, "03011011040000030000030000"), settings)
}

// Ensure that an update changes a committed record by its number from the newest,
// at the commit.
func TestUpdateRecord(t *testing.T) {
	for _, file := range []byte{12, 13} {
		c := recorded(t)
		c.record(file, "old.")
		c.record(file, "new.")
		require.Equal(t, byte(0), c.update(file, 1, "OL"))
		require.Equal(t, "old.new.", c.records(file))
		c.commit()
		require.Equal(t, "OLd.new.", c.records(file))
		require.Equal(t, byte(0xBE), c.update(file, 2, "no"))
	}
	c := recorded(t)
	c.record(13, "old.")
	c.record(13, "new.")
	c.write(maced, 0x3B, 13, 0, []byte("next"))
	require.Equal(t, byte(0), c.update(13, 0, "NE"))
	c.commit()
	require.Equal(t, "NEw.next", c.records(13), "number 0 was the committed one")
	c.write(maced, 0x3B, 13, 0, []byte("more"))
	require.Equal(t, byte(0xBE), c.update(13, 1, "gone"), "it gives way")
}

// Ensure that a cleared file is empty from the commit on, and takes nothing before.
func TestClearRecordFile(t *testing.T) {
	for _, file := range []byte{12, 13} {
		c := recorded(t)
		c.record(file, "old.")
		c.do(maced, 0xEB, []byte{file}, nil)
		require.Equal(t, "old.", c.records(file))
		_, st := c.run(maced, 0x3B, span(file, 0, 1), []byte("x"))
		require.Equal(t, byte(0x9D), st)
		c.login(0x71, 1, zero)
		require.Equal(t, "old.", c.records(file), "the error has aborted it")
		c.do(maced, 0xEB, []byte{file}, nil)
		require.Equal(t, byte(0x9D), c.update(file, 0, "x"))
		c.login(0x71, 1, zero)
		c.do(maced, 0xEB, []byte{file}, nil)
		c.commit()
		_, st = c.run(maced, 0xBB, span(file, 0, 0), nil)
		require.Equal(t, byte(0xBE), st)
		c.login(0x71, 1, zero)
		c.record(file, "anew")
		require.Equal(t, "anew", c.records(file))
	}
}

// Ensure that updating and clearing need the read-write right.
func TestRecordRights(t *testing.T) {
	c := recorded(t)
	c.record(12, "one.")
	c.login(0x77, 2, zero)
	require.Equal(t, byte(0xAE), c.update(12, 0, "x"))
	c.login(0x71, 2, zero)
	_, st := c.run(maced, 0xEB, []byte{12}, nil)
	require.Equal(t, byte(0xAE), st)
	c.login(0x71, 1, zero)
	_, st = c.run(maced, 0xEB, []byte{fileBackup}, nil)
	require.Equal(t, byte(0x9D), st)
}
