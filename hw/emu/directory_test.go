package emu_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// Ensure that DF names come one to a frame, with their identifiers, and that an
// application without one is left out.
func TestDFNames(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	c.do(plain, 0xCA, join([]byte{1, 0, 0, 0x0F, 0x81, 0x10, 0xE1}, []byte("first")), nil)
	c.do(plain, 0xCA, []byte{2, 0, 0, 0x0F, 0x81}, nil)
	c.do(plain, 0xCA, join([]byte{3, 0, 0, 0x0F, 0xA1, 0x11, 0xE1}, []byte("the second one..")), nil)
	out, st := c.send(0x6D)
	require.Equal(t, byte(0xAF), st)
	require.Equal(t, "\x01\x00\x00\x10\xE1first", string(out))
	out, st = c.send(0xAF)
	require.Equal(t, byte(0), st)
	require.Equal(t, "\x03\x00\x00\x11\xE1the second one..", string(out))
	c.login(0x71, 0, master[:])
	require.Len(t, c.do(maced, 0x6D, nil, nil), 10+21)
	for name, names := range map[string][]byte{
		"ISO name taken": join(0x10, 0xE1, []byte("other")),
		"DF name taken":  join(0x12, 0xE1, []byte("first")),
	} {
		_, st = c.run(plain, 0xCA, join([]byte{4, 0, 0, 0x0F, 0x81}, names), nil)
		require.NotEqual(t, byte(0), st)
		c.mac = nil
		_, st = c.run(plain, 0xCA, join([]byte{4, 0, 0, 0x0F, 0x81}, names), nil)
		require.Equal(t, byte(0xDE), st, name)
	}
	c = meet(t, newCard(64), emu.Air{})
	require.Empty(t, c.do(plain, 0x6D, nil, nil))
	require.Empty(t, c.do(plain, 0x6A, nil, nil))
}

// Ensure that files get names of two bytes where the application was made for it.
func TestISOFileNames(t *testing.T) {
	c := meet(t, newCard(64), emu.Air{})
	c.do(plain, 0xCA, []byte{1, 0, 0, 0x0F, 0xA1}, nil)
	c.do(plain, 0xCA, []byte{2, 0, 0, 0x0F, 0x81}, nil)
	c.selectApp([]byte{1, 0, 0})
	require.Equal(t, []byte{0x0F, 0xA1}, c.do(plain, 0x45, nil, nil))
	c.do(plain, 0xCD, join(1, 0x04, 0xE1, 0, 0xEE, 0xEE, le3(10)), nil)
	c.do(plain, 0xC0, join(2, 0x05, 0xE1, 0, 0xEE, 0xEE, le3(10), le3(3)), nil)
	c.do(plain, 0xCD, join(3, 0, 0xEE, 0xEE, le3(10)), nil)
	require.Equal(t, []byte{0x04, 0xE1, 0x05, 0xE1}, c.do(plain, 0x61, nil, nil))
	for want, params := range map[byte][]byte{
		0xDE: join(4, 0x04, 0xE1, 0, 0xEE, 0xEE, le3(10)),
		0x9E: join(4, 0x00, 0x3F, 0, 0xEE, 0xEE, le3(10)),
		0x7E: join(4, 0x00, 0, 0xEE, 0xEE, le3(10)),
	} {
		_, st := c.run(plain, 0xCD, params, nil)
		require.Equal(t, want, st)
	}
	c.selectApp([]byte{2, 0, 0})
	_, st := c.run(plain, 0xCD, join(1, 0x04, 0xE1, 0, 0xEE, 0xEE, le3(10)), nil)
	require.Equal(t, byte(0x9E), st)
	require.Empty(t, c.do(plain, 0x61, nil, nil))
}

