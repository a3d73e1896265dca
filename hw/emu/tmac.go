package emu

import "encoding/binary"

// account takes a command into the Transaction MAC of the application, if it has
// one: the code as sent, the file, where and how much with a length of 0 made
// good, and the plain data, each filled up with zeros to whole blocks (AN12343,
// Transaction MAC input).
func (c *Card) account(q request, count int, data []byte) {
	f := c.power.app.tmac()
	if f == nil {
		return
	}
	t := &c.power.pending
	if t.input == nil {
		t.input = newCMAC(transactionKey(f.key, f.nextTMC(), c.uid)).start()
	}
	n := threeBytes(count)
	t.input.write([]byte{q.code})
	t.input.write(q.header[:4])
	t.input.write(n[:])
	t.input.fill()
	t.input.write(data)
	t.input.fill()
}

// transactionKey derives SesTMMACKey: each transaction has its own, by the value
// that the counter will have after it (AN12343; proxmark3, desfiretest.c).
func transactionKey(k key, tmc uint32, uid [7]byte) block {
	sv := block{0x5A, 0x00, 0x01, 0x00, 0x80}
	binary.LittleEndian.PutUint32(sv[5:], tmc)
	copy(sv[9:], uid[:])
	return newCMAC(k.secret).sum(sv[:])
}

// nextTMC is the Transaction MAC counter of the transaction under way.
func (f *file) nextTMC() uint32 { return binary.LittleEndian.Uint32(f.data) + 1 }

// signature is the new content of the Transaction MAC file: TMC and TMV.
func (t *transaction) signature(f *file) []byte {
	tmv := truncate(t.input.sum())
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, tmacLen), f.nextTMC())
	return append(out, tmv[:]...)
}
