package emu

import "time"

// A command is one row of the card's command set.
type command struct {
	name string

	// header is the number of bytes between the code and the data, never encrypted; longest is
	// their largest number if that varies.
	header, longest int

	// guard decides, by the header only, whether the command is admitted, how it is protected
	// within a session, and how many data bytes follow.
	guard func(c *Card, header []byte) (terms, status)

	run func(c *Card, q request) ([]byte, status)

	// cuts are the lengths of the frames of an answer of n bytes, the last for all the rest; the
	// command may then come in pieces too. Without cuts all goes in one APDU, with the chaining of
	// ISO 14443-4.
	cuts func(c *Card, n int) []int

	time time.Duration // of its first frame; zero is simpleTime
}

// A request is a command for its run function: admitted by the guard, decrypted, of the length that
// the guard asked for. The bytes belong to the caller of Transmit: copy them to keep them.
type request struct {
	code   byte // as sent: the Transaction MAC includes it
	header []byte
	data   []byte
}

// Command codes (MIFARE DESFire EV2 data sheet, command set; libfreefare, mifare_desfire.c;
// AN12343). The ISO codes are those of ReadData and its like with the block chaining of ISO 14443-4
// in place of AF frames.
const (
	codeAuthenticateD40   = 0x0A
	codeCredit            = 0x0C
	codeAuthenticateISO   = 0x1A
	codeLimitedCredit     = 0x1C
	codeWriteRecord       = 0x3B
	codeReadSignature     = 0x3C
	codeWriteData         = 0x3D
	codeGetKeySettings    = 0x45
	codeGetCardUID        = 0x51
	codeChangeKeySettings = 0x54
	codeRollKeySet        = 0x55
	codeInitializeKeySet  = 0x56
	codeFinalizeKeySet    = 0x57
	codeSelectApplication = 0x5A
	codeSetConfiguration  = 0x5C
	codeChangeFile        = 0x5F
	codeGetVersion        = 0x60
	codeGetISOFileIDs     = 0x61
	codeGetKeyVersion     = 0x64
	codeGetDelegatedInfo  = 0x69
	codeGetApplicationIDs = 0x6A
	codeGetValue          = 0x6C
	codeGetDFNames        = 0x6D
	codeFreeMem           = 0x6E
	codeGetFileIDs        = 0x6F
	codeAuthenticateFirst = 0x71
	codeAuthenticateNext  = 0x77
	codeWriteRecordISO    = 0x8B
	codeWriteDataISO      = 0x8D
	codeAbortTransaction  = 0xA7
	codeAuthenticateAES   = 0xAA
	codeReadRecordsISO    = 0xAB
	codeReadDataISO       = 0xAD
	codeRestoreTransfer   = 0xB1
	codeUpdateRecordISO   = 0xBA
	codeReadRecords       = 0xBB
	codeReadData          = 0xBD
	codeCreateCyclicFile  = 0xC0
	codeCreateLinearFile  = 0xC1
	codeChangeKey         = 0xC4
	codeChangeKeyEV2      = 0xC6
	codeCommitTransaction = 0xC7
	codeCommitReaderID    = 0xC8
	codeCreateDelegated   = 0xC9
	codeCreateApplication = 0xCA
	codeCreateBackupFile  = 0xCB
	codeCreateValueFile   = 0xCC
	codeCreateStdFile     = 0xCD
	codeCreateTMACFile    = 0xCE
	codeDeleteApplication = 0xDA
	codeUpdateRecord      = 0xDB
	codeDebit             = 0xDC
	codeDeleteFile        = 0xDF
	codeClearRecordFile   = 0xEB
	codeGetFileSettings   = 0xF5
	codeFormatPICC        = 0xFC
)

