package desfire

import (
	"crypto/subtle"
	"fmt"
	"slices"
)

// Rights are the access rights of a file: for each of the four, a key number 0 to 13, Free or
// Never.
type Rights struct {
	Read, Write, ReadWrite, Change byte
}

// The access rights that are no key number.
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
	Most   int // records of a cyclic file, including the card's spare record
}

// CreateApplication creates an AES application with the given number of keys, all zero. settings is
// KS1 of the data sheet.
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

// CreateBackupFile creates a file whose writes take effect with Commit.
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

// DeleteApplication deletes an application with all its files. On card level this needs the card's
// master key.
func (s *Session) DeleteApplication(aid AID) error {
	return s.issue(command{code: CodeDeleteApplication, header: aid[:], mode: managed},
		fmt.Sprintf("deleting application %X", aid))
}

// ChangeKeySettings replaces KS1 of the selected application or card. It needs the master key.
func (s *Session) ChangeKeySettings(ks1 byte) error {
	return s.issue(command{code: CodeChangeKeySettings, data: []byte{ks1}, mode: Full},
		"changing the key settings")
}

// ChangeKey replaces a key of the selected application by an AES key. If old is nil, the key is the
// one that this session is authenticated with, and the session ends; otherwise old is the key now
// on the card. On card level the number is 0x80, whatever the type of the old key.
func (s *Session) ChangeKey(keyNo byte, old *Key, next Key, version byte) error {
	if old == nil {
		return s.changeKey(keyNo, nil, next[:], version)
	}
	return s.changeKey(keyNo, old[:], next[:], version)
}

// changeKey changes a key of any type. Only AES keys have a separate version: keys of the DES
// family carry it in their parity bits.
func (s *Session) changeKey(keyNo byte, old, next []byte, version ...byte) error {
	doing := fmt.Sprintf("changing key %d", keyNo&0x0F)
	if err := s.checkOpen(Full); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	c := command{
		code: CodeChangeKey, header: []byte{keyNo},
		data: slices.Concat(next, version), mode: Full,
	}
	if old != nil {
		subtle.XORBytes(c.data, next, old)
		c.tail = s.secure.keyCRC(next)
		return s.issue(c, doing)
	}
	// The answer carries no MAC: the session's keys are gone with the old key.
	answer, err := s.exchange(c)
	if err == nil && len(answer) != 0 {
		err = s.end(lengthError(len(answer), 0))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	_ = s.end(fmt.Errorf("key %d was changed", keyNo&0x0F))
	return nil
}

// Format erases every application. It needs a session on card level.
func (s *Session) Format() error {
	return s.issue(command{code: CodeFormatPICC, mode: managed}, "formatting the card")
}

// issue is execute for a command that is also allowed before a session. doing is for the error
// text.
func (s *Session) issue(c command, doing string) error {
	if err := s.execute(s.outsideSession(c)); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func le24(n int) []byte { return []byte{byte(n), byte(n >> 8), byte(n >> 16)} }
