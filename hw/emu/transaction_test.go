package emu_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// writeAll writes to two backup files and a cyclic one, in one transaction.
func writeAll(c *client) {
	c.write(full, 0x8D, fileBackup, 30, []byte("backup"))
	c.write(maced, 0x8D, fileOther, 0, []byte("other"))
	c.write(maced, 0x8B, fileCyclic, 0, []byte("record"))
}

// Ensure that a commit makes all files valid at once, that until then reads see
// what was there before, and that there is then nothing left to commit.
func TestCommit(t *testing.T) {
	card := issue(t, 64, false)
	c := open(t, card, emu.Air{})
	before := memory(t, card)
	writeAll(c)
	require.Equal(t, make([]byte, 64), c.read(full, 0xAD, fileBackup, 0, 0))
	require.Equal(t, make([]byte, 40), c.read(maced, 0xAD, fileOther, 0, 0))
	require.Equal(t, before, memory(t, card))
	c.do(maced, 0xC7, nil, nil)
	require.Equal(t, "backup", string(c.read(full, 0xAD, fileBackup, 30, 6)))
	require.Equal(t, "other", string(c.read(maced, 0xAD, fileOther, 0, 5)))
	record := c.do(maced, 0xAB, span(fileCyclic, 0, 1), nil)
	require.Equal(t, "record\x00\x00\x00\x00\x00\x00", string(record))
	_, st := c.run(maced, 0xC7, nil, nil)
	require.Equal(t, byte(0x0C), st)
}

// Ensure that whatever ends a transaction other than a commit leaves the memory
// as it was, and nothing behind for a later commit.
func TestTransactionIsDropped(t *testing.T) {
	for name, end := range map[string]func(c *client){
		"abort":      func(c *client) { c.do(maced, 0xA7, nil, nil) },
		"select":     func(c *client) { c.selectApp(app) },
		"select ISO": func(c *client) { selectISO(c); c.selectApp(app) },
		"error":      func(c *client) { c.run(maced, 0xF5, []byte{30}, nil) },
		"other AID":  func(c *client) { c.run(plain, 0x5A, []byte{9, 9, 9}, nil) },
		"wrong MAC":  func(c *client) { c.ctr++; c.run(maced, 0xC7, nil, nil) },
		"class":      func(c *client) { _, _ = c.card.Transmit([]byte{0x80, 1, 2, 3}) },
		"empty read": func(c *client) { c.run(maced, 0xAB, span(fileCyclic, 0, 0), nil) },
		"wrong key":  func(c *client) { c.tryLogin(0x71, 0, master[:]) },
	} {
		t.Run(name, func(t *testing.T) {
			card := issue(t, 64, false)
			before := memory(t, card)
			c := open(t, card, emu.Air{})
			writeAll(c)
			end(c)
			c.mac = nil
			c.login(0x71, 1, zero)
			_, st := c.run(maced, 0xC7, nil, nil)
			require.Equal(t, byte(0x0C), st)
			require.Equal(t, before, memory(t, card))
		})
	}
}

func selectISO(c *client) {
	c.t.Helper()
	answer, err := c.card.Transmit(unhex(c.t, "00A4040007D2760000850100"))
	require.NoError(c.t, err)
	require.Equal(c.t, []byte{0x90, 0x00}, answer)
}

// Ensure that the loss of power drops a transaction.
func TestPowerLoss(t *testing.T) {
	card := issue(t, 64, false)
	before := memory(t, card)
	writeAll(open(t, card, emu.Air{}))
	c := open(t, card, emu.Air{})
	_, st := c.run(maced, 0xC7, nil, nil)
	require.Equal(t, byte(0x0C), st)
	require.Equal(t, before, memory(t, card))
}

// Ensure that a transaction outlives another authentication, of either kind.
func TestTransactionOutlivesLogin(t *testing.T) {
	for _, ins := range []byte{0x71, 0x77} {
		c := open(t, issue(t, 64, false), emu.Air{})
		writeAll(c)
		c.login(ins, 2, zero)
		c.do(maced, 0xC7, nil, nil)
		c.login(ins, 1, zero)
		require.Equal(t, "other", string(c.read(maced, 0xAD, fileOther, 0, 5)))
	}
}

// Ensure that standard files change at once.
func TestStandardFileIsImmediate(t *testing.T) {
	card := issue(t, 64, false)
	c := open(t, card, emu.Air{})
	c.write(plain, 0x3D, fileStd, 10, []byte("now"))
	c = open(t, card, emu.Air{})
	require.Equal(t, "now", string(c.read(plain, 0xBD, fileStd, 10, 3)))
}

// Ensure that eight records are seven: the eighth commit overwrites the oldest.
func TestCyclicWrap(t *testing.T) {
	card := issue(t, 64, false)
	c := open(t, card, emu.Air{})
	for i := range 10 {
		c.write(maced, 0x8B, fileCyclic, 0, fmt.Appendf(nil, "rec%09d", i))
		c.do(maced, 0xC7, nil, nil)
		n := min(i+1, 7)
		settings := settingsOf(c, fileCyclic)
		require.Equal(t, unhex(t, "040110110C0000080000"), settings[:10])
		require.Equal(t, le3(n), settings[10:])
		all := string(c.do(maced, 0xAB, span(fileCyclic, 0, 0), nil))
		require.Len(t, all, 12*n)
		require.True(t, strings.HasSuffix(all, fmt.Sprintf("rec%09d", i)), all)
		require.True(t, strings.HasPrefix(all, fmt.Sprintf("rec%09d", max(0, i-6))), all)
	}
	newest := c.do(maced, 0xAB, span(fileCyclic, 0, 1), nil)
	require.Equal(t, "rec000000009", string(newest))
	two := c.do(maced, 0xAB, span(fileCyclic, 2, 2), nil)
	require.Equal(t, "rec000000006rec000000007", string(two))
	rest := c.do(maced, 0xAB, span(fileCyclic, 5, 0), nil)
	require.Equal(t, "rec000000003rec000000004", string(rest))
}

