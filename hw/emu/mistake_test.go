package emu_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// A mistake is one command that the card refuses.
type mistake struct {
	name   string
	want   byte
	how    int
	ins    byte
	header []byte
	data   []byte
}

func join(parts ...any) (all []byte) {
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			all = append(all, byte(p))
		case []byte:
			all = append(all, p...)
		}
	}
	return all
}

// mistakes are sent at PICC level, in the application without a session, and in it
// with the master key, key 1 and key 2.
var mistakes = map[string][]mistake{
	"PICC": {
		{"no such command", 0x1C, plain, 0x99, nil, nil},
		{"DES authentication", 0xAE, plain, 0x1A, []byte{0}, nil},
		{"legacy authentication", 0xAE, plain, 0x0A, []byte{0}, nil},
		{"AF out of nowhere", 0x1C, plain, 0xAF, nil, nil},
		{"parameters where there are none", 0x7E, plain, 0x60, []byte{0}, nil},
		{"short AID", 0x7E, plain, 0x5A, []byte{0, 0x10}, nil},
		{"unknown AID", 0xA0, plain, 0x5A, []byte{9, 9, 9}, nil},
		{"no such key to log in", 0x40, plain, 0x71, []byte{1, 0}, nil},
		{"too many capabilities", 0x9E, plain, 0x71, []byte{0, 7, 0, 0, 0, 0, 0, 0}, nil},
		{"capabilities missing", 0x7E, plain, 0x71, []byte{0, 3, 0, 0}, nil},
		{"no capabilities length", 0x7E, plain, 0x71, []byte{0}, nil},
		{"non-first first", 0xAE, plain, 0x77, []byte{0}, nil},
		{"UID in the clear", 0xAE, plain, 0x51, nil, nil},
		{"key without session", 0xAE, plain, 0xC4, join(0x80, make([]byte, 40)), nil},
		{"version of no key", 0x40, plain, 0x64, []byte{1}, nil},
		{"format without key", 0xAE, plain, 0xFC, nil, nil},
		{"AID taken", 0xDE, plain, 0xCA, join(app, 0x0F, 0x81), nil},
		{"AID of the PICC", 0xDE, plain, 0xCA, []byte{0, 0, 0, 0x0F, 0x81}, nil},
		{"no keys", 0x9E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0x80}, nil},
		{"15 keys", 0x9E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0x8F}, nil},
		{"keys of no type", 0x9E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0xC1}, nil},
		{"third settings missing", 0x7E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0x91}, nil},
		{"third settings unknown", 0x9E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0x91, 2}, nil},
		{"half of the key sets", 0x7E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0x91, 1, 0, 2, 16}, nil},
		{"no key sets", 0x9E, plain, 0xCA, []byte{1, 2, 3, 15, 0x91, 1, 0, 0, 16, 0}, nil},
		{"one key set", 0x9E, plain, 0xCA, []byte{1, 2, 3, 15, 0x91, 1, 0, 1, 16, 0}, nil},
		{"17 key sets", 0x9E, plain, 0xCA, []byte{1, 2, 3, 15, 0x91, 1, 0, 17, 16, 0}, nil},
		{"keys of 20 bytes", 0x9E, plain, 0xCA, []byte{1, 2, 3, 15, 0x91, 1, 0, 2, 20, 0}, nil},
		{"keys too long", 0x9E, plain, 0xCA, []byte{1, 2, 3, 15, 0x51, 1, 0, 2, 16, 0}, nil},
		{"no such rolling key", 0x9E, plain, 0xCA, []byte{1, 2, 3, 15, 0x91, 1, 0, 2, 16, 1}, nil},
		{"key set at PICC level", 0x9D, plain, 0x56, []byte{1, 2}, nil},
		{"rolling at PICC level", 0x9D, plain, 0x55, []byte{1}, nil},
		{"half an ISO name", 0x7E, plain, 0xCA, []byte{1, 2, 3, 0x0F, 0xA1, 1}, nil},
		{
			"ISO name of the master file", 0x9E, plain, 0xCA,
			[]byte{1, 2, 3, 0x0F, 0xA1, 0x00, 0x3F},
			nil,
		},
		{"DF name of the PICC", 0xDE, plain, 0xCA, join([]byte{1, 2, 3, 0x0F, 0x81, 1, 0},
			[]byte("\xD2\x76\x00\x00\x85\x01\x00")), nil},
		{"DF name of 17 bytes", 0x7E, plain, 0xCA, join([]byte{1, 2, 3, 0x0F, 0x81, 1, 0},
			make([]byte, 17)), nil},
		{"files at PICC level", 0x9D, plain, 0x6F, nil, nil},
		{"file settings at PICC level", 0x9D, plain, 0xF5, []byte{1}, nil},
		{"read at PICC level", 0x9D, plain, 0xBD, span(1, 0, 1), nil},
		{
			"create a file at PICC level", 0x9D, plain, 0xCD,
			[]byte{1, 0, 0xEE, 0xEE, 1, 0, 0},
			nil,
		},
		{"nothing to commit", 0x0C, plain, 0xC7, nil, nil},
		{"nothing to abort", 0x0C, plain, 0xA7, nil, nil},
	},
	"application": {
		{"list of files", 0xAE, plain, 0x6F, nil, nil},
		{"file settings", 0xAE, plain, 0xF5, []byte{fileStd}, nil},
		{"key settings", 0xAE, plain, 0x45, nil, nil},
		{"list of applications", 0x9D, plain, 0x6A, nil, nil},
		{"application in an application", 0x9D, plain, 0xCA, []byte{1, 2, 3, 15, 0x81}, nil},
		{"format in an application", 0x9D, plain, 0xFC, nil, nil},
		{"create a file", 0xAE, plain, 0xCD, []byte{20, 0, 0xEE, 0xEE, 1, 0, 0}, nil},
		{"create a MAC file", 0xAE, plain, 0xCE, join(20, 1, 0xF0, 0x1F, 2, zero, 1), nil},
		{"read with no key", 0xAE, plain, 0xAD, span(fileBackup, 0, 1), nil},
		{"write with no key", 0xAE, plain, 0x8D, span(fileBackup, 0, 1), []byte{1}},
		{"read of a closed file", 0x9D, plain, 0xAD, span(fileNever, 0, 1), nil},
		{"no such file", 0xF0, plain, 0xAD, span(19, 0, 1), nil},
		{"file number of no file", 0xF0, plain, 0xAD, span(200, 0, 1), nil},
		{"records of a data file", 0x9D, plain, 0xAB, span(fileStd, 0, 1), nil},
		{"data of a record file", 0x9D, plain, 0xAD, span(fileCyclic, 0, 1), nil},
		{"record to a data file", 0x9D, plain, 0x8B, span(fileStd, 0, 1), []byte{1}},
		{"data to a record file", 0x9D, plain, 0x8D, span(fileCyclic, 0, 1), []byte{1}},
		{"read beyond", 0xBE, plain, 0xAD, span(fileStd, 299, 2), nil},
		{"read from beyond", 0xBE, plain, 0xAD, span(fileStd, 300, 0), nil},
		{"write beyond", 0xBE, plain, 0x8D, span(fileStd, 299, 2), []byte{1, 2}},
		{"write nothing", 0x9E, plain, 0x8D, span(fileStd, 0, 0), nil},
		{"write too little at once", 0x7E, plain, 0x8D, span(fileStd, 0, 3), []byte{1, 2}},
		{"write too much", 0x7E, plain, 0x3D, span(fileStd, 0, 3), []byte{1, 2, 3, 4}},
		{"answer too long for an APDU", 0x7E, plain, 0xAD, span(fileStd, 0, 257), nil},
		{"short header", 0x7E, plain, 0xAD, []byte{fileStd, 0, 0}, nil},
		{"long header", 0x7E, plain, 0xAD, join(span(fileStd, 0, 1), 0), nil},
	},
	"key 0": {
		{"file number 32", 0x9E, maced, 0xCD, []byte{32, 0, 0xEE, 0xEE, 1, 0, 0}, nil},
		{"file taken", 0xDE, maced, 0xCB, []byte{fileStd, 0, 0xEE, 0xEE, 1, 0, 0}, nil},
		{"file of no size", 0x9E, maced, 0xCD, []byte{20, 0, 0xEE, 0xEE, 0, 0, 0}, nil},
		{"no such mode", 0x9E, maced, 0xCD, []byte{20, 4, 0xEE, 0xEE, 1, 0, 0}, nil},
		{"right for no key", 0x9E, maced, 0xCD, []byte{20, 0, 0x4E, 0xEE, 1, 0, 0}, nil},
		{"one record", 0x9E, maced, 0xC0, []byte{20, 0, 0xEE, 0xEE, 9, 0, 0, 1, 0, 0}, nil},
		{"file too large", 0x0E, maced, 0xCD, []byte{20, 0, 0xEE, 0xEE, 0, 0x1C, 0}, nil},
		{"backup too large", 0x0E, maced, 0xCB, []byte{20, 0, 0xEE, 0xEE, 0, 0x0E, 0}, nil},
		{
			"records too large", 0x0E, maced, 0xC0,
			[]byte{20, 0, 0xEE, 0xEE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
			nil,
		},
		{"second MAC file", 0xDE, full, 0xCE, []byte{20, 1, 0xF0, 0x1F, 2}, join(zero, 1)},
		{"MAC file to write", 0x9E, full, 0xCE, []byte{20, 1, 0xF0, 0x11, 2}, join(zero, 1)},
		{"MAC key of DES", 0x9E, full, 0xCE, []byte{20, 1, 0xF0, 0x1F, 0}, join(zero, 1)},
		{"MAC key too short", 0x7E, full, 0xCE, []byte{20, 1, 0xF0, 0x1F, 2}, zero},
		{"read with the wrong key", 0xAE, full, 0xAD, span(fileBackup, 0, 1), nil},
		{"write of a MAC file", 0x9D, maced, 0x8D, span(fileTMAC, 0, 1), []byte{1}},
		{"change of no key", 0x40, full, 0xC4, []byte{4}, make([]byte, 21)},
		{"wrong CRC of a key", 0x1E, full, 0xC4, []byte{1}, make([]byte, 21)},
		{"key too short", 0x7E, full, 0xC4, []byte{1}, make([]byte, 17)},
		{"settings too long", 0x7E, full, 0x54, nil, []byte{1, 2}},
	},
	"key 1": {
		{"no MAC", 0x7E, plain, 0xF5, []byte{fileStd}, nil},
		{"no MAC for data", 0x7E, plain, 0xAD, span(fileOther, 0, 1), nil},
		{"MAC only where enciphered", 0x7E, maced, 0x8D, span(fileBackup, 0, 1), []byte{1}},
		{"enciphered where MAC only", 0x7E, full, 0x8D, span(fileOther, 0, 1), []byte{1}},
		{"padding of another length", 0x7E, full, 0x8D, span(fileBackup, 0, 3), []byte{1}},
		{"record beyond", 0xBE, maced, 0x8B, span(fileCyclic, 10, 3), []byte{1, 2, 3}},
		{"no records", 0xBE, maced, 0xAB, span(fileCyclic, 0, 0), nil},
		{"settings are the master's", 0xAE, full, 0x54, nil, []byte{0x0F}},
		{"no such option", 0x9E, maced, 0xC7, []byte{2}, nil},
		{"two options", 0x7E, maced, 0xC7, []byte{1, 1}, nil},
		{"nothing to sign", 0x0C, maced, 0xC7, []byte{1}, nil},
	},
	"key 2": {
		{"read right of another", 0xAE, maced, 0xAD, span(fileKeys, 0, 1), nil},
		{"nobody's file", 0x9D, plain, 0xAD, span(fileNever, 0, 1), nil},
	},
}

