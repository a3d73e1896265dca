// Package emu is a contactless travel card without the plastic: a MIFARE DESFire
// EV2 card with its memory, its secure messaging and its transactions, and the
// radio field in which a reader meets it. Commands go in and answers come out as
// byte strings, as with a real card; the field can be torn away at any block, and
// the time that a real conversation would have taken is worked out.
//
// What is here, from the inside out:
//
//   - Card is the chip: what it stores, and what it does with a command. Its
//     commands are the table in command.go; what is not in the table is answered
//     with "illegal command".
//   - Air is the way between reader and card: block sizes, bit rates, tearing.
//     Contact is one visit of one card, an hw.Card.
//   - Field is a reader, an hw.Reader on whose plate a test lays cards.
//
// It is not a copy of a product. Only AES keys and EV2 secure messaging are known;
// DES, EV1 secure messaging, LRP, value and linear record files, ISO file names,
// delegated applications and key sets are not. Nor is it a model of a chip's
// resistance to attack: keys lie in plain memory, and in plain text in the images
// that Save writes.
//
// Its one rule: the card shares no code with any reader's side. Both sides are
// held to published numbers instead (NXP AN12196 and AN12343), so that the same
// mistake made twice cannot hide.
package emu
