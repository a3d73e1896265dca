package emu_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// Ensure that reads alone are a transaction that a Transaction MAC signs, that an
// abort leaves them out, and that without the file they are nothing to commit.
func TestReadsAreATransaction(t *testing.T) {
	for withTMAC, want := range map[bool]byte{true: 0, false: 0x0C} {
		for _, ins := range []byte{0xC7, 0xA7} {
			c := open(t, issue(t, 64, withTMAC), emu.Air{})
			c.read(full, 0xAD, fileBackup, 0, 5)
			_, st := c.run(maced, ins, nil, nil)
			require.Equal(t, want, st, "%02X, with the file: %v", ins, withTMAC)
		}
	}
	c := open(t, issue(t, 64, true), emu.Air{})
	c.read(full, 0xAD, fileBackup, 0, 5)
	c.do(maced, 0xA7, nil, nil)
	var m tmi
	m.add(0xAD, span(fileOther, 0, 4), c.read(maced, 0xAD, fileOther, 0, 4))
	require.Equal(t, join(1, 0, 0, 0, m.tmv(1)), c.do(maced, 0xC7, []byte{1}, nil))
}

// limited is a card whose application ends with its second transaction, and a
// session with key 1 on it.
func limited(t *testing.T) *client {
	c := meet(t, emu.New(emu.Config{UID: uid, Key: master, Chip: emu.EV3}), emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0xA4, 0x10, 0xE1, []byte("bus")), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	c.do(maced, 0xCB, join(1, 0x04, 0xE1, 0, 0x10, 0xE1, le3(8)), nil)
	c.do(maced, 0xCC, join(2, 0, 0x10, 0xE1, le4(0), le4(9), le4(5), 2), nil)
	c.do(maced, 0xC0, join(3, 0, 0x10, 0xE1, le3(4), le3(3)), nil)
	c.do(full, 0xCE, []byte{fileTMAC, 1, 0x11, 0x1F, 2}, join(tmacKey, 7))
	c.login(0x77, 1, zero)
	c.do(full, 0x5F, []byte{fileTMAC}, join(0x21, 0xE1, 0x1F, le4(2)))
	return c
}

// Ensure that with the last transaction that the limit allows the data are out of
// reach, and only those of the Transaction MAC file are not (MF2DL(H)x0 data sheet,
// Transaction MAC counter limit).
func TestTMCLimit(t *testing.T) {
	rows := map[string]struct {
		how          int
		ins          byte
		header, data []byte
	}{
		"ReadData":          {plain, 0xBD, span(1, 0, 1), nil},
		"WriteData":         {plain, 0x3D, span(1, 0, 1), []byte{1}},
		"ReadRecords":       {plain, 0xBB, span(3, 0, 0), nil},
		"WriteRecord":       {plain, 0x3B, span(3, 0, 1), []byte{1}},
		"UpdateRecord":      {plain, 0xDB, join(3, le3(0), le3(0), le3(1)), []byte{1}},
		"ClearRecordFile":   {maced, 0xEB, []byte{3}, nil},
		"GetValue":          {plain, 0x6C, []byte{2}, nil},
		"Credit":            {plain, 0x0C, []byte{2}, le4(1)},
		"Debit":             {plain, 0xDC, []byte{2}, le4(1)},
		"CommitReaderID":    {maced, 0xC8, nil, zero},
		"TMAC file":         {maced, 0xBD, span(fileTMAC, 0, 12), nil},
		"GetFileSettings":   {maced, 0xF5, []byte{1}, nil},
		"CommitTransaction": {maced, 0xC7, nil, nil},
	}
	want := map[string]byte{"TMAC file": 0, "GetFileSettings": 0, "CommitTransaction": 0x0C}
	for name, row := range rows {
		c := limited(t)
		for range 2 {
			c.do(maced, 0xC8, nil, zero)
			c.write(plain, 0x3B, 3, 0, []byte("last"))
			c.do(maced, 0xC7, nil, nil)
		}
		_, st := c.run(row.how, row.ins, row.header, row.data)
		if w, other := want[name]; other {
			require.Equal(t, w, st, name)
			continue
		}
		require.Equal(t, byte(0x9D), st, name)
	}
}

