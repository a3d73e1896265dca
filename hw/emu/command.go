package emu

import "time"

// A command is one line of the card's command set.
type command struct {
	name string

	// header is how many bytes follow the code before any data; longest is how
	// many there may be where that varies. They are never enciphered.
	header, longest int

	// guard decides, from the header alone, whether the command may go on, how
	// it is protected within a session, and how many data bytes follow.
	guard func(c *Card, header []byte) (m mode, data int, st status)

	run func(c *Card, q request) ([]byte, status)

	// cuts are the lengths of the frames of a long answer, the last of them for
	// all that follow; the command too may then come in pieces. Without cuts
	// everything goes in one APDU and the chaining is the radio's (ISO 14443-4).
	cuts func(frame int) []int

	time time.Duration // of its first frame; zero means simpleTime
}

// A request is a command as its run function sees it: admitted by the guard,
// deciphered, of the length that the guard asked for. The bytes belong to the
// caller of Transmit and must be copied to be kept.
type request struct {
	code   byte // as sent: the Transaction MAC covers it
	header []byte
	data   []byte
}

// Command codes (MIFARE DESFire EV2 data sheet, command set; libfreefare,
// mifare_desfire.c; AN12343). The ISO codes are ReadData and its kin with the
// block chaining of ISO 14443-4 in place of AF frames.
const (
	codeWriteRecord       = 0x3B
	codeWriteData         = 0x3D
	codeGetKeySettings    = 0x45
	codeGetCardUID        = 0x51
	codeChangeKeySettings = 0x54
	codeSelectApplication = 0x5A
	codeGetVersion        = 0x60
	codeGetKeyVersion     = 0x64
	codeGetApplicationIDs = 0x6A
	codeFreeMem           = 0x6E
	codeGetFileIDs        = 0x6F
	codeAuthenticateFirst = 0x71
	codeAuthenticateNext  = 0x77
	codeWriteRecordISO    = 0x8B
	codeWriteDataISO      = 0x8D
	codeAbortTransaction  = 0xA7
	codeReadRecordsISO    = 0xAB
	codeReadDataISO       = 0xAD
	codeReadRecords       = 0xBB
	codeReadData          = 0xBD
	codeCreateCyclicFile  = 0xC0
	codeChangeKey         = 0xC4
	codeCommitTransaction = 0xC7
	codeCreateApplication = 0xCA
	codeCreateBackupFile  = 0xCB
	codeCreateStdFile     = 0xCD
	codeCreateTMACFile    = 0xCE
	codeGetFileSettings   = 0xF5
	codeFormatPICC        = 0xFC
)

