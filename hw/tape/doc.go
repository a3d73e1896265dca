// Package tape records conversations with cards, keeps them as text, and plays them back.
//
// A Recorder is an hw.Card that passes everything on and notes it. A Player is an
// hw.Card that answers from a tape, and only to the very commands that were recorded: it
// shows that a program says today what it said then. A Reader is an hw.Reader on which
// either is laid, or any other card.
//
// It knows nothing of what is said. Its one rule: a conversation holds secrets, in plain
// or under session keys that whoever has the card's keys works out again. Only a
// conversation under test keys may be kept, so a tape that does not say so is neither
// written nor read.
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
//	# who is there
//	> FFCA000000
//	< 040102030405069000  412us
//
//	# select
//	> 905A0000030010AB00
//	< 9100  1234us
//	> 907100000201000000
//	! removed  5120us
//
// A line of the header is a name, a colon and a value. The first says that this is a
// tape, and the version of its form; keys is required and is test; reader, card and at,
// an instant, may be there, and any others that whoever plays the tape back needs.
//
// An exchange is a command after > and then either its response after <, or what was in
// its place after !: removed (hw.ErrRemoved) or reader (hw.ErrReader), after which there
// is nothing more to say. Bytes are hexadecimal; blanks among them do not matter, and
// there may be none, where a reader answered so. The microseconds it took stand at the
// end of either.
//
// A line that begins with # is a comment to the exchange after it. Empty lines do not
// matter.
package tape
