package desfire

import (
	"errors"
	"fmt"
)

// Status is the second status byte of a DESFire answer, 91 xx, other than success. It is an error.
type Status byte

// The status codes (DESFire EV1 and EV2 data sheets, table of status and error
// codes; libfreefare).
const (
	OK                  Status = 0x00
	NoChanges           Status = 0x0C
	OutOfEEPROM         Status = 0x0E
	IllegalCommand      Status = 0x1C
	IntegrityError      Status = 0x1E
	NoSuchKey           Status = 0x40
	LengthError         Status = 0x7E
	PermissionDenied    Status = 0x9D
	ParameterError      Status = 0x9E
	ApplicationNotFound Status = 0xA0
	ApplicationDamaged  Status = 0xA1
	AuthenticationError Status = 0xAE
	AdditionalFrame     Status = 0xAF
	BoundaryError       Status = 0xBE
	CardDamaged         Status = 0xC1
	CommandAborted      Status = 0xCA
	CardDisabled        Status = 0xCD
	CountError          Status = 0xCE
	DuplicateError      Status = 0xDE
	EEPROMError         Status = 0xEE
	FileNotFound        Status = 0xF0
	FileDamaged         Status = 0xF1
)

var statusNames = map[Status]string{
	OK:                  "success",
	NoChanges:           "no changes",
	OutOfEEPROM:         "out of EEPROM",
	IllegalCommand:      "illegal command",
	IntegrityError:      "integrity error",
	NoSuchKey:           "no such key",
	LengthError:         "length error",
	PermissionDenied:    "permission denied",
	ParameterError:      "parameter error",
	ApplicationNotFound: "application not found",
	ApplicationDamaged:  "application integrity error",
	AuthenticationError: "authentication error",
	AdditionalFrame:     "additional frame",
	BoundaryError:       "boundary error",
	CardDamaged:         "PICC integrity error",
	CommandAborted:      "command aborted",
	CardDisabled:        "PICC disabled",
	CountError:          "count error",
	DuplicateError:      "duplicate error",
	EEPROMError:         "EEPROM error",
	FileNotFound:        "file not found",
	FileDamaged:         "file integrity error",
}

func (s Status) Error() string {
	name, known := statusNames[s]
	if !known {
		name = "unknown status"
	}
	return fmt.Sprintf("the card answered %02X, %s", byte(s), name)
}

var (
	// ErrNotDESFire means that the card does not answer as DESFire, or hides its serial number so
	// that its keys cannot be derived.
	ErrNotDESFire = errors.New("the card is not a usable DESFire card")

	// ErrAnswer means that an answer does not have the form its command asks for. It does not
	// suggest forgery: the answer of a card that leaves the field looks like this too.
	ErrAnswer = errors.New("the card's answer is damaged")

	// ErrForged means that an answer of the right form carries a wrong MAC or a wrong proof: its
	// sender does not hold the card's key.
	ErrForged = errors.New("the card's answer is not authentic")

	// ErrSession means that the session has ended by an earlier error, or was never authenticated.
	ErrSession = errors.New("the session with the card has ended")

	// ErrCommitUnknown means that CommitTransaction was sent and no authentic success was received:
	// the card may have committed or not. Only its next tap decides. After any other error the card
	// is unchanged.
	ErrCommitUnknown = errors.New("the card may or may not have committed")
)
