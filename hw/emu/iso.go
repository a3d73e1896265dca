package emu

import (
	"bytes"
	"encoding/binary"
)

// Commands of ISO/IEC 7816-4 that the card supports beside its own.
const (
	isoExternalAuth = 0x82
	isoGetChallenge = 0x84
	isoInternalAuth = 0x88
	isoSelect       = 0xA4
	isoReadBinary   = 0xB0
	isoReadRecord   = 0xB2
	isoUpdateBinary = 0xD6
	isoAppendRecord = 0xE2
)

// dfName is the name of the PICC level (libfreefare, mifare_desfire.c).
var dfName = []byte{0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00}

// warning is the first byte of a status word that is no error (ISO/IEC 7816-4, status words).
const warning = 0x62

// An isoCommand is a parsed APDU.
type isoCommand struct {
	p1, p2 byte
	data   []byte
	le     int // noLe: nothing is expected
}

// iso answers a command of ISO/IEC 7816-4. Only SELECT may interrupt a chain of frames.
func (c *Card) iso(apdu []byte, h isoHandshake) []byte {
	data, le, ok := parse(apdu)
	q := isoCommand{apdu[2], apdu[3], data, le}
	out, sw := []byte(nil), uint16(0)
	switch ins := apdu[1]; {
	case !ok:
		sw = swWrongLength
	case ins == isoSelect:
		sw = c.selectISO(q)
		if sw == swOK && c.power.app.exhausted() {
			sw = swDeactivated
		}
	case c.power.next != nil:
		sw = swConditions
	default:
		out, sw = c.isoRun(ins, q, h)
	}
	if sw != swOK && sw>>8 != warning {
		return c.refuse(sw)
	}
	return append(bytes.Clone(out), word(sw)...)
}

func (c *Card) isoRun(ins byte, q isoCommand, h isoHandshake) ([]byte, uint16) {
	switch ins {
	case isoReadBinary:
		return c.readBinary(q)
	case isoUpdateBinary:
		return nil, c.updateBinary(q)
	case isoReadRecord:
		return c.readRecord(q)
	case isoAppendRecord:
		return nil, c.appendRecord(q)
	case isoGetChallenge:
		return c.getChallenge(q)
	case isoExternalAuth:
		return nil, c.externalAuth(q, h)
	case isoInternalAuth:
		return c.internalAuth(q, h)
	}
	return nil, swInstructionWrong
}

// Ways to select (ISO/IEC 7816-4, SELECT, P1), and whether an answer is wanted (P2): there is never
// one.
const (
	byFileID = 0x00
	byEF     = 0x02
	byName   = 0x04

	firstOne = 0x00
	noFCI    = 0x0C
)

const masterFile = 0x3F00

func (c *Card) selectISO(q isoCommand) uint16 {
	switch {
	case q.p2 != firstOne && q.p2 != noFCI:
		return swWrongP1P2
	case q.p1 == byName:
		return c.selectName(q.data)
	case q.p1 != byFileID && q.p1 != byEF:
		return swWrongP1P2
	case len(q.data) == 0 && q.p1 == byFileID:
		c.enter(&c.root)
		return swOK
	case len(q.data) != isoLen:
		return swWrongLength
	}
	return c.selectFileID(binary.BigEndian.Uint16(q.data), q.p1 == byEF)
}

func (c *Card) selectName(name []byte) uint16 {
	if bytes.Equal(name, dfName) {
		c.enter(&c.root)
		return swOK
	}
	a := c.seekApp(func(a *application) bool {
		return len(a.name) > 0 && bytes.Equal(a.name, name)
	})
	if a == nil {
		return swFileNotFound
	}
	c.enter(a)
	return swOK
}

// selectFileID looks among the files of the selected application, and then among the applications.
// A file is selected within its application, whose session and transaction stay.
func (c *Card) selectFileID(id uint16, efOnly bool) uint16 {
	f := c.power.app.seekFile(func(f *file) bool { return f.iso != 0 && f.iso == id })
	if f != nil {
		if c.power.next != nil {
			return swConditions
		}
		c.power.ef = f
		return swOK
	}
	a := c.seekApp(func(a *application) bool { return a.iso != 0 && a.iso == id })
	switch {
	case efOnly:
		return swFileNotFound
	case id == masterFile:
		a = &c.root
	case a == nil:
		return swFileNotFound
	}
	c.enter(a)
	return swOK
}
