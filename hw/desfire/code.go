package desfire

import "fmt"

// A Code is the first byte of a native command, the second of its APDU.
type Code byte

// The codes of the commands (DESFire EV1 and EV2 data sheets; libfreefare). Those of the
// authentications are Methods. Where a command has two codes, the one with AF in its name goes in
// frames that are requested one by one, the other in ISO/IEC 14443-4 chains.
const (
	CodeCreateTMACFile       Code = 0xCE
	CodeCreateApplication    Code = 0xCA
	CodeCreateStandardFile   Code = 0xCD
	CodeCreateBackupFile     Code = 0xCB
	CodeCreateCyclicFile     Code = 0xC0
	CodeDeleteApplication    Code = 0xDA
	CodeFormatPICC           Code = 0xFC
	CodeChangeKey            Code = 0xC4
	CodeChangeKeySettings    Code = 0x54
	CodeGetKeySettings       Code = 0x45
	CodeGetKeyVersion        Code = 0x64
	CodeGetVersion           Code = 0x60
	CodeGetCardUID           Code = 0x51
	CodeFreeMemory           Code = 0x6E
	CodeGetApplicationIDs    Code = 0x6A
	CodeGetFileIDs           Code = 0x6F
	CodeGetFileSettings      Code = 0xF5
	CodeSelectApplication    Code = 0x5A
	CodeReadData             Code = 0xAD
	CodeReadDataAF           Code = 0xBD
	CodeReadRecords          Code = 0xAB
	CodeReadRecordsAF        Code = 0xBB
	CodeWriteData            Code = 0x8D
	CodeWriteDataAF          Code = 0x3D
	CodeWriteRecord          Code = 0x8B
	CodeWriteRecordAF        Code = 0x3B
	CodeCommitTransaction    Code = 0xC7
	CodeAbortTransaction     Code = 0xA7
	CodeAuthenticate              = Code(D40)
	CodeAuthenticateISO           = Code(ISO)
	CodeAuthenticateAES           = Code(AES)
	CodeAuthenticateEV2First      = Code(EV2First)
	CodeAuthenticateEV2Next       = Code(EV2NonFirst)
	CodeAdditionalFrame           = Code(AdditionalFrame)
)

var codeNames = map[Code]string{
	CodeCreateTMACFile:       "CreateTransactionMACFile",
	CodeCreateApplication:    "CreateApplication",
	CodeCreateStandardFile:   "CreateStdDataFile",
	CodeCreateBackupFile:     "CreateBackupDataFile",
	CodeCreateCyclicFile:     "CreateCyclicRecordFile",
	CodeDeleteApplication:    "DeleteApplication",
	CodeFormatPICC:           "FormatPICC",
	CodeChangeKey:            "ChangeKey",
	CodeChangeKeySettings:    "ChangeKeySettings",
	CodeGetKeySettings:       "GetKeySettings",
	CodeGetKeyVersion:        "GetKeyVersion",
	CodeGetVersion:           "GetVersion",
	CodeGetCardUID:           "GetCardUID",
	CodeFreeMemory:           "FreeMem",
	CodeGetApplicationIDs:    "GetApplicationIDs",
	CodeGetFileIDs:           "GetFileIDs",
	CodeGetFileSettings:      "GetFileSettings",
	CodeSelectApplication:    "SelectApplication",
	CodeReadData:             "ReadData",
	CodeReadDataAF:           "ReadData",
	CodeReadRecords:          "ReadRecords",
	CodeReadRecordsAF:        "ReadRecords",
	CodeWriteData:            "WriteData",
	CodeWriteDataAF:          "WriteData",
	CodeWriteRecord:          "WriteRecord",
	CodeWriteRecordAF:        "WriteRecord",
	CodeCommitTransaction:    "CommitTransaction",
	CodeAbortTransaction:     "AbortTransaction",
	CodeAuthenticate:         "Authenticate",
	CodeAuthenticateISO:      "AuthenticateISO",
	CodeAuthenticateAES:      "AuthenticateAES",
	CodeAuthenticateEV2First: "AuthenticateEV2First",
	CodeAuthenticateEV2Next:  "AuthenticateEV2NonFirst",
	CodeAdditionalFrame:      "AdditionalFrame",
}

// String is the command's name in the data sheets, or its code if it is not known.
func (c Code) String() string {
	if name, known := codeNames[c]; known {
		return name
	}
	return fmt.Sprintf("%02X", byte(c))
}

// CommandName is the name of a command APDU: a wrapped command to the card, or one that the reader
// answers itself.
func CommandName(apdu []byte) string {
	switch {
	case len(apdu) < 2:
		return "-"
	case apdu[0] == 0xFF && apdu[1] == 0xCA: // PC/SC part 3
		return "GetData"
	}
	return Code(apdu[1]).String()
}
