package emu

import (
	"bytes"
	"io"
	"slices"
)

// A configuration is the state that SetConfiguration changes.
type configuration struct {
	noFormat  bool
	randomUID bool
	preset    []byte // the default key, 24 bytes; nil: zeros
	version   byte   // of the default key if it is an AES key
	ats       []byte // nil: by the frame length

	messaging    byte    // the secure messaging that is disabled
	capabilities [2]byte // PDcap2.5 and PDcap2.6
}

// Options of SetConfiguration (libfreefare, mifare_desfire_set_configuration; the last two, since
// the EV2, Leosac/liblogicalaccess, setConfiguration). doc.go names the options left out.
const (
	optionPICC         = 0x00
	optionDefaultKey   = 0x01
	optionATS          = 0x02
	optionMessaging    = 0x04
	optionCapabilities = 0x05
)

// Bits in the second byte of the secure messaging configuration.
const (
	messagingLen = 2

	noD40Messaging = 0x01
	noEV1Messaging = 0x02
	noEV2Chaining  = 0x04 // of writes, under EV2
)

// The capabilities that an owner may set are the last two of ten bytes.
const capabilitiesLen = 10

// Bits of the PICC's configuration. They can be set, but not cleared.
const (
	formatDisabled = 0x01
	randomUID      = 0x02
)

const defaultKeyLen = 24

// defaultKey is the key of a new application.
func (c configuration) defaultKey(kind keyType) key {
	if c.preset == nil {
		return zeroKey(kind)
	}
	return key{kind, bytes.Clone(c.preset[:kind.length()]), c.version}
}

// newConfiguration guards SetConfiguration: at PICC level, with the master key. The length of an
// ATS is known only after decryption.
func newConfiguration(c *Card, header []byte) (terms, status) {
	switch {
	case !c.atRoot():
		return terms{}, permissionDenied
	case !c.master():
		return terms{}, authenticationError
	}
	switch option := header[0]; {
	case c.chip == EV1 && option > optionATS:
	case option == optionPICC:
		return terms{mode: modeFull, data: 1}, operationOK
	case option == optionDefaultKey:
		return terms{mode: modeFull, data: defaultKeyLen + 1}, operationOK
	case option == optionATS:
		return terms{mode: modeFull, data: anyLength}, operationOK
	case option == optionMessaging:
		return terms{mode: modeFull, data: messagingLen}, operationOK
	case option == optionCapabilities:
		return terms{mode: modeFull, data: capabilitiesLen}, operationOK
	}
	return terms{}, parameterError
}

func setConfiguration(c *Card, q request) ([]byte, status) {
	switch q.header[0] {
	case optionPICC:
		if q.data[0]&^(formatDisabled|randomUID) != 0 {
			return nil, parameterError
		}
		c.config.noFormat = c.config.noFormat || q.data[0]&formatDisabled != 0
		c.config.randomUID = c.config.randomUID || q.data[0]&randomUID != 0
	case optionDefaultKey:
		c.config.preset = bytes.Clone(q.data[:defaultKeyLen])
		c.config.version = q.data[defaultKeyLen]
	case optionATS:
		if !wholeATS(q.data) {
			return nil, parameterError
		}
		c.config.ats = bytes.Clone(q.data)
	case optionMessaging:
		if q.data[0] != 0 || q.data[1]&^(noD40Messaging|noEV1Messaging|noEV2Chaining) != 0 {
			return nil, parameterError
		}
		c.config.messaging = q.data[1]
	case optionCapabilities:
		sent := q.data[capabilitiesLen-len(c.config.capabilities):]
		if slices.ContainsFunc(q.data[:capabilitiesLen-len(sent)], notZero) {
			return nil, parameterError
		}
		c.config.capabilities = [2]byte(sent)
	}
	c.spend(0, len(q.data))
	return nil, operationOK
}

func notZero(b byte) bool { return b != 0 }

// forbids reports whether a kind of secure messaging is disabled. The answer of a real card is not
// published; this one answers that the login is not permitted.
func (c configuration) forbids(messaging byte) bool { return c.messaging&messaging != 0 }

// wholeATS reports whether the bytes are an ATS: the first is the length (ISO/IEC 14443-4, answer
// to select).
func wholeATS(p []byte) bool { return len(p) > 0 && len(p) <= 20 && int(p[0]) == len(p) }

// ats is the answer to select: length, T0 with the frame code, all bit rates both ways, FWI 8 and
// SFGI 1, CID supported, one historical byte (ISO 14443-4; as read from real cards). A configured
// one is sent from the next activation on; it does not change the card's frames.
func (c *Card) ats() []byte {
	if c.config.ats != nil {
		return c.config.ats
	}
	return []byte{0x06, 0x70 | frameCode(c.frame), 0x77, 0x81, 0x02, 0x80}
}

// activationUID is the serial number, or four random bytes of which the first is 08, new at each
// activation (ISO/IEC 14443-3, random identifiers).
func (c *Card) activationUID() []byte {
	if !c.config.randomUID {
		return c.uid[:]
	}
	id := []byte{0x08, 0, 0, 0}
	_, _ = io.ReadFull(c.rand, id[1:]) // without a random source, zeros
	return id
}
