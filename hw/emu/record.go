package emu

func toReadRecords(c *Card, header []byte) (mode, int, status) {
	return c.toRead(header, cyclicFile)
}

func toWriteRecord(c *Card, header []byte) (mode, int, status) {
	return c.toWrite(header, cyclicFile)
}

// readRecords counts record numbers from the newest, 0, and answers with the
// oldest first (libfreefare, tests of record files; proxmark3 agrees). A count of
// 0 stands for all records from the oldest up to the one named. A file without
// records is out of bounds wherever one looks.
func readRecords(c *Card, q request) ([]byte, status) {
	s := c.span(q.header)
	if !s.within(s.file.records()) {
		return nil, boundaryError
	}
	end := (s.file.records() - s.offset) * s.file.size
	data := s.file.data[end-s.count*s.file.size : end]
	c.account(q, s.count, data)
	return data, operationOK
}

// writeRecord writes into the new record of the transaction, which begins as
// zeros; all writes of one transaction go into the same record.
func writeRecord(c *Card, q request) ([]byte, status) {
	s := c.span(q.header)
	copy(c.power.pending.shadow(s.file)[s.offset:], q.data)
	c.spend(s.offset, s.count)
	c.account(q, s.count, q.data)
	return nil, operationOK
}