// Ensure that an application is deleted by the PICC master key, or by its own from
// within, and its memory is free again.
func TestDeleteApplication(t *testing.T) {
	card := issue(t, 64, true)
	c := meet(t, card, emu.Air{})
	_, st := c.run(plain, 0xDA, app, nil)
	require.Equal(t, byte(0xAE), st)
	c.login(0x71, 0, master[:])
	_, st = c.run(maced, 0xDA, []byte{9, 9, 9}, nil)
	require.Equal(t, byte(0xA0), st)
	c.login(0x71, 0, master[:])
	_, st = c.run(maced, 0xDA, []byte{0, 0, 0}, nil)
	require.Equal(t, byte(0x9D), st)
	c.login(0x71, 0, master[:])
	c.do(maced, 0xDA, app, nil)
	require.Equal(t, le3(8192), c.do(maced, 0x6E, nil, nil))

	c = meet(t, issue(t, 64, true), emu.Air{})
	c.do(plain, 0xCA, []byte{1, 0, 0, 0x0F, 0x81}, nil)
	c.selectApp([]byte{1, 0, 0})
	_, st = c.run(plain, 0xDA, app, nil)
	require.Equal(t, byte(0x9D), st, "another's")
	_, st = c.run(plain, 0xDA, []byte{1, 0, 0}, nil)
	require.Equal(t, byte(0xAE), st, "without its key")
	c.login(0x71, 0, zero)
	out, st := c.send(0xDA, c.protect(maced, 0xDA, []byte{1, 0, 0}, nil)...)
	require.Equal(t, byte(0), st)
	require.Empty(t, out, "the session is over: no MAC")
	c.mac = nil
	require.Equal(t, app, c.do(plain, 0x6A, nil, nil), "the PICC level is selected")

	c.login(0x71, 0, master[:])
	c.do(full, 0x54, nil, []byte{0x0B})
	c.selectApp(app)
	c.login(0x71, 0, zero)
	_, st = c.run(maced, 0xDA, app, nil)
	require.Equal(t, byte(0xAE), st, "the PICC's settings forbid it")
}

// Ensure that a file is deleted by anyone who may create one, its pending writes too.
func TestDeleteFile(t *testing.T) {
	c := meet(t, issue(t, 64, false), emu.Air{})
	c.selectApp(app)
	_, st := c.run(plain, 0xDF, []byte{fileStd}, nil)
	require.Equal(t, byte(0xAE), st)
	c.login(0x71, 1, zero)
	c.write(full, 0x8D, fileBackup, 0, []byte("pending"))
	c.login(0x77, 0, zero)
	c.do(maced, 0xDF, []byte{fileBackup}, nil)
	_, st = c.run(maced, 0xC7, nil, nil)
	require.Equal(t, byte(0x0C), st)
	c.login(0x71, 0, zero)
	_, st = c.run(maced, 0xDF, []byte{fileBackup}, nil)
	require.Equal(t, byte(0xF0), st)
}

// Ensure that settings of a file are changed by the key that has the right, in the
// clear where anybody may, and by nobody where nobody may.
func TestChangeFileSettings(t *testing.T) {
	c := open(t, issue(t, 64, false), emu.Air{})
	_, st := c.run(full, 0x5F, []byte{fileBackup}, []byte{0, 0xEE, 0xEE})
	require.Equal(t, byte(0xAE), st)
	c.login(0x71, 0, zero)
	c.do(full, 0x5F, []byte{fileBackup}, []byte{2, 0xEE, 0xEE})
	require.Equal(t, unhex(t, "0100EEEE400000"), c.do(maced, 0xF5, []byte{fileBackup}, nil))
	c.do(plain, 0x5F, []byte{fileBackup}, []byte{1, 0xFF, 0xEE})
	_, st = c.run(full, 0x5F, []byte{fileBackup}, []byte{0, 0xEE, 0xEE})
	require.Equal(t, byte(0x9D), st)
	for _, wrong := range [][]byte{{4, 0xEE, 0xEE}, {0x43, 0xEE, 0xEE}, {0, 0x4E, 0xEE}} {
		c.login(0x71, 0, zero)
		_, st = c.run(full, 0x5F, []byte{fileLarge}, wrong)
		require.Equal(t, byte(0x9E), st)
	}
	c.selectApp(app)
	_, st = c.run(plain, 0x5F, []byte{fileLarge}, []byte{0, 0xEE, 0xEE})
	require.Equal(t, byte(0xAE), st)
}

