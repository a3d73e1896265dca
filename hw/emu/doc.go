// Package emu emulates a contactless travel card: a MIFARE DESFire card with its memory, its secure
// messaging and its transactions, and the radio field of a reader. Commands and answers are byte
// strings, as with a real card; the card can be torn from the field at any block, and the time of a
// real conversation is modelled.
//
// Its parts, from the inside out:
//
//   - Card is the chip: its memory and its commands, which are the table in command.go; any other
//     command is answered with "illegal command". It takes native frames, the same wrapped in
//     APDUs, and the commands of ISO/IEC 7816-4 in iso.go.
//   - A session is the result of an authentication. There are three kinds: d40.go for the oldest,
//     ev1.go for ISO and AES authentication, ev2.go.
//   - Air is the radio link: block sizes, bit rates, tearing. Contact is one presentation of a
//     card, an hw.Card.
//   - Field is an hw.Reader on which a test puts cards.
//   - Offer puts a card into the virtual reader of pcscd.
//
// An EV1, an EV2 and an EV3 differ in GetVersion, in memory and limits; the EV1 refuses later
// commands, and the EV2 a limit of the Transaction MAC counter.
//
// Other features of a real card are refused, for lack of public facts unless said otherwise:
//
//   - LRP, proximity check and virtual card, with the PICC keys 20 to 23, their bits in
//     SetConfiguration and CreateApplication, and the SAK (option 03), which PC/SC does not show:
//     left out on purpose.
//   - A second AID in SelectApplication, and bit 7 of key and file numbers: which session holds for
//     which application, and what a commit covers, is not public.
//   - DF names in SetConfiguration (option 06): two sources pad the name on different sides.
//     Options 07 to 0B, and any in an application: their content is not public for these cards.
//   - The transaction timer of the EV3: option, unit and effect are not public.
//   - Leaving commands without a session out of a Transaction MAC: the bit is not public. Nor is
//     the part of ISO commands and RestoreTransfer in one.
//   - DeleteApplication with an issuer's MAC, for delegated applications: one source, which does
//     not name the login.
//   - CreateMFCMapping, NotifyTransactionSuccess, and the EV3's Secure Dynamic Messaging with its
//     file counters: their content is not public, or only in part.
//
// Nor does it model a chip's resistance to attack: keys are in plain memory, and in plain text in
// the images that Save writes.
//
// If sources differ about a real card, a comment at the place names them and the choice: the record
// numbers (record.go), the MAC of value commands (ev1.go), CommitReaderID (tmac.go), padding and
// frames (ev1.go, chain.go), the MAC of key set commands (keyset.go). If the form of a command is
// known but not a rule of it, the choice is marked too: how a key set of another type is filled
// (keyset.go), the statuses of slots and MACs (delegated.go), disabled logins (configuration.go),
// the rights for RestoreTransfer (value.go).
//
// Its one rule: the card shares no code with the reader's side. Both sides are checked against
// published numbers instead, NXP's of AN12196 and AN12343, and against conversations recorded with
// real cards, so that no mistake hides by being made on both sides.
package emu
