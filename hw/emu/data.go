package emu

import "slices"

// A span is the header of a data or record command: file, offset and length. Records are counted
// like bytes.
type span struct {
	file          *file
	offset, count int
}

// seek decodes fileNo, offset3 and length3 for a guard, and checks the type of the file.
func (c *Card) seek(header []byte, kinds ...fileType) (span, status) {
	f, st := c.dataFile(header[0])
	switch {
	case st != operationOK:
		return span{}, st
	case !slices.Contains(kinds, f.kind):
		return span{}, permissionDenied
	}
	return c.span(header), operationOK
}

// span is seek for a command that its guard has admitted.
func (c *Card) span(header []byte) span {
	return span{c.power.app.files[header[0]], number(header[1:]), number(header[4:])}
}

// within reports whether the span lies in that many bytes or records. A count of 0 stands for all
// the rest.
func (s *span) within(size int) bool {
	if s.offset >= size {
		return false
	}
	if s.count == 0 {
		s.count = size - s.offset
	}
	return s.count <= size-s.offset
}

// toRead guards reading: no data follow, and the bounds are checked when it runs.
func (c *Card) toRead(header []byte, kinds ...fileType) (terms, status) {
	s, st := c.seek(header, kinds...)
	if st != operationOK {
		return terms{}, st
	}
	m, st := c.grant(s.file, byRead)
	return terms{mode: m, untold: s.count == 0}, st
}

// toWrite guards writing. It checks all before the data comes: in AF frames that may take long.
func (c *Card) toWrite(header []byte, kinds ...fileType) (terms, status) {
	s, st := c.seek(header, kinds...)
	if st != operationOK {
		return terms{}, st
	}
	m, st := c.grant(s.file, byWrite)
	if st != operationOK {
		return terms{}, st
	}
	return terms{mode: m, data: s.count}, s.writable()
}

// writable reports whether the span can be written.
func (s *span) writable() status {
	switch {
	case s.count == 0:
		return parameterError
	case !s.within(s.file.size):
		return boundaryError
	}
	return operationOK
}

func toReadData(c *Card, header []byte) (terms, status) {
	return c.toRead(header, standardFile, backupFile, tmacFile)
}

func toWriteData(c *Card, header []byte) (terms, status) {
	return c.toWrite(header, standardFile, backupFile)
}

// readData returns the committed data, whatever the transaction has written.
func readData(c *Card, q request) ([]byte, status) {
	s := c.span(q.header)
	if !s.within(s.file.size) {
		return nil, boundaryError
	}
	data := s.file.data[s.offset : s.offset+s.count]
	if s.file.kind != tmacFile {
		c.accountSpan(q, s.count, data)
	}
	return data, operationOK
}

// writeData writes a standard file at once, and a backup file into the shadow that the commit makes
// valid.
func writeData(c *Card, q request) ([]byte, status) {
	s := c.span(q.header)
	into := s.file.data
	if s.file.kind == backupFile {
		into = c.power.pending.shadow(s.file).data
	}
	copy(into[s.offset:], q.data)
	c.spend(s.offset, s.count)
	c.accountSpan(q, s.count, q.data)
	return nil, operationOK
}