// Ensure that each chip tells what it is, and that an EV1 knows nothing of what came
// after it.
func TestChips(t *testing.T) {
	for chip, want := range map[emu.Chip]string{
		emu.EV1: "04010101001805 04010101041805",
		emu.EV2: "04010112001A05 04010102011A05",
		emu.EV3: "04010133001805 04010103001805",
	} {
		c := meet(t, emu.New(emu.Config{UID: uid, Chip: chip, Blank: true}), emu.Air{})
		out := c.do(plain, 0x60, nil, nil)
		require.Equal(t, compact(want), out[:14], "%v", chip)
		require.Equal(t, []byte{0x00}, c.do(plain, 0x64, []byte{0}, nil), "%v", chip)
		require.Equal(t, []byte{0x0F, 0x01}, c.do(plain, 0x45, nil, nil), "%v", chip)
		_, st := c.send(0x71, 0, 0)
		require.Equal(t, chip == emu.EV1, st == 0x1C, "%v", chip)
		_, st = c.send(0x0A, 0)
		require.Equal(t, byte(0xAF), st)
	}
	c := meet(t, emu.New(emu.Config{Chip: emu.EV1}), emu.Air{})
	for _, code := range []byte{
		0x71, 0x77, 0xAD, 0x8D, 0xAB, 0x8B, 0xBA, 0xDB, 0xCE, 0xC8,
		0xC6, 0x55, 0x56, 0x57, 0xC9, 0x69,
		0x3C, 0xB1,
	} {
		_, st := c.send(code, make([]byte, 24)...)
		require.Equal(t, byte(0x1C), st, "%02X", code)
	}
	require.Panics(t, func() { emu.New(emu.Config{Chip: emu.EV1, Frame: 128}) })
	require.Panics(t, func() { emu.New(emu.Config{Memory: 5000}) })
	require.Panics(t, func() { emu.New(emu.Config{Chip: 9}) })
	require.Equal(t, "EV1 EV2 EV3 unknown chip", emu.EV1.String()+" "+emu.EV2.String()+
		" "+emu.EV3.String()+" "+emu.Chip(9).String())
}

// Ensure that an EV1 has room for 28 applications, and others for what the memory
// holds.
func TestApplicationLimit(t *testing.T) {
	for chip, want := range map[emu.Chip]byte{emu.EV1: 0xCE, emu.EV2: 0x00} {
		c := meet(t, emu.New(emu.Config{Chip: chip, Memory: 8192}), emu.Air{})
		for i := range 28 {
			c.do(plain, 0xCA, []byte{byte(i), 1, 1, 0x0F, 0x01}, nil)
		}
		_, st := c.run(plain, 0xCA, []byte{99, 1, 1, 0x0F, 0x01}, nil)
		require.Equal(t, want, st, "%v", chip)
	}
	c := meet(t, emu.New(emu.Config{Memory: 2048}), emu.Air{})
	require.Equal(t, le3(2048), c.do(plain, 0x6E, nil, nil))
	require.Equal(t, byte(0x16), c.do(plain, 0x60, nil, nil)[5])
}

// Ensure that an image from before there were other keys than AES keys still loads,
// as the card that it was.
func TestOldImage(t *testing.T) {
	old, err := os.ReadFile("testdata/version1.img")
	require.NoError(t, err)
	card, err := emu.Load(bytes.NewReader(old))
	require.NoError(t, err)
	require.Equal(t, memory(t, used(t)), memory(t, card))
	require.NoError(t, converse(meet(t, card, emu.Air{})))
}

// Ensure that an image from before there was a Transaction MAC counter limit still
// loads, and that the card says the same of itself as it did.
func TestSecondImage(t *testing.T) {
	old, err := os.ReadFile("testdata/version2.img")
	require.NoError(t, err)
	card, err := emu.Load(bytes.NewReader(old))
	require.NoError(t, err)
	_, body, _ := bytes.Cut(old, []byte("\n"))
	require.Equal(t, sealed("3", string(body)), memory(t, card))
	c := meet(t, card, emu.Air{})
	c.selectApp(app)
	c.login(0x71, 1, zero)
	require.Equal(t, le4(200), c.do(full, 0x6C, []byte{2}, nil))
	require.Equal(t, []byte{1, 0, 0, 0}, c.read(maced, 0xBD, 15, 0, 4))
}

// Ensure that an image holds all that a card can have.
func TestWideImage(t *testing.T) {
	for _, f := range families {
		card, c := old(t, f, emu.EV3)
		c.do(plain, 0xCC, join(1, 0, 0x00, 0x00, le4(-5), le4(50), le4(7), 3), nil, -1)
		c.do(plain, 0xC1, join(2, 0, 0x00, 0x00, le3(4), le3(3)), nil, -1)
		c.do(plain, 0xDC, []byte{1}, le4(6), -1)
		c.do(plain, 0x3B, span(2, 0, 4), []byte("line"), -1)
		c.do(plain, 0xC7, nil, nil, -1)
		again, err := emu.Load(bytes.NewReader([]byte(memory(t, card))))
		require.NoError(t, err)
		require.Equal(t, memory(t, card), memory(t, again))
		c = &classic{t: t, card: emu.Air{}.Present(again)}
		c.enter(app)
		c.login(f, 0, make([]byte, f.key))
		require.Equal(t, le4(1), c.do(plain, 0x6C, []byte{1}, nil, 4))
		c.do(plain, 0x1C, []byte{1}, le4(6), -1)
		require.Equal(t, "line", string(c.do(plain, 0xBB, span(2, 0, 0), nil, -1)))
	}
}
