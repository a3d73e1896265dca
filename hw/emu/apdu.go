package emu

// Status words of ISO/IEC 7816-4 for commands outside of the DESFire command set.
const (
	swOK                = 0x9000
	swEndOfFile         = 0x6282
	swDeactivated       = 0x6283 // selected, but of limited use
	swWrongLength       = 0x6700
	swMemoryFailure     = 0x6581
	swStructure         = 0x6981 // wrong type of file
	swSecurity          = 0x6982
	swConditions        = 0x6985
	swNoFile            = 0x6986 // no file is selected
	swFunctionUnknown   = 0x6A81
	swFileNotFound      = 0x6A82
	swRecordNotFound    = 0x6A83
	swOutOfMemory       = 0x6A84
	swWrongP1P2         = 0x6A86
	swNoKey             = 0x6A88
	swWrongOffset       = 0x6B00
	swInstructionWrong  = 0x6D00
	swClassNotSupported = 0x6E00
)

// Classes of command APDUs.
const (
	classISO     = 0x00
	classWrapped = 0x90 // a native command in an APDU (AN12196, command wrapping)
	classReader  = 0xFF // for the reader (PC/SC part 3, section 3.2.2)
)

// answer carries out one command. It recognizes the form, native, wrapped or ISO, for each command
// again: that a card keeps to one form after its activation is claimed, but shown nowhere. The
// codes of native commands are not used as classes.
func (c *Card) answer(apdu []byte) []byte {
	handshake := c.power.handshake
	c.power.handshake = isoHandshake{}
	switch class := apdu[0]; {
	case (class == classWrapped || class == classISO) && len(apdu) < 4:
		return c.refuse(swWrongLength)
	case class == classWrapped:
		return c.wrapped(apdu)
	case class == classISO:
		return c.iso(apdu, handshake)
	case isNative(apdu):
		out, st := c.perform(class, apdu[1:])
		return append([]byte{byte(st)}, out...)
	}
	return c.refuse(swClassNotSupported)
}

// isNative reports whether a command is not wrapped. A command too short for an APDU is native.
func isNative(apdu []byte) bool {
	code := apdu[0]
	return commands[code].run != nil || code == byte(additionalFrame) || len(apdu) < 4
}

// code returns the native code of a command, wrapped or not, or 0.
func code(apdu []byte) byte {
	switch {
	case len(apdu) > 1 && apdu[0] == classWrapped:
		return apdu[1]
	case len(apdu) > 1 && apdu[0] == classISO, len(apdu) == 0 || !isNative(apdu):
		return 0
	}
	return apdu[0]
}

func (c *Card) wrapped(apdu []byte) []byte {
	data, le, ok := parse(apdu)
	switch {
	case apdu[2] != 0 || apdu[3] != 0:
		return c.refuse(swWrongP1P2)
	case !ok, le != noLe && le != maxAnswer: // Le is 00 if there is one
		return c.refuse(swWrongLength)
	}
	out, st := c.perform(apdu[1], data)
	return append(out[:len(out):len(out)], 0x91, byte(st))
}

// refuse answers with a status word. Like any error it ends the authentication and aborts the
// transaction.
func (c *Card) refuse(sw uint16) []byte {
	c.drop()
	return word(sw)
}

func word(sw uint16) []byte { return []byte{byte(sw >> 8), byte(sw)} }

// noLe is the expected length of an APDU without Le.
const noLe = -1

// parse splits a short APDU of any of the four cases (ISO/IEC 7816-3).
func parse(apdu []byte) (data []byte, le int, ok bool) {
	rest := apdu[4:]
	if len(rest) == 0 {
		return nil, noLe, true
	}
	if len(rest) == 1 {
		return nil, expected(rest[0]), true
	}
	n := int(rest[0])
	rest = rest[1:]
	if n == 0 || len(rest) < n || len(rest) > n+1 {
		return nil, 0, false
	}
	if len(rest) == n {
		return rest, noLe, true
	}
	return rest[:n], expected(rest[n]), true
}

// expected decodes Le: 00 means 256.
func expected(le byte) int {
	if le == 0 {
		return maxAnswer
	}
	return int(le)
}
