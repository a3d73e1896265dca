package emu

// shortName marks a P1 that holds a short file identifier instead of half an offset (ISO/IEC
// 7816-4, READ BINARY).
const (
	shortName     = 0x80
	shortNameMask = 0x1F
)

// target finds the file of a command: by its number, which is its short identifier, or the selected
// one.
func (c *Card) target(short byte) (*file, uint16) {
	if short == 0 {
		if c.power.ef == nil {
			return nil, swNoFile
		}
		return c.power.ef, swOK
	}
	f, st := c.file(short)
	if st != operationOK {
		return nil, swFileNotFound
	}
	return f, swOK
}

// useful is target for a data command: after the last allowed transaction there are no data.
func (c *Card) useful(short byte) (*file, uint16) {
	f, sw := c.target(short)
	if sw == swOK && c.power.app.exhausted() {
		return nil, swConditions
	}
	return f, sw
}

// binary finds the data file of READ and UPDATE BINARY, and the offset in it. The short identifier
// 0 means the selected file, so file 0 has none.
func (c *Card) binary(q isoCommand) (f *file, offset int, sw uint16) {
	offset = int(q.p1)<<8 | int(q.p2)
	short := byte(0)
	if q.p1&shortName != 0 {
		short, offset = q.p1&shortNameMask, int(q.p2)
	}
	f, sw = c.useful(short)
	switch {
	case sw != swOK:
		return nil, 0, sw
	case f.kind != standardFile && f.kind != backupFile:
		return nil, 0, swStructure
	case offset >= f.size:
		return nil, 0, swWrongOffset
	}
	return f, offset, swOK
}

// opens reports whether a command without a MAC may use a file: it must be allowed in plain.
func (c *Card) opens(f *file, of func(access) []byte) bool {
	m, st := c.grant(f, of)
	return st == operationOK && m == modePlain
}

// mayAlter is opens for writing. What such a command adds to a Transaction MAC is unknown, so with
// one it is refused.
func (c *Card) mayAlter(f *file) bool {
	return c.opens(f, byWrite) && c.power.app.tmac() == nil
}

func (c *Card) readBinary(q isoCommand) ([]byte, uint16) {
	f, offset, sw := c.binary(q)
	switch {
	case sw != swOK:
		return nil, sw
	case len(q.data) != 0 || q.le == noLe:
		return nil, swWrongLength
	case !c.opens(f, byRead):
		return nil, swSecurity
	}
	return portion(f.data[offset:], q.le)
}

// portion is the part of the data for an answer. Le of 00 asks for all; more than there is gives a
// warning.
func portion(data []byte, le int) ([]byte, uint16) {
	switch {
	case le <= len(data):
		return data[:le], swOK
	case le == maxAnswer:
		return data, swOK
	}
	return data, swEndOfFile
}

func (c *Card) updateBinary(q isoCommand) uint16 {
	f, offset, sw := c.binary(q)
	switch {
	case sw != swOK:
		return sw
	case len(q.data) == 0:
		return swWrongLength
	case !c.mayAlter(f):
		return swSecurity
	case offset+len(q.data) > f.size:
		return swOutOfMemory
	}
	into := f.data
	if f.kind == backupFile {
		into = c.power.pending.shadow(f).data
	}
	copy(into[offset:], q.data)
	c.spend(offset, len(q.data))
	return swOK
}

// The meaning of P2 of the record commands besides a short identifier (ISO/IEC 7816-4, READ
// RECORD).
const (
	shortNameShift = 3
	recordP1       = 0x04 // the record of number P1
	fromRecordP1   = 0x05 // all from that record to the last
)

// recordFile finds the record file of a command.
func (c *Card) recordFile(p2 byte) (*file, uint16) {
	f, sw := c.useful(p2 >> shortNameShift)
	switch {
	case sw != swOK:
		return nil, sw
	case !f.hasRecords():
		return nil, swStructure
	}
	return f, swOK
}

// readRecord counts as ISO/IEC 7816-4 does: record 1 of a cyclic file is the newest, of a linear
// file the oldest.
func (c *Card) readRecord(q isoCommand) ([]byte, uint16) {
	f, sw := c.recordFile(q.p2)
	how := q.p2 & (1<<shortNameShift - 1)
	switch {
	case sw != swOK:
		return nil, sw
	case how != recordP1 && how != fromRecordP1:
		return nil, swWrongP1P2
	case len(q.data) != 0 || q.le == noLe:
		return nil, swWrongLength
	case !c.opens(f, byRead):
		return nil, swSecurity
	case q.p1 == 0 || int(q.p1) > f.records():
		return nil, swRecordNotFound
	}
	out := f.numbered(int(q.p1))
	if how == fromRecordP1 {
		out = nil
		for i := int(q.p1); i <= f.records(); i++ {
			out = append(out, f.numbered(i)...)
		}
	}
	return portion(out, q.le)
}

// numbered returns a record by its number of ISO/IEC 7816-4.
func (f *file) numbered(n int) []byte {
	i := n - 1
	if f.kind == cyclicFile {
		i = f.records() - n
	}
	return f.data[i*f.size : (i+1)*f.size]
}

// appendRecord writes the new record of the transaction, whole.
func (c *Card) appendRecord(q isoCommand) uint16 {
	f, sw := c.recordFile(q.p2)
	switch {
	case sw != swOK:
		return sw
	case q.p1 != 0 || q.p2&(1<<shortNameShift-1) != 0:
		return swWrongP1P2
	case !c.mayAlter(f):
		return swSecurity
	case len(q.data) == 0 || len(q.data) > f.size:
		return swWrongLength
	}
	s := c.power.pending.find(f)
	switch {
	case s != nil && s.cleared:
		return swConditions
	case f.kind == linearFile && f.records() == f.usable():
		return swOutOfMemory
	}
	record := c.power.pending.shadow(f).record()
	clear(record[copy(record, q.data):])
	c.spend(0, len(q.data))
	return swOK
}
