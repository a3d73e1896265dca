package desfire

import (
	"crypto/aes"
	"encoding/binary"
	"fmt"
)

// Signed is what the card will sign with the next Commit of what was read and written
// so far, where the application has a Transaction MAC file: every command in order,
// with plain data (AN12343, Transaction MAC input). The caller owns it.
func (s *Session) Signed() []byte { return append([]byte(nil), s.signed...) }

// Receipt reads the signature under the last committed transaction from a Transaction
// MAC file. That this read is not signed in its turn is an assumption: no public source
// says so or otherwise.
func (s *Session) Receipt(file byte) (Receipt, error) {
	c := command{code: s.dialect().readData, header: span(file, 0, receiptSize), mode: MAC}
	data, err := s.run(c, receiptSize)
	if err != nil {
		return Receipt{}, fmt.Errorf("reading file %d: %w", file, err)
	}
	return receiptOf(data), nil
}

// receiptSize is the length of a Transaction MAC file and of a commit's answer.
const receiptSize = 12

// receiptOf takes a receipt apart: the counter, least significant byte first, and the
// value.
func receiptOf(p []byte) (r Receipt) {
	r.TMC = binary.LittleEndian.Uint32(p)
	copy(r.TMV[:], p[4:])
	return r
}

// SignedWrite and SignedRecord add to p what the card will sign of a Write and of a
// WriteRecord still to come, so that a transaction can be noted before it is made.
func SignedWrite(p []byte, file byte, offset int, data []byte) []byte {
	for len(data) > 0 {
		part := data[:min(len(data), inBlocks.chunk)]
		p = signed(p, CodeWriteData, span(file, offset, len(part)), part)
		offset += len(part)
		data = data[len(part):]
	}
	return p
}

// SignedRecord is described at SignedWrite.
func SignedRecord(p []byte, file byte, record []byte) []byte {
	return signed(p, CodeWriteRecord, span(file, 0, len(record)), record)
}

// signed adds one command: its code as sent and its header in one block, then its data,
// each filled up with zeros.
func signed(p []byte, code Code, header, data []byte) []byte {
	p = fill(append(append(p, byte(code)), header...))
	return fill(append(p, data...))
}

func fill(p []byte) []byte {
	for len(p)%aes.BlockSize != 0 {
		p = append(p, 0)
	}
	return p
}

// TransactionMAC is the signature, TMV, of a card under a transaction, computed as the
// card does it, with the card's own Transaction MAC key. The counter is that of the
// receipt, which is the one after the transaction (AN12343; proxmark3, desfiretest.c).
func (k Key) TransactionMAC(uid UID, counter uint32, signed []byte) [8]byte {
	sv := []byte{0x5A, 0x00, 0x01, 0x00, 0x80}
	sv = binary.LittleEndian.AppendUint32(sv, counter)
	session := Key(newCMAC(k.cipher()).sum(append(sv, uid[:]...)))
	return truncate(newCMAC(session.cipher()).sum(signed))
}

// sign notes a command that the card has done.
func (s *Session) sign(code Code, header, data []byte) {
	s.signed = signed(s.signed, code, header, data)
}