// Ensure that every mistake has its own status, ends the session, and leaves the
// memory alone.
func TestMistakes(t *testing.T) {
	for level, rows := range mistakes {
		for _, row := range rows {
			t.Run(level+"/"+row.name, func(t *testing.T) { row.check(t, level) })
		}
	}
}

func (m mistake) check(t *testing.T, level string) {
	card := issue(t, 64, true)
	c := meet(t, card, emu.Air{})
	if level != "PICC" {
		c.selectApp(app)
	}
	if key := bytes.TrimPrefix([]byte(level), []byte("key ")); len(key) == 1 {
		c.login(0x71, key[0]-'0', zero)
	}
	before := memory(t, card)
	out, st := c.run(m.how, m.ins, m.header, m.data)
	require.Equal(t, m.want, st, "%X", st)
	require.Empty(t, out)
	require.Equal(t, before, memory(t, card))
	_, st = c.send(0x51)
	require.Equal(t, byte(0xAE), st, "the session is over")
}

// Ensure that a wrong MAC, a wrong counter and garbled ciphertext are integrity
// errors.
func TestIntegrity(t *testing.T) {
	for name, spoil := range map[string]func(c *client, params []byte){
		"MAC":        func(_ *client, p []byte) { p[len(p)-1] ^= 1 },
		"ciphertext": func(_ *client, p []byte) { p[7] ^= 1 },
		"header":     func(_ *client, p []byte) { p[1] ^= 1 },
	} {
		c := open(t, issue(t, 64, false), emu.Air{})
		params := c.protect(full, 0x8D, span(fileBackup, 0, 5), []byte("hello"))
		spoil(c, params)
		_, st := c.send(0x8D, params...)
		require.Equal(t, byte(0x1E), st, name)
	}
	c := open(t, issue(t, 64, false), emu.Air{})
	params := c.protect(maced, 0xC7, nil, nil)
	_, st := c.send(0xC7, params...)
	require.Equal(t, byte(0x0C), st)
	c.login(0x71, 1, zero)
	c.ctr = 1
	_, st = c.send(0xC7, c.protect(maced, 0xC7, nil, nil)...)
	require.Equal(t, byte(0x1E), st, "a counter ahead")
}

