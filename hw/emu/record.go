package emu

func toReadRecords(c *Card, header []byte) (terms, status) {
	return c.toRead(header, linearFile, cyclicFile)
}

// toWriteRecord checks the room too: a full linear file takes no more, and a file that is being
// cleared takes nothing until the commit.
func toWriteRecord(c *Card, header []byte) (terms, status) {
	t, st := c.toWrite(header, linearFile, cyclicFile)
	if st != operationOK {
		return t, st
	}
	f := c.power.app.files[header[0]]
	s := c.power.pending.find(f)
	switch {
	case s != nil && s.cleared:
		return terms{}, permissionDenied
	case s != nil && s.grown, f.kind == cyclicFile:
		return t, operationOK
	case f.records() == f.usable():
		return terms{}, boundaryError
	}
	return t, operationOK
}

// readRecords counts record numbers from the newest, 0, and answers with the oldest first
// (libfreefare, tests of record files; proxmark3 agrees; the manual of revk/DESFireAES has 0 for
// the oldest). A count of 0 stands for all records from the oldest to the named one. In a file
// without records everything is out of bounds.
func readRecords(c *Card, q request) ([]byte, status) {
	s := c.span(q.header)
	if !s.within(s.file.records()) {
		return nil, boundaryError
	}
	end := (s.file.records() - s.offset) * s.file.size
	data := s.file.data[end-s.count*s.file.size : end]
	c.accountSpan(q, s.count, data)
	return data, operationOK
}

// writeRecord writes into the new record of the transaction, which begins as zeros; all writes of
// one transaction go into the same record.
func writeRecord(c *Card, q request) ([]byte, status) {
	s := c.span(q.header)
	copy(c.power.pending.shadow(s.file).record()[s.offset:], q.data)
	c.spend(s.offset, s.count)
	c.accountSpan(q, s.count, q.data)
	return nil, operationOK
}

// updateHeader is the length of UpdateRecord's header: the number of the record precedes offset and
// length.
const updateHeader = 1 + 3 + 3 + 3

// toUpdateRecord guards UpdateRecord, which needs the read-write right (MF2DL(H)x0 data sheet,
// UpdateRecord).
func toUpdateRecord(c *Card, header []byte) (terms, status) {
	t, st := c.toRecords(header)
	if st != operationOK {
		return t, st
	}
	f := c.power.app.files[header[0]]
	sp := span{f, number(header[4:]), number(header[7:])}
	t.data = sp.count
	switch s := c.power.pending.find(f); {
	case s != nil && s.cleared:
		return terms{}, permissionDenied
	case number(header[1:]) >= f.records():
		return terms{}, boundaryError
	}
	return t, sp.writable()
}

// toRecords guards the commands that need the read-write right of a record file.
func (c *Card) toRecords(header []byte) (terms, status) {
	f, st := c.dataFile(header[0])
	switch {
	case st != operationOK:
		return terms{}, st
	case !f.hasRecords():
		return terms{}, permissionDenied
	}
	m, st := c.grant(f, byReadWrite)
	return terms{mode: m}, st
}

// updateRecord changes a committed record; it takes effect with the commit too.
func updateRecord(c *Card, q request) ([]byte, status) {
	f, offset := c.power.app.files[q.header[0]], number(q.header[4:])
	s := c.power.pending.shadow(f)
	i := f.records() - 1 - number(q.header[1:]) - s.dropped
	if i < 0 { // it was replaced by the new record
		return nil, boundaryError
	}
	copy(s.data[i*f.size+offset:], q.data)
	c.spend(offset, len(q.data))
	c.account(q.code, q.header, nil, q.data)
	return nil, operationOK
}

func toClearRecords(c *Card, header []byte) (terms, status) {
	t, st := c.toRecords(header)
	t.mode = modeManage
	return t, st
}

// clearRecords empties the file at the commit, and drops the transaction's earlier writes to it.
func clearRecords(c *Card, q request) ([]byte, status) {
	s := c.power.pending.shadow(c.power.app.files[q.header[0]])
	s.data, s.grown, s.dropped, s.cleared = nil, false, 0, true
	c.account(q.code, q.header, nil, nil)
	return nil, operationOK
}