// commands is the whole command set: name, header and longest header, guard, run,
// cuts, time. Names are those of the data sheet.
var commands = [256]command{
	codeSelectApplication: {"SelectApplication", 3, 3, outside, selectApplication, nil, 0},
	codeGetVersion:        {"GetVersion", 0, 0, maced, getVersion, versionCuts, 0},
	codeGetCardUID:        {"GetCardUID", 0, 0, sessionOnly, getCardUID, nil, 0},
	codeFreeMem:           {"FreeMem", 0, 0, maced, freeMem, nil, 0},
	codeFormatPICC:        {"FormatPICC", 0, 0, maced, formatPICC, nil, 0},
	codeGetApplicationIDs: {"GetApplicationIDs", 0, 0, maced, applicationIDs, aidCuts, 0},
	codeCreateApplication: {"CreateApplication", 5, 5, maced, createApplication, nil, 0},

	codeAuthenticateFirst: {"AuthenticateEV2First", 2, 2 + capsLen, outside,
		authenticateFirst, nil, authTime},
	codeAuthenticateNext: {"AuthenticateEV2NonFirst", 1, 1, outside,
		authenticateNonFirst, nil, authTime},

	codeGetKeySettings:    {"GetKeySettings", 0, 0, maced, getKeySettings, nil, 0},
	codeChangeKeySettings: {"ChangeKeySettings", 0, 0, newSettings, changeKeySettings, nil, 0},
	codeGetKeyVersion:     {"GetKeyVersion", 1, 1, maced, getKeyVersion, nil, 0},
	codeChangeKey:         {"ChangeKey", 1, 1, newKey, changeKey, nil, 0},

	codeCreateStdFile:    {"CreateStdDataFile", 7, 7, maced, createStdFile, nil, 0},
	codeCreateBackupFile: {"CreateBackupDataFile", 7, 7, maced, createBackupFile, nil, 0},
	codeCreateCyclicFile: {"CreateCyclicRecordFile", 10, 10, maced, createCyclicFile, nil, 0},
	codeCreateTMACFile: {"CreateTransactionMACFile", 5, 5, newTMACKey,
		createTMACFile, nil, 0},
	codeGetFileIDs:      {"GetFileIDs", 0, 0, maced, getFileIDs, nil, 0},
	codeGetFileSettings: {"GetFileSettings", 1, 1, maced, getFileSettings, nil, 0},

	codeReadData:       {"ReadData", 7, 7, toReadData, readData, evenCuts, 0},
	codeReadDataISO:    {"ReadData", 7, 7, toReadData, readData, nil, 0},
	codeWriteData:      {"WriteData", 7, 7, toWriteData, writeData, evenCuts, 0},
	codeWriteDataISO:   {"WriteData", 7, 7, toWriteData, writeData, nil, 0},
	codeReadRecords:    {"ReadRecords", 7, 7, toReadRecords, readRecords, evenCuts, 0},
	codeReadRecordsISO: {"ReadRecords", 7, 7, toReadRecords, readRecords, nil, 0},
	codeWriteRecord:    {"WriteRecord", 7, 7, toWriteRecord, writeRecord, evenCuts, 0},
	codeWriteRecordISO: {"WriteRecord", 7, 7, toWriteRecord, writeRecord, nil, 0},

	codeCommitTransaction: {"CommitTransaction", 0, 1, maced, commitTransaction,
		nil, commitTime},
	codeAbortTransaction: {"AbortTransaction", 0, 0, maced, abortTransaction, nil, 0},
}

// perform answers one native command: what it is wrapped in is none of its
// business. Every error drops the authentication and the transaction.
func (c *Card) perform(code byte, params []byte) ([]byte, status) {
	next := c.power.next
	c.power.next = nil
	out, st := []byte(nil), commandAborted
	switch {
	case next == nil:
		out, st = c.begin(code, params)
	case code == byte(additionalFrame):
		out, st = next(params)
	}
	if st == operationOK || st == additionalFrame {
		return out, st
	}
	c.drop()
	return nil, st
}

// begin looks a command up and asks its guard.
func (c *Card) begin(code byte, params []byte) ([]byte, status) {
	cmd := &commands[code]
	if cmd.run == nil {
		return nil, illegalCommand
	}
	if cmd.time != 0 {
		c.power.work.time = cmd.time
	}
	if len(params) < cmd.header {
		return nil, lengthError
	}
	m, data, st := cmd.guard(c, params[:cmd.header])
	if st != operationOK {
		return nil, st
	}
	if c.power.session == nil && m != modeOutside {
		m = modePlain
	}
	return c.collect(&call{command: cmd, code: code, mode: m, data: data}, params)
}

// finish runs a command that is complete, within the session if there is one.
func (c *Card) finish(q *call, params []byte) ([]byte, status) {
	header, data := q.split(params)
	if s := c.power.session; s != nil {
		var st status
		if data, st = s.open(q.mode, q.code, header, data); st != operationOK {
			return nil, st
		}
	}
	if len(data) != q.data {
		return nil, lengthError
	}
	out, st := q.run(c, request{q.code, header, data})
	if st != operationOK {
		return out, st
	}
	if s := c.power.session; s != nil {
		out = s.seal(q.mode, out)
	}
	return c.send(q, out)
}
