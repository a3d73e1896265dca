package pcsc

import (
	"fmt"

	"leima/hw"
)

// A code is an error of PC/SC by its number (pcsclite.h). It wraps hw.ErrRemoved or hw.ErrReader.
type code uint32

const (
	codeCancelled     code = 0x80100002
	codeHandle        code = 0x80100003
	codeUnknownReader code = 0x80100009
	codeTimeout       code = 0x8010000A
	codeSharing       code = 0x8010000B
	codeNoCard        code = 0x8010000C
	codeProtocol      code = 0x8010000F
	codeLost          code = 0x80100013
	codeNotTransacted code = 0x80100016
	codeUnavailable   code = 0x80100017
	codeShutdown      code = 0x80100018
	codeNoService     code = 0x8010001D
	codeStopped       code = 0x8010001E
	codeNoReaders     code = 0x8010002E
	codeUnresponsive  code = 0x80100066
	codeUnpowered     code = 0x80100067
	codeReset         code = 0x80100068
	codeRemoved       code = 0x80100069
	codeSecurity      code = 0x8010006A
)

// A meaning is the meaning of a code for card or reader.
type meaning struct {
	kind error
	text string
}

// meanings are the codes that came when cards were pulled away, readers unplugged and pcscd killed.
// A card that does not answer is leaving the field.
var meanings = map[code]meaning{
	codeNoCard:        {hw.ErrRemoved, "there is no card"},
	codeNotTransacted: {hw.ErrRemoved, "the card did not answer"},
	codeUnresponsive:  {hw.ErrRemoved, "the card is mute"},
	codeUnpowered:     {hw.ErrRemoved, "the card has no power"},
	codeReset:         {hw.ErrRemoved, "another program has reset the card"},
	codeRemoved:       {hw.ErrRemoved, "the card was removed"},

	// Not the reader's fault: the next card may support another.
	codeProtocol: {hw.ErrRemoved, "the card supports no protocol of a travel card"},

	codeHandle: {hw.ErrReader, "the connection to pcscd is no longer valid"},
	codeUnknownReader: {hw.ErrReader, "the reader is no longer there: " +
		"look at its cable"},
	codeUnavailable: {hw.ErrReader, "the reader was unplugged: look at its cable"},
	codeSharing: {hw.ErrReader, "another program uses the card in this reader: " +
		"end it, or choose another reader"},
	codeLost:     {hw.ErrReader, "pcscd went away: it is tried again"},
	codeShutdown: {hw.ErrReader, "pcscd shuts down: it is tried again"},
	codeStopped:  {hw.ErrReader, "pcscd was stopped: it is tried again"},
	codeNoService: {hw.ErrReader, "pcscd does not run: install the package pcscd, " +
		"or start the service"},
	codeNoReaders: {hw.ErrReader, "pcscd knows no reader: plug one in"},
	codeSecurity: {hw.ErrReader, "pcscd denies access: give this user a polkit rule " +
		"(README.polkit of pcscd)"},
}

// errVersion is the error if pcscd and the library have different versions of their protocol. pcscd
// then only reports that it was stopped (winscard_svc.c of pcsc-lite; the versions are in its log).
var errVersion = fmt.Errorf("pcscd turns this program away: it is of another version than the "+
	"libpcsclite here, as after an update or in a container: install both of one version, and "+
	"restart pcscd and this program (%w)", codeStopped)

// contextError is the error of a connection to pcscd that failed.
func contextError(err error) error {
	if err == codeStopped {
		return errVersion
	}
	return err
}

// Error implements error.
func (c code) Error() string {
	text := "PC/SC failed"
	if m, known := meanings[c]; known {
		text = m.text
	}
	return fmt.Sprintf("%s (PC/SC %08X)", text, uint32(c))
}

// Unwrap returns hw.ErrRemoved or hw.ErrReader. An unknown code blames the reader: a passenger need
// not present a card again for nothing.
func (c code) Unwrap() error {
	if m, known := meanings[c]; known {
		return m.kind
	}
	return hw.ErrReader
}