// Ensure that ciphertext with a good MAC but without padding is an integrity
// error.
func TestPadding(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	header := span(fileBackup, 0, 5)
	body := cbc(c.enc, c.iv(0xA5, 0x5A), zero, true)
	params := append(header, body...)
	params = append(params, c.tag(0x8D, params)...)
	_, st := c.send(0x8D, params...)
	require.Equal(t, byte(0x1E), st)
}

// Ensure that the first wrong answer to the challenge is told, and nothing else.
func TestWrongKey(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	require.Equal(t, byte(0xAE), c.tryLogin(0x71, 0, zero))
	_, st := c.send(0x71, 0, 0)
	require.Equal(t, byte(0xAF), st)
	_, st = c.send(0xAF, zero...)
	require.Equal(t, byte(0x7E), st)
}

// Ensure that the memory runs out, cleanly, and comes back with a format.
func TestFullMemory(t *testing.T) {
	card := newCard(64)
	c := meet(t, card, emu.Air{})
	require.Equal(t, le3(8192), c.do(plain, 0x6E, nil, nil))
	made := 0
	for st := byte(0); st == 0; made++ {
		_, st = c.run(plain, 0xCA, []byte{byte(made), 1, 1, 0x0F, 0x8E}, nil)
		if st != 0 {
			require.Equal(t, byte(0x0E), st)
			break
		}
	}
	require.GreaterOrEqual(t, made, 28, "more applications than an EV1 can have")
	require.Len(t, c.do(plain, 0x6A, nil, nil), 3*made)
	c.login(0x71, 0, master[:])
	require.Len(t, c.do(maced, 0x6A, nil, nil), 3*made)
	c.do(maced, 0xFC, nil, nil)
	require.Equal(t, le3(8192), c.do(maced, 0x6E, nil, nil))
	require.Empty(t, c.do(maced, 0x6A, nil, nil))
}

