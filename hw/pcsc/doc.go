// Package pcsc uses a contactless reader through PC/SC: the service pcscd, its library libpcsclite
// and the package github.com/ebfe/scard.
//
// It needs a C library and has the build tag pcsc. Without the tag the same functions return an
// error that says what to install and how to build.
//
// Its parts, from the outside in:
//
//   - Reader is an hw.Reader: the reader whose name fits a pattern, whenever it is there.
//   - Card is an hw.Card: one card from its activation to its removal.
//   - monitor watches cards and readers, for all readers of the process.
//   - connection owns the connection to one card, so that a caller can stop waiting for an answer.
//   - service, cardContext and cardHandle are the functions of pcscd. Everything above them is free
//     of C and is tested against a small pcscd of the tests.
//
// It is not a client of pcscd's socket and no driver; it does not interpret commands to a card. It
// neither starts nor stops pcscd.
//
// Its one rule: PC/SC cannot be interrupted, so nothing waits for it without a limit. A call that
// does not return is left to its goroutine; until it returns nothing else is tried with that
// reader, so that one reader never costs more than one goroutine.
//
// # How PC/SC behaves, and the consequences
//
// Measured with pcscd 1.9.9 of Debian 12.
//
//   - A card pulled away in the middle of a command gives no error but an empty answer, or a
//     truncated one: less than a status word is hw.ErrRemoved. A longer piece of an answer looks
//     whole. Secure messaging notices it.
//   - A card exchanged between two polls of pcscd, 400 ms, is not reported, and the handle
//     continues with the new card. Wait and WaitRemoved therefore ask for the card's UID again.
//     During a tap the session keys tell the cards apart.
//   - Connecting to a card which has left before pcscd has noticed, or resetting it, makes pcscd
//     take the reader for empty; the next card is missed if it is there before the next poll. So a
//     card that has just left is neither reset nor connected for half a second, unless another was
//     noticed.
//   - A cancelled wait may be missed, and Cancel near a time-out returns an error: waits last a
//     second at most, and Cancel's error is ignored.
//   - When pcscd ends, every context and handle ends with it: they are opened again, at growing
//     intervals. Wait keeps waiting; Trouble and OnTrouble give the reason.
//   - The library hangs in a transmission for as long as the card or its driver does. After
//     Options.Limit the session is given up with hw.ErrReader: whether the card has carried out the
//     command is unknown.
//   - Package scard panics on an empty command and on an unknown protocol, and keeps the names of
//     awaited readers in a table of the process. So commands are checked, its panics are caught,
//     and there is one monitor in a process.
//
// # Not tried
//
// All of this ran with virtual readers; the known status words of real readers were played from
// tapes, testdata/quirks. Still to be tried with a real reader:
//
//   - Any USB reader: whether the pseudo-reader reports at once that it was plugged in. Readers are
//     also listed every two seconds.
//   - ACS ACR122U: Linux may give it to its own NFC driver before pcscd gets it; then blacklist the
//     module pn533_usb. It answers 63 00 in place of a card that has left, and SpringCard's readers
//     6F and a number: after such an answer the reader is asked for the UID, and the answer counts
//     as the card's only if the card is still there.
//   - A reader that keeps the UID from the activation reports an exchange only when it has noticed
//     it itself.
//   - A reader without the command for the UID: only pcscd's events tell cards apart. This is
//     tested without such a reader. Package desfire takes every card in it for a card of another
//     kind.
//   - A reader with a SAM slot: the slot is a reader of its own with SAM in its name, which is not
//     chosen unless the pattern names it. The choice is tested.
//   - pcscd with polkit, newer than Debian 12's: the service's user needs a rule (README.polkit of
//     pcscd). Without it the error is 8010006A.
package pcsc
