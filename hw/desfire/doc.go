// Package desfire speaks to a MIFARE DESFire card over any hw.Card: it selects
// an application, proves a key, reads and writes files under EV2 secure
// messaging, and commits.
//
// It knows files, records and keys by number only; what they mean is the affair
// of package cardlayout. Its one rule: no byte a card has sent is believed
// before its MAC has been checked, and an answer of an unexpected length is an
// error, never a guess.
//
// # Commands
//
// All commands are sent in the ISO 7816-4 wrapping, 90 INS 00 00 [Lc data] 00;
// the answer ends in 91 and the status.
//
//	5A  SelectApplication         71  AuthenticateEV2First
//	60  GetVersion                77  AuthenticateEV2NonFirst
//	6E  FreeMem                   C4  ChangeKey
//	51  GetCardUID                64  GetKeyVersion
//	CA  CreateApplication         FC  FormatPICC
//	CD  CreateStdDataFile         CB  CreateBackupDataFile
//	C0  CreateCyclicRecordFile    CE  CreateTransactionMACFile
//	6F  GetFileIDs                F5  GetFileSettings
//	AD  ReadData                  8D  WriteData
//	AB  ReadRecords               8B  WriteRecord
//	C7  CommitTransaction         A7  AbortTransaction
//
// Data and record commands use the codes that chain in ISO 14443-4 blocks (AD,
// 8D, AB, 8B of EV2 and later), which cost fewer exchanges than the AF frames of
// BD, 3D, BB and 3B.
//
// # Secure messaging
//
// After AuthenticateEV2First each command and each answer carries an 8-byte MAC
// over the command counter and the transaction identifier, and in Full mode its
// data enciphered (NXP AN12343, AN12196). Any error status ends the session.
package desfire
