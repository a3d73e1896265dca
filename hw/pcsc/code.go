package pcsc

import (
	"fmt"

	"leima/hw"
)

// A code is an error of PC/SC by its number (pcsclite.h). It wraps hw.ErrRemoved or
// hw.ErrReader.
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

// A meaning is what a code says about the card or the reader.
type meaning struct {
	kind error
	text string
}

// meanings are the codes that were seen when cards were pulled away, readers unplugged
// and pcscd killed. A card that does not answer is on its way out of the field.
var meanings = map[code]meaning{
	codeNoCard:        {hw.ErrRemoved, "there is no card"},
	codeNotTransacted: {hw.ErrRemoved, "the card did not answer"},
	codeUnresponsive:  {hw.ErrRemoved, "the card is mute"},
	codeUnpowered:     {hw.ErrRemoved, "the card has no power"},
	codeReset:         {hw.ErrRemoved, "the card was reset by somebody else"},
	codeRemoved:       {hw.ErrRemoved, "the card was removed"},

	// Not the reader's trouble: the next card may speak another.
	codeProtocol: {hw.ErrRemoved, "the card speaks no protocol of a travel card"},

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

// Error implements error.
func (c code) Error() string {
	text := "PC/SC failed"
	if m, known := meanings[c]; known {
		text = m.text
	}
	return fmt.Sprintf("%s (PC/SC %08X)", text, uint32(c))
}

// Unwrap says whether the card or the reader is gone. What is not known blames the
// reader: a passenger need not present a card again for nothing.
func (c code) Unwrap() error {
	if m, known := meanings[c]; known {
		return m.kind
	}
	return hw.ErrReader
}
