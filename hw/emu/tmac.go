package emu

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// account adds a command to the Transaction MAC of the application, if it has one: the code as sent
// and the header, padded with zeros to whole blocks, and likewise the plain data (AN12343,
// Transaction MAC input).
func (c *Card) account(code byte, header, more, data []byte) {
	f := c.power.app.tmac()
	if f == nil {
		return
	}
	in := c.power.pending.begun(f, c.uid)
	in.write([]byte{code})
	in.write(header)
	in.write(more)
	in.fill()
	in.write(data)
	in.fill()
}

// begun is the input so far, started if need be.
func (t *transaction) begun(f *file, uid [7]byte) *running {
	if t.input == nil {
		k := transactionKey(f.key, labelMAC, f.nextTMC(), uid)
		t.input = newCMAC(newAES(k)).start()
	}
	return t.input
}

// accountSpan is account for a header of file, offset and length; it replaces a length of 0.
func (c *Card) accountSpan(q request, count int, data []byte) {
	n := threeBytes(count)
	c.account(q.code, q.header[:4], n[:], data)
}

// Labels of the two keys of a transaction. A sentence of the data sheet has 31 and 32; its formula
// and real cards have these (AN12343; proxmark3, desfiretest.c).
const (
	labelMAC = 0x5A
	labelENC = 0xA5
)

// transactionKey derives SesTMMACKey and SesTMENCKey: each transaction has its own, by the value
// that the counter will have after it (AN12343; proxmark3, desfiretest.c).
func transactionKey(k key, label byte, tmc uint32, uid [7]byte) block {
	sv := block{label, 0x00, 0x01, 0x00, 0x80}
	binary.LittleEndian.PutUint32(sv[5:], tmc)
	copy(sv[9:], uid[:])
	return block(newCMAC(k.cipher()).sum(sv[:]))
}

// nextTMC is the Transaction MAC counter of the transaction under way.
func (f *file) nextTMC() uint32 { return f.tmc() + 1 }

func (f *file) tmc() uint32 { return binary.LittleEndian.Uint32(f.data) }

// exhausted reports whether the limit of transactions is reached: the one that was set, or the
// counter's.
func (f *file) exhausted() bool { return f.tmc() >= cmp.Or(f.limit, math.MaxUint32) }

// exhausted reports whether the application has used all its transactions. Then only the data of
// the Transaction MAC file can be used (MF2DL(H)x0 data sheet, Transaction MAC counter limit).
func (a *application) exhausted() bool {
	f := a.tmac()
	return f != nil && f.exhausted()
}

// sign writes TMC and TMV into the Transaction MAC file. If the file was created after all the
// writes, only the counter is signed.
func (t *transaction) sign(f *file, uid [7]byte) {
	tmv := truncate(t.begun(f, uid).sum())
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, tmacLen), f.nextTMC())
	f.data = append(out, tmv[:]...)
	if t.reader != nil {
		f.reader = *t.reader
	}
}

// toCommitReaderID guards CommitReaderID. The read-write right of the Transaction MAC file names
// the key for it; F means that no reader is asked. A transaction has one reader. It is under a MAC
// in both directions: so the example of AN12343, and proxmark3; another project decrypts the answer
// once more.
func toCommitReaderID(c *Card, _ []byte) (terms, status) {
	f := c.power.app.tmac()
	switch {
	case f == nil, f.access.readWrite() == never, c.power.pending.reader != nil,
		f.exhausted():
		return terms{}, permissionDenied
	case f.access.readWrite() != free && !c.proven(f.access.readWrite()):
		return terms{}, authenticationError
	}
	return terms{mode: modeMAC, data: len(block{})}, operationOK
}

// commitReaderID answers with the reader of the last committed transaction, encrypted for holders
// of the Transaction MAC key.
func commitReaderID(c *Card, q request) ([]byte, status) {
	f, reader := c.power.app.tmac(), block(q.data)
	k := transactionKey(f.key, labelENC, f.nextTMC(), c.uid)
	out := encipher(newAES(k), nil, f.reader[:])
	c.power.pending.reader = &reader
	c.account(q.code, nil, slices.Concat(reader[:], out), nil)
	return out, operationOK
}