// commands is the whole command set: name, header and longest header, guard, run, cuts, time. Names
// are those of the data sheet.
var commands = [256]command{
	codeSelectApplication: {"SelectApplication", 3, 3, outside, selectApplication, nil, 0},
	codeGetVersion:        {"GetVersion", 0, 0, managed, getVersion, versionCuts, 0},
	codeGetCardUID:        {"GetCardUID", 0, 0, sessionOnly, getCardUID, nil, 0},
	codeReadSignature:     {"Read_Sig", 1, 1, toReadSignature, readSignature, evenCuts, 0},
	codeFreeMem:           {"FreeMem", 0, 0, managed, freeMem, nil, 0},
	codeFormatPICC:        {"FormatPICC", 0, 0, managed, formatPICC, nil, 0},
	codeSetConfiguration:  {"SetConfiguration", 1, 1, newConfiguration, setConfiguration, nil, 0},
	codeGetApplicationIDs: {"GetApplicationIDs", 0, 0, managed, applicationIDs, aidCuts, 0},
	codeGetDFNames:        {"GetDFNames", 0, 0, managed, dfNames, nameCuts, 0},
	codeDeleteApplication: {"DeleteApplication", 3, 3, managed, deleteApplication, nil, 0},
	codeCreateApplication: {
		"CreateApplication", appHeader, appLongest, managed,
		createApplication, nil, 0,
	},
	codeCreateDelegated: {
		"CreateDelegatedApplication", damHeader, damLongest, toDelegate,
		createDelegated, evenCuts, 0,
	},
	codeGetDelegatedInfo: {"GetDelegatedInfo", 2, 2, managed, getDelegatedInfo, nil, 0},

	codeAuthenticateD40: {"Authenticate", 1, 1, outside, authenticateD40, nil, authTime},
	codeAuthenticateISO: {"AuthenticateISO", 1, 1, outside, authenticateISO, nil, authTime},
	codeAuthenticateAES: {"AuthenticateAES", 1, 1, outside, authenticateAES, nil, authTime},
	codeAuthenticateFirst: {
		"AuthenticateEV2First", 2, 2 + capsLen, outside,
		authenticateFirst, nil, authTime,
	},
	codeAuthenticateNext: {
		"AuthenticateEV2NonFirst", 1, 1, outside,
		authenticateNonFirst, nil, authTime,
	},

	codeGetKeySettings:    {"GetKeySettings", 0, 0, managed, getKeySettings, nil, 0},
	codeChangeKeySettings: {"ChangeKeySettings", 0, 0, newSettings, changeKeySettings, nil, 0},
	codeGetKeyVersion:     {"GetKeyVersion", 1, 2, managed, getKeyVersion, nil, 0},
	codeChangeKey:         {"ChangeKey", 1, 1, newKey, changeKey, nil, 0},
	codeChangeKeyEV2:      {"ChangeKeyEV2", 2, 2, newKey, changeKey, nil, 0},
	codeInitializeKeySet:  {"InitializeKeySet", 0, 0, newKeySet, initializeKeySet, nil, 0},
	codeFinalizeKeySet:    {"FinalizeKeySet", 0, 0, newKeySet, finalizeKeySet, nil, 0},
	codeRollKeySet:        {"RollKeySet", 0, 0, toRoll, rollKeySet, nil, 0},

	codeCreateStdFile: {
		"CreateStdDataFile", dataHeader, dataHeader + isoLen, managed,
		createStdFile, nil, 0,
	},
	codeCreateBackupFile: {
		"CreateBackupDataFile", dataHeader, dataHeader + isoLen, managed,
		createBackupFile, nil, 0,
	},
	codeCreateLinearFile: {
		"CreateLinearRecordFile", recordHeader, recordHeader + isoLen,
		managed, createLinearFile, nil, 0,
	},
	codeCreateCyclicFile: {
		"CreateCyclicRecordFile", recordHeader, recordHeader + isoLen,
		managed, createCyclicFile, nil, 0,
	},
	codeCreateValueFile: {
		"CreateValueFile", valueHeader, valueHeader, managed,
		createValueFile, nil, 0,
	},
	codeCreateTMACFile: {
		"CreateTransactionMACFile", 5, 5, newTMACKey,
		createTMACFile, nil, 0,
	},
	codeGetFileIDs:      {"GetFileIDs", 0, 0, managed, getFileIDs, nil, 0},
	codeGetISOFileIDs:   {"GetISOFileIDs", 0, 0, managed, getISOFileIDs, isoCuts, 0},
	codeGetFileSettings: {"GetFileSettings", 1, 1, managed, getFileSettings, nil, 0},
	codeChangeFile:      {"ChangeFileSettings", 1, 1, newFileSettings, changeFileSettings, nil, 0},
	codeDeleteFile:      {"DeleteFile", 1, 1, managed, deleteFile, nil, 0},

	codeReadData:       {"ReadData", 7, 7, toReadData, readData, evenCuts, 0},
	codeReadDataISO:    {"ReadData", 7, 7, toReadData, readData, nil, 0},
	codeWriteData:      {"WriteData", 7, 7, toWriteData, writeData, evenCuts, 0},
	codeWriteDataISO:   {"WriteData", 7, 7, toWriteData, writeData, nil, 0},
	codeReadRecords:    {"ReadRecords", 7, 7, toReadRecords, readRecords, evenCuts, 0},
	codeReadRecordsISO: {"ReadRecords", 7, 7, toReadRecords, readRecords, nil, 0},
	codeWriteRecord:    {"WriteRecord", 7, 7, toWriteRecord, writeRecord, evenCuts, 0},
	codeWriteRecordISO: {"WriteRecord", 7, 7, toWriteRecord, writeRecord, nil, 0},
	codeUpdateRecord: {
		"UpdateRecord", updateHeader, updateHeader, toUpdateRecord,
		updateRecord, evenCuts, 0,
	},
	codeUpdateRecordISO: {
		"UpdateRecord", updateHeader, updateHeader, toUpdateRecord,
		updateRecord, nil, 0,
	},
	codeClearRecordFile: {"ClearRecordFile", 1, 1, toClearRecords, clearRecords, nil, 0},

	codeGetValue:        {"GetValue", 1, 1, toGetValue, getValue, nil, 0},
	codeCredit:          {"Credit", 1, 1, toCredit, credit, nil, 0},
	codeDebit:           {"Debit", 1, 1, toDebit, debit, nil, 0},
	codeRestoreTransfer: {"RestoreTransfer", 2, 2, toRestore, restoreTransfer, nil, 0},
	codeLimitedCredit:   {"LimitedCredit", 1, 1, toLimitedCredit, limitedCredit, nil, 0},

	codeCommitTransaction: {
		"CommitTransaction", 0, 1, managed, commitTransaction,
		nil, commitTime,
	},
	codeAbortTransaction: {"AbortTransaction", 0, 0, managed, abortTransaction, nil, 0},
	codeCommitReaderID: {
		"CommitReaderID", 0, 0, toCommitReaderID, commitReaderID,
		nil, 0,
	},
}
