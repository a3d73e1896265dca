// Package pcsc reaches a contactless reader on a cable through PC/SC: the service pcscd,
// its library libpcsclite and the package github.com/ebfe/scard.
//
// It needs a C library, and so it stands behind the build tag pcsc. Without the tag the
// same functions are there, and each returns one error that says what to install and
// how to build.
//
// What is here, from the outside in:
//
//   - Reader is an hw.Reader: the reader whose name fits a pattern, whenever it is there.
//   - Card is an hw.Card: one card from its finding to its leaving.
//   - watch sees cards and readers come and go, for all readers of the process.
//   - talk owns the connection to one card, so that whoever waits for an answer can stop
//     waiting.
//   - daemon, line and link are what is asked of pcscd. Everything above them is free of
//     C and is tested against a pcscd of a few lines.
//
// It is not a client of pcscd's socket, no driver, and knows nothing of what is said to
// a card. It starts no pcscd and stops none.
//
// Its one rule: PC/SC cannot be interrupted, so nobody waits for it without a limit. A
// call that does not return is left to its own goroutine; until it does return nothing
// else is tried with that reader, so that one reader never costs more than one.
//
// # What PC/SC does, and what becomes of it
//
// Measured with pcscd 1.9.9 of Debian 12.
//
//   - A card pulled away in the middle of a command gives no error but an answer of no
//     bytes, or a truncated one: less than a status word is hw.ErrRemoved. A longer
//     piece of an answer looks whole. Secure messaging tells.
//   - A card exchanged within pcscd's look at the reader, 400 ms, is not reported, and
//     the handle goes on with the new card. Wait and WaitRemoved therefore ask the
//     card's UID again. In the middle of a tap its session keys tell the cards apart.
//   - Connecting to a card which has left before pcscd looked, or resetting it, makes
//     pcscd take the reader for empty; the next card is then not seen at all if it lies
//     there before the look. So a card that has just left is neither reset nor connected
//     to for half a second, unless another was seen to lie there.
//   - A cancelled wait may be missed, and Cancel near a time-out returns an error: waits
//     last a second at most, and what Cancel returns is ignored.
//   - When pcscd ends, every context and handle ends with it: they are opened again, at
//     growing intervals. Wait goes on waiting; Trouble and OnTrouble say why meanwhile.
//   - The library hangs in a transmission for as long as the card or its driver does.
//     After Options.Limit the session is given up with hw.ErrReader: whether the card
//     has acted is not known.
//   - Package scard panics on an empty command and on a protocol it does not know, and
//     keeps the names of awaited readers in a table of the process. So commands are
//     checked, its panics are caught, and there is one watch in a process.
//
// # Not tried
//
// All of this ran with virtual readers, and what readers are known to say in a card's
// place with tapes of it, testdata/quirks. What is left needs the reader itself:
//
//   - Any USB reader: whether plugging it in is told by the pseudo-reader at once. It is
//     awaited, but readers are also listed anew every two seconds.
//   - ACS ACR122U: Linux may give it to its own NFC driver before pcscd gets it; the
//     module pn533_usb is then to be blacklisted. It answers 63 00 in the place of a card
//     that has left, and SpringCard's readers 6F and a number: after such an answer the
//     reader is asked for the UID, and the answer is the card's only if it is still there.
//   - A reader that keeps the UID from the activation and does not ask the card again
//     reports an exchange only when it has noticed it itself.
//   - A reader that does not know the question for the UID: cards are told apart by
//     pcscd's own events alone. The reaction is tested, such a reader was not at hand.
//     Package desfire takes every card in it for a foreign one.
//   - A reader with a SAM slot: it is a reader of its own with SAM in its name, which is
//     not chosen unless the pattern asks for it. The choice is tested.
//   - pcscd with polkit, newer than Debian 12's: the service's user needs a rule
//     (README.polkit of pcscd). Without it the error is 8010006A.
package pcsc
