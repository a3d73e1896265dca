package desfire

import (
	"crypto/aes"
	"encoding/binary"
	"errors"
	"fmt"
)

// TMI is the Transaction MAC input so far: every read and write in order, with plain data
// (AN12343). The card will sign it with the next Commit if the application has a Transaction MAC
// file. The caller owns it.
func (s *Session) TMI() []byte { return append([]byte(nil), s.tmi...) }

// ReadTMAC reads the signature of the last committed transaction from a Transaction MAC file. It is
// assumed, without a public source, that this read is not signed itself.
func (s *Session) ReadTMAC(file byte) (TMAC, error) {
	c := command{code: s.commandSet().readData, header: span(file, 0, tmacSize), mode: MAC}
	data, err := s.run(c, tmacSize)
	if err != nil {
		return TMAC{}, fmt.Errorf("reading file %d: %w", file, err)
	}
	return parseTMAC(data), nil
}

// tmacSize is the length of a Transaction MAC file and of a commit's answer, in bytes.
const tmacSize = 12

// parseTMAC decodes a TMAC: the counter, least significant byte first, and the value.
func parseTMAC(p []byte) (r TMAC) {
	r.TMC = binary.LittleEndian.Uint32(p)
	copy(r.TMV[:], p[4:])
	return r
}

// TMIWrite and TMIRecord append to p the Transaction MAC input of a future Write or WriteRecord, so
// that a transaction can be recorded before it is made.
func TMIWrite(p []byte, file byte, offset int, data []byte) []byte {
	for len(data) > 0 {
		part := data[:min(len(data), isoChained.maxData)]
		p = appendCommandTMI(p, CodeWriteData, span(file, offset, len(part)), part)
		offset += len(part)
		data = data[len(part):]
	}
	return p
}

// TMIRecord is described at TMIWrite.
func TMIRecord(p []byte, file byte, record []byte) []byte {
	return appendCommandTMI(p, CodeWriteRecord, span(file, 0, len(record)), record)
}

// A Signed command is a read or a write that a Transaction MAC input holds.
type Signed struct {
	Code   Code
	File   byte
	Offset int
	Data   []byte
}

// Writes reports whether it has written.
func (c *Signed) Writes() bool {
	switch c.Code {
	case CodeWriteData, CodeWriteDataAF, CodeWriteRecord, CodeWriteRecordAF:
		return true
	}
	return false
}

// ErrInput says that bytes are no Transaction MAC input of reads and writes.
var ErrInput = errors.New("it is no Transaction MAC input of reads and writes")

// ReadTMI reads a Transaction MAC input. The records of a file that were read have a size.
func ReadTMI(p []byte, recordSize int) (all []Signed, err error) {
	for len(p) >= aes.BlockSize {
		head := p[:aes.BlockSize]
		three := func(at int) int {
			return int(head[at]) | int(head[at+1])<<8 | int(head[at+2])<<16
		}
		c, size := Signed{Code: Code(head[0]), File: head[1], Offset: three(2)}, three(5)
		switch c.Code {
		case CodeReadRecords, CodeReadRecordsAF:
			size *= recordSize
		case CodeReadData, CodeReadDataAF:
		default:
			if !c.Writes() {
				return nil, ErrInput
			}
		}
		padded := (size + aes.BlockSize - 1) / aes.BlockSize * aes.BlockSize
		if p = p[aes.BlockSize:]; len(p) < padded {
			return nil, ErrInput
		}
		c.Data, p = p[:size:size], p[padded:]
		all = append(all, c)
	}
	if len(p) > 0 {
		return nil, ErrInput
	}
	return all, nil
}

// appendCommandTMI appends one command: its code and header in one block, then its data, each
// padded with zeros.
func appendCommandTMI(p []byte, code Code, header, data []byte) []byte {
	p = padTMI(append(append(p, byte(code)), header...))
	return padTMI(append(p, data...))
}

func padTMI(p []byte) []byte {
	for len(p)%aes.BlockSize != 0 {
		p = append(p, 0)
	}
	return p
}

// TransactionMAC is the Transaction MAC value (TMV) of a card for a transaction, computed with the
// card's Transaction MAC key. The counter is that of the TMAC, the one after the transaction
// (AN12343; proxmark3, desfiretest.c).
func (k Key) TransactionMAC(uid UID, counter uint32, signed []byte) [8]byte {
	sv := []byte{0x5A, 0x00, 0x01, 0x00, 0x80}
	sv = binary.LittleEndian.AppendUint32(sv, counter)
	session := Key(newCMAC(k.cipher()).sum(append(sv, uid[:]...)))
	return truncate(newCMAC(session.cipher()).sum(signed))
}

// appendTMI adds a command that the card has carried out.
func (s *Session) appendTMI(code Code, header, data []byte) {
	s.tmi = appendCommandTMI(s.tmi, code, header, data)
}