// Ensure that a limit that is reached while a transaction is under way stops its
// commit, that ISO commands find the application deactivated, and that a higher
// limit opens it again.
func TestTMCLimitInBetween(t *testing.T) {
	c := limited(t)
	c.do(maced, 0xC8, nil, zero)
	c.write(plain, 0x3D, 1, 0, []byte{1})
	c.do(maced, 0xC7, nil, nil)
	c.do(maced, 0xC8, nil, zero)
	c.write(plain, 0x3D, 1, 0, []byte{2})
	c.do(full, 0x5F, []byte{fileTMAC}, join(0x21, 0xE1, 0x1F, le4(1)))
	_, st := c.run(maced, 0xC7, nil, nil)
	require.Equal(t, byte(0x9D), st)
	for command, want := range map[string]string{
		"00A40000023F00":        "9000",
		"00A4040003" + "627573": "6283",
		"00A4000002E110":        "6283",
	} {
		answer, err := c.card.Transmit(unhex(t, command))
		require.NoError(t, err)
		require.Equal(t, unhex(t, want), answer, command)
	}
	c.selectApp(app)
	answer, err := c.card.Transmit(unhex(t, "00B0810001"))
	require.NoError(t, err)
	require.Equal(t, unhex(t, "6985"), answer)
	c.selectApp(app)
	c.login(0x71, 1, zero)
	require.Equal(t, join(5, 0x21, 0xE1, 0x1F, 2, 7, le4(1)), c.do(maced, 0xF5, []byte{15}, nil))
	c.do(full, 0x5F, []byte{fileTMAC}, join(0x21, 0xE1, 0x1F, le4(3)))
	require.Equal(t, []byte{1}, c.read(plain, 0xBD, 1, 0, 1))
}

// Ensure that a limit is for the Transaction MAC file of an EV3 alone, that it is one,
// and that an image keeps it.
func TestTMCLimitRules(t *testing.T) {
	for name, row := range map[string]struct {
		want byte
		file byte
		data []byte
	}{
		"none":      {0x9E, fileTMAC, join(0x21, 0xE1, 0x1F, le4(0))},
		"half":      {0x7E, fileTMAC, join(0x21, 0xE1, 0x1F, 1, 0)},
		"unasked":   {0x7E, fileTMAC, join(0x01, 0xE1, 0x1F, le4(1))},
		"data file": {0x9E, 1, join(0x20, 0x10, 0xE1, le4(1))},
	} {
		c := limited(t)
		c.do(full, 0x5F, []byte{fileTMAC}, join(0x21, 0x11, 0x1F, le4(9)))
		c.login(0x77, 0, zero)
		if row.file == fileTMAC {
			c.login(0x77, 1, zero)
		}
		_, st := c.run(full, 0x5F, []byte{row.file}, row.data)
		require.Equal(t, row.want, st, name)
	}
	c := open(t, issue(t, 64, true), emu.Air{})
	c.login(0x77, 0, zero)
	_, st := c.run(full, 0x5F, []byte{fileTMAC}, join(0x21, 0xF0, 0x1F, le4(9)))
	require.Equal(t, byte(0x9E), st, "an EV2")

	card := emu.New(emu.Config{UID: uid, Key: master, Chip: emu.EV3})
	c = meet(t, card, emu.Air{})
	c.do(plain, 0xCA, join(app, 0x0F, 0x81), nil)
	c.selectApp(app)
	c.login(0x71, 0, zero)
	c.do(full, 0xCE, []byte{fileTMAC, 0, 0xF0, 0x0F, 2}, join(tmacKey, 7))
	c.do(full, 0x5F, []byte{fileTMAC}, join(0x20, 0xF0, 0x0F, le4(77)))
	again, err := emu.Load(strings.NewReader(memory(t, card)))
	require.NoError(t, err)
	require.Equal(t, memory(t, card), memory(t, again))
	require.Contains(t, memory(t, again), `"Limit": 77`)
}