// Ensure that all writes of one transaction go into one record, which was zeros.
func TestRecordsMerge(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	c.write(maced, 0x8B, fileCyclic, 0, []byte("aaaa"))
	c.write(maced, 0x8B, fileCyclic, 8, []byte("cccc"))
	c.write(maced, 0x8B, fileCyclic, 2, []byte("b"))
	c.do(maced, 0xC7, nil, nil)
	all := c.do(maced, 0xAB, span(fileCyclic, 0, 0), nil)
	require.Equal(t, "aaba\x00\x00\x00\x00cccc", string(all))
}

// tmi is the input of a Transaction MAC, put together by the book.
type tmi struct{ bytes.Buffer }

func (m *tmi) add(code byte, header, data []byte) {
	for _, part := range [][]byte{append([]byte{code}, header...), data} {
		m.Write(part)
		m.Write(make([]byte, (16-len(part)%16)%16))
	}
}

func (m *tmi) tmv(counter byte) []byte {
	sv := append([]byte{0x5A, 0, 1, 0, 0x80, counter, 0, 0, 0}, uid[:]...)
	long := cmac(cmac(tmacKey, sv), m.Bytes())
	var short []byte
	for i := 1; i < 16; i += 2 {
		short = append(short, long[i])
	}
	return short
}

// Ensure that the Transaction MAC is that over the commands in plain, that the
// counter counts commits only, and that the file tells the last of them.
func TestTransactionMAC(t *testing.T) {
	card := issue(t, 64, true)
	c := open(t, card, emu.Air{})
	require.Equal(t, make([]byte, 12), c.read(maced, 0xAD, fileTMAC, 0, 0))
	require.Equal(t, unhex(t, "0501F01F0207"), settingsOf(c, fileTMAC))

	c.write(full, 0x8D, fileBackup, 0, []byte("to be aborted"))
	c.do(maced, 0xA7, nil, nil)

	var m tmi
	c.write(full, 0x8D, fileBackup, 30, []byte("backup"))
	m.add(0x8D, span(fileBackup, 30, 6), []byte("backup"))
	c.write(maced, 0x3B, fileCyclic, 0, []byte("a record"))
	m.add(0x3B, span(fileCyclic, 0, 8), []byte("a record"))
	all := c.read(full, 0xAD, fileBackup, 16, 0)
	m.add(0xAD, span(fileBackup, 16, 48), all)
	c.read(maced, 0xAD, fileTMAC, 0, 4)
	signed := c.do(maced, 0xC7, []byte{1}, nil)
	require.Equal(t, append([]byte{1, 0, 0, 0}, m.tmv(1)...), signed)
	require.Equal(t, signed, c.read(maced, 0xAD, fileTMAC, 0, 12))

	m.Reset()
	c.write(maced, 0x3D, fileMAC, 0, []byte("immediate"))
	m.add(0x3D, span(fileMAC, 0, 9), []byte("immediate"))
	records := c.do(maced, 0xBB, span(fileCyclic, 0, 0), nil)
	m.add(0xBB, span(fileCyclic, 0, 1), records)
	c.write(full, 0x3D, fileBackup, 0, make([]byte, 64))
	m.add(0x3D, span(fileBackup, 0, 64), make([]byte, 64))
	require.Empty(t, c.do(maced, 0xC7, []byte{0}, nil), "not asked for")
	signed = c.read(maced, 0xAD, fileTMAC, 0, 0)
	// The reading of the MAC file that came before is not in the input.
	require.Equal(t, append([]byte{2, 0, 0, 0}, m.tmv(2)...), signed)
}

func settingsOf(c *client, file byte) []byte {
	c.login(0x77, 0, zero)
	out := c.do(maced, 0xF5, []byte{file}, nil)
	c.login(0x77, 1, zero)
	return out
}

// Ensure that a card whose Transaction MAC file asks for a reader's identity
// commits nothing without one.
func TestReaderIDIsMandatory(t *testing.T) {
	card := issue(t, 64, false)
	c := meet(t, card, emu.Air{})
	c.selectApp(app)
	c.login(0x71, 0, zero)
	c.do(full, 0xCE, []byte{fileTMAC, 1, 0x10, 0x1F, 2}, append(bytes.Clone(tmacKey), 7))
	c.login(0x77, 1, zero)
	c.write(full, 0x8D, fileBackup, 0, []byte("backup"))
	before := memory(t, card)
	_, st := c.run(maced, 0xC7, []byte{1}, nil)
	require.Equal(t, byte(0x9D), st)
	require.Equal(t, before, memory(t, card))
}

// Ensure that a card without a Transaction MAC file refuses to return one, commits
// nothing then, and does not mind being told that none is wanted.
func TestOptionWithoutMACFile(t *testing.T) {
	card := issue(t, 64, false)
	before := memory(t, card)
	c := open(t, card, emu.Air{})
	writeAll(c)
	_, st := c.run(maced, 0xC7, []byte{1}, nil)
	require.Equal(t, byte(0x9D), st)
	require.Equal(t, before, memory(t, card))
	c.login(0x71, 1, zero)
	writeAll(c)
	require.Empty(t, c.do(maced, 0xC7, []byte{0}, nil))
	require.NotEqual(t, before, memory(t, card))
}
