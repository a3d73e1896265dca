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
// and in that the EV1 refuses what is younger, and the EV2 a limit of the
// Transaction MAC counter.
//
// What a real card has beyond this is refused, for want of public facts unless said
// otherwise:
//
//   - LRP, proximity check and virtual card, with the PICC keys 20 to 23, the bits of
//     SetConfiguration and CreateApplication for them, and the SAK (option 03), which
//     nobody behind PC/SC sees: left out on purpose.
//   - A second AID in SelectApplication, and bit 7 of key and file numbers: which
//     session holds for which application, and what a commit covers, is not public.
//   - DF names in SetConfiguration (option 06): two sources fill the name up on
//     different sides. Options 07 to 0B, and any in an application: their content is
//     not public for these cards.
//   - The transaction timer of the EV3: option, unit and effect are not public.
//   - Leaving commands without a session out of a Transaction MAC: the bit is not
//     public. Nor is what ISO commands and RestoreTransfer add to one.
//   - DeleteApplication with an issuer's MAC, for delegated applications: one source,
//     which does not say under which login.
//   - CreateMFCMapping, NotifyTransactionSuccess, and the EV3's Secure Dynamic
//     Messaging with its file counters: their content is not public, or only in part.
//
// Nor is this a model of a chip's resistance to attack: keys lie in plain memory, and
// in plain text in the images that Save writes.
//
// Where sources differ about a real card a comment at the place says who says what,
// and which the card follows: the record numbers (record.go), the MAC of value
// commands (ev1.go), CommitReaderID (tmac.go), padding and frames (ev1.go, chain.go),
// the MAC of key set commands (keyset.go). Where the form of a command is known and a
// rule of it is not, the choice is marked too: what a key set is made of another type
// (keyset.go), the statuses of slots and MACs (delegated.go), logins that are
// configured away (configuration.go), the rights for RestoreTransfer (value.go).
//
// Its one rule: the card shares no code with any reader's side. Both sides are
// held to published numbers instead, NXP's of AN12196 and AN12343 and conversations
// recorded with real cards, so that the same mistake made twice cannot hide.
package emu
