package desfire

import (
	"crypto/subtle"
	"fmt"
	"slices"
)

// Rights are the access rights of a file: for each of the four, a key number 0
// to 13, Free or Never.
type Rights struct {
	Read, Write, ReadWrite, Change byte
}

// The two access rights that are no key.
const (
	Free  byte = 0xE
	Never byte = 0xF
)

func (r Rights) bytes() (low, high byte) {
	return r.ReadWrite<<4 | r.Change&0x0F, r.Read<<4 | r.Write&0x0F
}

// Layout describes a file to be created.
type Layout struct {
	No     byte
	Mode   Mode
	Rights Rights
	Size   int // bytes of a data file, or of one record
	Most   int // records of a cyclic file, one of which is the card's own spare
}

// CreateApplication creates an AES application with this many keys, all of them
// zero. The settings byte is KS1 of the data sheet.
func (s *Session) CreateApplication(aid AID, settings byte, keys int) error {
	const aes = 0x80 // KS2 bits 7 and 6
	header := append(aid[:], settings, aes|byte(keys))
	return s.issue(command{code: CodeCreateApplication, header: header, mode: managed},
		fmt.Sprintf("creating application %X", aid))
}

// CreateStandardFile creates a file whose writes are valid at once.
func (s *Session) CreateStandardFile(l Layout) error {
	return s.createFile(CodeCreateStandardFile, l, le24(l.Size))
}

// CreateBackupFile creates a file whose writes wait for Commit.
func (s *Session) CreateBackupFile(l Layout) error {
	return s.createFile(CodeCreateBackupFile, l, le24(l.Size))
}

// CreateCyclicFile creates a file that keeps the newest Most-1 records.
func (s *Session) CreateCyclicFile(l Layout) error {
	return s.createFile(CodeCreateCyclicFile, l, append(le24(l.Size), le24(l.Most)...))
}

// CreateTransactionMACFile creates the file in which the card signs each
// transaction under key (AN12343 p. 83).
func (s *Session) CreateTransactionMACFile(l Layout, key Key, version byte) error {
	const aes = 0x02
	low, high := l.Rights.bytes()
	header := []byte{l.No, byte(l.Mode), low, high, aes}
	data := append(key[:], version)
	return s.issue(command{code: CodeCreateTMACFile, header: header, data: data, mode: Full},
		fmt.Sprintf("creating file %d", l.No))
}

func (s *Session) createFile(code Code, l Layout, tail []byte) error {
	low, high := l.Rights.bytes()
	header := append([]byte{l.No, byte(l.Mode), low, high}, tail...)
	return s.issue(command{code: code, header: header, mode: managed},
		fmt.Sprintf("creating file %d", l.No))
}

// DeleteApplication deletes an application with all its files. On card level it needs
// the card's own key.
func (s *Session) DeleteApplication(aid AID) error {
	return s.issue(command{code: CodeDeleteApplication, header: aid[:], mode: managed},
		fmt.Sprintf("deleting application %X", aid))
}

// ChangeKeySettings replaces KS1 of what is selected. Only its master key may.
func (s *Session) ChangeKeySettings(ks1 byte) error {
	return s.issue(command{code: CodeChangeKeySettings, data: []byte{ks1}, mode: Full},
		"changing the key settings")
}

// ChangeKey replaces a key of the selected application by an AES key. With held nil the
// key is the one this session is authenticated with, and the session ends; otherwise
// held is the key now on the card. On card level the number is 0x80, whatever type the
// key before has.
func (s *Session) ChangeKey(keyNo byte, held *Key, next Key, version byte) error {
	if held == nil {
		return s.changeKey(keyNo, nil, next[:], version)
	}
	return s.changeKey(keyNo, held[:], next[:], version)
}

// changeKey changes a key of any type. Only AES keys have a version apart: those of the
// DES family carry it in their bits of parity.
func (s *Session) changeKey(keyNo byte, held, next []byte, version ...byte) error {
	doing := fmt.Sprintf("changing key %d", keyNo&0x0F)
	if err := s.alive(Full); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	c := command{code: CodeChangeKey, header: []byte{keyNo},
		data: slices.Concat(next, version), mode: Full}
	if held != nil {
		subtle.XORBytes(c.data, next, held)
		c.tail = s.secure.digest(next)
		return s.issue(c, doing)
	}
	// The answer carries no MAC: the session's keys are gone with the old key.
	answer, err := s.exchange(c)
	if err == nil && len(answer) != 0 {
		err = s.end(unlike(len(answer), 0))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	s.end(fmt.Errorf("key %d was changed", keyNo&0x0F))
	return nil
}

// Format erases every application. Only a session on card level may.
func (s *Session) Format() error {
	return s.issue(command{code: CodeFormatPICC, mode: managed}, "formatting the card")
}

// issue is order for a command that may come before a session too, with what is
// done put into the error.
func (s *Session) issue(c command, doing string) error {
	if err := s.order(s.within(c)); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func le24(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }
