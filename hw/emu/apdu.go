package emu

import "bytes"

// Status words of ISO/IEC 7816-4 for commands that never reach the DESFire
// command set.
const (
	swOK                = 0x9000
	swWrongLength       = 0x6700
	swFunctionUnknown   = 0x6A81
	swFileNotFound      = 0x6A82
	swWrongP1P2         = 0x6A86
	swInstructionWrong  = 0x6D00
	swClassNotSupported = 0x6E00
)

// Classes of command APDUs.
const (
	classISO     = 0x00
	classWrapped = 0x90 // a native command in an APDU (AN12196, command wrapping)
	classReader  = 0xFF // meant for the reader (PC/SC part 3, section 3.2.2)
)

const (
	selectFile = 0xA4 // ISO/IEC 7816-4 SELECT
	byName     = 0x04
)

// dfName is the name of the PICC level (libfreefare, mifare_desfire.c).
var dfName = []byte{0xD2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x00}

// answer understands one APDU. The dialect is decided here and only here: native
// frames, without any wrapping, would be told by their missing class byte and go
// to perform directly.
func (c *Card) answer(apdu []byte) []byte {
	if len(apdu) < 4 {
		return c.refuse(swWrongLength)
	}
	switch apdu[0] {
	case classWrapped:
		return c.wrapped(apdu)
	case classISO:
		return c.iso(apdu)
	}
	return c.refuse(swClassNotSupported)
}

func (c *Card) wrapped(apdu []byte) []byte {
	data, ok := body(apdu)
	switch {
	case apdu[2] != 0 || apdu[3] != 0:
		return c.refuse(swWrongP1P2)
	case !ok:
		return c.refuse(swWrongLength)
	}
	out, st := c.perform(apdu[1], data)
	return append(out[:len(out):len(out)], 0x91, byte(st))
}

func (c *Card) iso(apdu []byte) []byte {
	name, ok := body(apdu)
	switch {
	case apdu[1] != selectFile:
		return c.refuse(swInstructionWrong)
	case apdu[2] != byName || apdu[3] != 0:
		return c.refuse(swWrongP1P2)
	case !ok:
		return c.refuse(swWrongLength)
	case !bytes.Equal(name, dfName):
		return c.refuse(swFileNotFound)
	}
	c.enter(&c.root)
	return word(swOK)
}

// refuse answers with a status word. It is an error like any other: it ends the
// authentication and aborts the transaction.
func (c *Card) refuse(sw uint16) []byte {
	c.drop()
	return word(sw)
}

func word(sw uint16) []byte { return []byte{byte(sw >> 8), byte(sw)} }

// body returns the data of a short APDU in any of its four cases (ISO/IEC 7816-3).
// Le must be 00 where there is one, as the wrapping asks for.
func body(apdu []byte) ([]byte, bool) {
	rest := apdu[4:]
	if len(rest) == 0 || len(rest) == 1 && rest[0] == 0 {
		return nil, true
	}
	n := int(rest[0])
	rest = rest[1:]
	if n == 0 || len(rest) < n {
		return nil, false
	}
	le := rest[n:]
	return rest[:n], len(le) == 0 || len(le) == 1 && le[0] == 0
}
