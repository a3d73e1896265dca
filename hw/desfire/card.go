package desfire

import (
	"fmt"
)

// Version is a card's answer to GetVersion.
type Version struct {
	Hardware, Software [7]byte // vendor, type, subtype, major, minor, storage, protocol
	UID                UID
	Batch              [5]byte
	Week, Year         byte // of production, two BCD digits each
}

// Generation is 1 for DESFire EV1, 2 for EV2, 3 for EV3 and 0 for any other card, by the hardware's
// major version.
func (v Version) Generation() int {
	const desfire = 0x01
	if v.Hardware[1] != desfire {
		return 0
	}
	switch v.Hardware[3] {
	case 0x01:
		return 1
	case 0x12, 0x22: // 22h: the larger EV2 XL
		return 2
	case 0x33, 0x03:
		return 3
	}
	return 0
}

// Version reads the card's version.
func (s *Session) Version() (Version, error) {
	var v Version
	data, err := s.ask(CodeGetVersion, nil, managed, 28)
	if err != nil {
		return v, fmt.Errorf("asking the card's version: %w", err)
	}
	copy(v.Hardware[:], data)
	copy(v.Software[:], data[7:])
	copy(v.UID[:], data[14:])
	copy(v.Batch[:], data[21:])
	v.Week, v.Year = data[26], data[27]
	return v, nil
}

// FreeMemory reads the number of unused bytes on the card.
func (s *Session) FreeMemory() (int, error) {
	data, err := s.ask(CodeFreeMemory, nil, managed, 3)
	if err != nil {
		return 0, fmt.Errorf("asking the free memory: %w", err)
	}
	return int(data[0]) | int(data[1])<<8 | int(data[2])<<16, nil
}

// CardUID reads the serial number from the card, encrypted: unlike UID, a reader cannot forge it.
func (s *Session) CardUID() (UID, error) {
	data, err := s.ask(CodeGetCardUID, nil, Full, len(UID{}))
	if err != nil {
		return UID{}, fmt.Errorf("asking the card's own serial number: %w", err)
	}
	return UID(data), nil
}

// KeyVersion reads the version of a key of the selected application.
func (s *Session) KeyVersion(keyNo byte) (byte, error) {
	data, err := s.ask(CodeGetKeyVersion, []byte{keyNo}, managed, 1)
	if err != nil {
		return 0, fmt.Errorf("asking the version of key %d: %w", keyNo, err)
	}
	return data[0], nil
}

// KeySettings reads KS1 and KS2 of the data sheet for the selected application, or for the card:
// what needs the master key, and the number of keys with their type.
func (s *Session) KeySettings() (ks1, ks2 byte, err error) {
	data, err := s.ask(CodeGetKeySettings, nil, managed, anySize)
	if err == nil && len(data) < 2 { // later cards may add key sets
		err = s.end(lengthError(len(data), 2))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("asking the key settings: %w", err)
	}
	return data[0], data[1], nil
}

// ApplicationIDs lists the applications of the card, on card level.
func (s *Session) ApplicationIDs() ([]AID, error) {
	data, err := s.ask(CodeGetApplicationIDs, nil, managed, anySize)
	if err == nil && len(data)%len(AID{}) != 0 {
		err = s.end(fmt.Errorf("%w: %d bytes are no whole identifiers", ErrAnswer, len(data)))
	}
	if err != nil {
		return nil, fmt.Errorf("listing the applications: %w", err)
	}
	ids := make([]AID, 0, len(data)/len(AID{}))
	for ; len(data) > 0; data = data[len(AID{}):] {
		ids = append(ids, AID(data))
	}
	return ids, nil
}

// FileIDs lists the files of the selected application.
func (s *Session) FileIDs() ([]byte, error) {
	data, err := s.ask(CodeGetFileIDs, nil, managed, anySize)
	if err != nil {
		return nil, fmt.Errorf("listing the files: %w", err)
	}
	return append([]byte(nil), data...), nil
}

// FileSettings reads the settings of a file, as in the data sheet: type, communication mode, access
// rights, and the fields of the type.
func (s *Session) FileSettings(file byte) ([]byte, error) {
	data, err := s.ask(CodeGetFileSettings, []byte{file}, managed, anySize)
	if err != nil {
		return nil, fmt.Errorf("asking the settings of file %d: %w", file, err)
	}
	return append([]byte(nil), data...), nil
}

// ask runs a command that is also allowed before a session, and returns size bytes, or any number
// with anySize.
func (s *Session) ask(code Code, header []byte, mode Mode, size int) ([]byte, error) {
	return s.run(s.outsideSession(command{code: code, header: header, mode: mode}), size)
}
