// Package emu is a contactless travel card without the plastic: a MIFARE DESFire
// card with its memory, its secure messaging and its transactions, and the radio
// field in which a reader meets it. Commands go in and answers come out as byte
// strings, as with a real card; the field can be torn away at any block, and the
// time that a real conversation would have taken is worked out.
//
// What is here, from the inside out:
//
//   - Card is the chip: what it stores, and what it does with a command. Its
//     commands are the table in command.go; what is not in the table is answered
//     with "illegal command". It hears native frames, the same wrapped in APDUs,
//     and the commands of ISO/IEC 7816-4 in iso.go.
//   - A session is what a login leaves behind. There are three kinds: d40.go for
//     the oldest, ev1.go for ISO and AES authentication, ev2.go.
//   - Air is the way between reader and card: block sizes, bit rates, tearing.
//     Contact is one visit of one card, an hw.Card.
//   - Field is a reader, an hw.Reader on whose plate a test lays cards.
//   - Offer lays a card into the virtual reader of pcscd.
//
// An EV1, an EV2 and an EV3 differ in what GetVersion tells, in memory and limits,
// and in that the EV1 lacks what is younger. Not known are LRP, proximity check and
// virtual card, delegated applications, key sets, additional access rights, the
// transaction timer, and what SetConfiguration takes beyond options 00 to 02: all of
// it is refused. Nor is this a model of a chip's resistance to attack: keys lie in
// plain memory, and in plain text in the images that Save writes.
//
// Where sources differ about a real card a comment at the place says who says what,
// and which the card follows: the record numbers (record.go), the MAC of value
// commands (ev1.go), CommitReaderID (tmac.go), padding and frames (ev1.go, chain.go).
//
// Its one rule: the card shares no code with any reader's side. Both sides are
// held to published numbers instead, NXP's of AN12196 and AN12343 and conversations
// recorded with real cards, so that the same mistake made twice cannot hide.
package emu
