// Package desfire speaks to a MIFARE DESFire card over any hw.Card: it selects
// an application, proves a key, reads and writes files under secure messaging,
// and commits.
//
// It knows files, records and keys by number only; what they mean is the affair
// of package cardlayout. Its one rule: within a session no byte a card has sent is
// believed before its MAC has been checked, and an answer of an unexpected length
// is an error, never a guess.
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
// Under EV2 data and record commands use the codes that chain in ISO 14443-4 blocks,
// which cost fewer exchanges; before a session and under the older messaging those in
// brackets, with AF frames.
//
// # Secure messaging
//
// A key says by which methods it can be proved, the best first, and the method says
// what messaging follows. A card that does not know a method answers 1C, illegal
// command, and the next one is tried: an AES key is proved as to an EV2, then as to an
// EV1. Whoever knows that the card is younger must see to it that it was not made to
// look old: Session.EV2 tells.
//
//   - EV2, after 71: each command and each answer carries an 8-byte MAC over the
//     command counter and the transaction identifier, and in Full mode its data
//     enciphered (NXP AN12343, AN12196); ev2.go.
//   - EV1, after AA and 1A: one start value runs through all MACs and encipherments.
//     Every answer carries a MAC or is enciphered with a CRC32; a command shows its MAC
//     only where it writes in MAC mode. There is no Transaction MAC; ev1.go.
//   - D40, after 0A: only the data of files is protected, by four bytes of MAC or a
//     CRC16. Nothing vouches for any other answer; d40.go.
//
// The last, and keys of the DES family at all, are for cards from the factory, whose
// key is one of zeros that everybody knows. Any error status ends the session.
package desfire