// Ensure that what is not a DESFire command gets a status word of ISO 7816-4.
func TestStatusWords(t *testing.T) {
	for command, want := range map[string]string{
		"60":                         "AF04010112001A05",
		"5A000000":                   "00",
		"5A010203":                   "A0",
		"99":                         "1C",
		"9060":                       "6700",
		"90600001":                   "6A86",
		"9060000001":                 "6700",
		"905A000003AABB":             "6700",
		"905A000003AABBCC0000":       "6700",
		"905A000000AABBCC":           "6700",
		"80600000":                   "6E00",
		"00B0000000":                 "6986",
		"00CA000000":                 "6D00",
		"00A4000007D2760000850100":   "6700",
		"00A4040007D2760000850101":   "6A82",
		"00A4040007D27600008501":     "6700",
		"00A4040007D2760000850100":   "9000",
		"00A4040007D276000085010000": "9000",
		"9060000000":                 "0401011200 1A0591AF",
		"90600000":                   "0401011200 1A0591AF",
		"FFCA000000":                 "041122334455669000",
		"FFCA0000":                   "041122334455669000",
		"FFCA010000":                 "0675778102809000",
		"FFCA020000":                 "6A86",
		"FFB0000010":                 "6A81",
		"FFCA00":                     "6700",
		"FFCA00000000":               "6700",
	} {
		k := emu.Air{}.Present(newCard(64))
		answer, err := k.Transmit(unhex(t, command))
		require.NoError(t, err)
		want := unhex(t, string(bytes.ReplaceAll([]byte(want), []byte(" "), nil)))
		require.Equal(t, want, answer, command)
	}
}
