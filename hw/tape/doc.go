// Package tape records conversations with cards, keeps them as text, and plays them back.
//
// A Recorder is an hw.Card that passes everything on and records it. A Player is an hw.Card that
// answers from a tape, and only to the recorded commands: it shows that a program still sends the
// same.
//
// It does not interpret commands. Its one rule: a conversation holds secrets, in plain or under
// session keys that follow from the card's keys. Only a conversation under test keys may be kept,
// so a tape that does not declare test keys is neither written nor read.
//
// # The text
//
//	tape: 1
//	keys: test
//	reader: ACS ACR122U PICC Interface 00 00
//	card: DESFire EV2
//	at: 2026-03-02T06:15:30Z
//	seed: 7
//
//	# UID
//	> FFCA000000
//	< 040102030405069000  412us
//
//	# select
//	> 905A0000030010AB00
//	< 9100  1234us
//	> 907100000201000000
//	! removed  5120us
//
// A line of the header is a name, a colon and a value. The first identifies a tape and the version
// of its format; keys is required and is test; reader, card and at (an instant) are optional, and
// so are others that the player of the tape needs.
//
// An exchange is a command after >, and its response after < or its error after !: removed
// (hw.ErrRemoved) or reader (hw.ErrReader), after which no exchange follows. Bytes are hexadecimal;
// spaces between them do not matter, and a response may have none. The duration in microseconds is
// at the end of the response or error.
//
// A line that begins with # is a comment on the next exchange. Empty lines do not matter.
package tape
