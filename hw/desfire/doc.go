// Package desfire sends the commands of a MIFARE DESFire card over any hw.Card: it selects an
// application, proves a key, reads and writes files under secure messaging, and commits.
//
// It knows files, records and keys only by number; package cardlayout knows their meaning. Its one
// rule: within a session the MAC of an answer is checked before any byte of it is used, and an
// answer of an unexpected length is an error, never a guess.
//
// # Commands
//
// All commands are sent in the ISO 7816-4 wrapping, 90 INS 00 00 [Lc data] 00;
// the answer ends in 91 and the status.
//
//	5A  SelectApplication         71  AuthenticateEV2First
//	60  GetVersion                77  AuthenticateEV2NonFirst
//	6E  FreeMem                   AA  AuthenticateAES
//	51  GetCardUID                1A  AuthenticateISO
//	6A  GetApplicationIDs         0A  Authenticate
//	CA  CreateApplication         C4  ChangeKey
//	DA  DeleteApplication         64  GetKeyVersion
//	FC  FormatPICC                45  GetKeySettings
//	CD  CreateStdDataFile         54  ChangeKeySettings
//	CB  CreateBackupDataFile      C0  CreateCyclicRecordFile
//	CE  CreateTransactionMACFile  6F  GetFileIDs
//	F5  GetFileSettings
//	AD  ReadData     (BD)         8D  WriteData    (3D)
//	AB  ReadRecords  (BB)         8B  WriteRecord  (3B)
//	C7  CommitTransaction         A7  AbortTransaction
//
// Under EV2, data and record commands use the codes that chain in ISO/IEC 14443-4 blocks, which
// cost fewer exchanges; before a session and under the older messaging those in brackets, with AF
// frames.
//
// # Secure messaging
//
// A key lists the methods by which it can be proved, the best first; the method determines the
// messaging. A card that does not know a method answers 1C, illegal command, and the next one is
// tried: an AES key is proved as on an EV2, then as on an EV1. A caller that knows the card to be
// newer checks Session.EV2, lest the card was made to look old.
//
//   - EV2, after 71: each command and each answer carries an 8-byte MAC over the command counter
//     and the transaction identifier, and in Full mode its data is encrypted (NXP AN12343,
//     AN12196); ev2.go.
//   - EV1, after AA and 1A: one start value runs through all MACs and encryptions. Every answer
//     carries a MAC or is encrypted with a CRC32; a command carries its MAC only if it writes in
//     MAC mode. There is no Transaction MAC; ev1.go.
//   - D40, after 0A: only the data of files is protected, by four bytes of MAC or a CRC16. All
//     other answers are unprotected; d40.go.
//
// D40 and keys of the DES family are only for cards from the factory, whose key of zeros is public.
// Any error status ends the session.
package desfire
