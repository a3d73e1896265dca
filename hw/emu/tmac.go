package emu

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// account takes a command into the Transaction MAC of the application, if it has
// one: the code as sent, the header with what belongs to it, filled up with zeros
// to whole blocks, and likewise the plain data (AN12343, Transaction MAC input).
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

// begun is the input so far, begun if need be.
func (t *transaction) begun(f *file, uid [7]byte) *running {
	if t.input == nil {
		k := transactionKey(f.key, labelMAC, f.nextTMC(), uid)
		t.input = newCMAC(newAES(k)).start()
	}
	return t.input
}

// accountSpan is account for a header of file, place and length; a length of 0 in
// it is made good.
func (c *Card) accountSpan(q request, count int, data []byte) {
	n := threeBytes(count)
	c.account(q.code, q.header[:4], n[:], data)
}

// Labels of the two keys of a transaction. A sentence of the data sheet has 31 and
// 32; its formula and real cards have these (AN12343; proxmark3, desfiretest.c).
const (
	labelMAC = 0x5A
	labelENC = 0xA5
)

// transactionKey derives SesTMMACKey and SesTMENCKey: each transaction has its
// own, by the value that the counter will have after it (AN12343; proxmark3,
// desfiretest.c).
func transactionKey(k key, label byte, tmc uint32, uid [7]byte) block {
	sv := block{label, 0x00, 0x01, 0x00, 0x80}
	binary.LittleEndian.PutUint32(sv[5:], tmc)
	copy(sv[9:], uid[:])
	return block(newCMAC(k.cipher()).sum(sv[:]))
}

// nextTMC is the Transaction MAC counter of the transaction under way.
func (f *file) nextTMC() uint32 { return f.tmc() + 1 }

func (f *file) tmc() uint32 { return binary.LittleEndian.Uint32(f.data) }

// exhausted says whether there have been as many transactions as there may be:
// the limit that was set, or as far as the counter goes.
func (f *file) exhausted() bool { return f.tmc() >= cmp.Or(f.limit, math.MaxUint32) }

// exhausted says whether the application is at the end of its transactions. Then no
// data of it are for anybody, but those of the Transaction MAC file (MF2DL(H)x0
// data sheet, Transaction MAC counter limit).
func (a *application) exhausted() bool {
	f := a.tmac()
	return f != nil && f.exhausted()
}

// sign makes TMC and TMV the content of the Transaction MAC file. Where the file is
// younger than all that was written nothing is signed but the counter.
func (t *transaction) sign(f *file, uid [7]byte) {
	tmv := truncate(t.begun(f, uid).sum())
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, tmacLen), f.nextTMC())
	f.data = append(out, tmv[:]...)
	if t.reader != nil {
		f.reader = *t.reader
	}
}

// toCommitReaderID guards CommitReaderID. The read-write right of the Transaction
// MAC file names the key for it; F means that readers are not asked. A transaction
// has one reader. It is under a MAC, in both directions: the example of AN12343 is
// so, and proxmark3 has it so; another project deciphers the answer once more.
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

// commitReaderID answers with the reader of the last committed transaction,
// enciphered for those who have the key of the Transaction MAC.
func commitReaderID(c *Card, q request) ([]byte, status) {
	f, reader := c.power.app.tmac(), block(q.data)
	k := transactionKey(f.key, labelENC, f.nextTMC(), c.uid)
	out := encipher(newAES(k), nil, f.reader[:])
	c.power.pending.reader = &reader
	c.account(q.code, nil, slices.Concat(reader[:], out), nil)
	return out, operationOK
}
