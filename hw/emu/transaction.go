package emu

import "slices"

// A transaction is the uncommitted writes to the selected application. Loss of the field,
// selecting, aborting and every error drop it.
type transaction struct {
	shadows []*shadow
	input   *running // the Transaction MAC so far; nil if there is nothing to account for
	reader  *block   // the reader's identity; nil if it was not given
}

// A shadow is the future content of a file.
type shadow struct {
	file   *file
	data   []byte // of a backup file, or all records
	change change // of a value file

	grown   bool // the last record is the new one
	dropped int  // old records that it replaces
	cleared bool // the file is to be emptied
}

func (t *transaction) find(f *file) *shadow {
	i := slices.IndexFunc(t.shadows, func(s *shadow) bool { return s.file == f })
	if i < 0 {
		return nil
	}
	return t.shadows[i]
}

// shadow returns the shadow of a file, made at the first write.
func (t *transaction) shadow(f *file) *shadow {
	if s := t.find(f); s != nil {
		return s
	}
	s := &shadow{file: f, data: slices.Clone(f.data), change: change{value: f.purse.value}}
	t.shadows = append(t.shadows, s)
	return s
}

// forget drops what concerns a file; with a Transaction MAC file its input is dropped.
func (t *transaction) forget(f *file) {
	t.shadows = slices.DeleteFunc(t.shadows, func(s *shadow) bool { return s.file == f })
	if f.kind == tmacFile {
		t.input, t.reader = nil, nil
	}
}

// record returns the new record. It replaces the oldest if a cyclic file is full.
func (s *shadow) record() []byte {
	size := s.file.size
	if !s.grown {
		if len(s.data) == s.file.usable()*size {
			s.data = slices.Delete(s.data, 0, size)
			s.dropped = 1
		}
		s.data = append(s.data, make([]byte, size)...)
		s.grown = true
	}
	return s.data[len(s.data)-size:]
}

// commit makes the shadow the content of its file.
func (s *shadow) commit() {
	s.file.data = s.data
	if s.file.kind == valueFile {
		s.file.purse.apply(s.change)
	}
}

// returnTMAC is the option of CommitTransaction that asks for TMC and TMV.
const returnTMAC = 0x01

// nothing reports whether there is nothing to commit or to abort. With a Transaction MAC file reads
// count too: a commit signs them, and an abort leaves them out (MF2DL(H)x0 data sheet,
// CommitTransaction).
func (t *transaction) nothing() bool { return len(t.shadows) == 0 && t.input == nil }

// commitTransaction makes all writes valid at once. With a Transaction MAC file whose read-write
// right is not F, the reader must have committed its identity first (AN12343; MF2DL(H)x0 data
// sheet).
func commitTransaction(c *Card, q request) ([]byte, status) {
	tmac, wanted := c.power.app.tmac(), false
	if len(q.header) == 1 {
		if q.header[0] > returnTMAC {
			return nil, parameterError
		}
		wanted = q.header[0] == returnTMAC
	}
	t := &c.power.pending
	switch {
	case wanted && tmac == nil:
		return nil, permissionDenied
	case t.nothing():
		return nil, noChanges
	case tmac != nil && tmac.exhausted():
		return nil, permissionDenied
	case tmac != nil && tmac.access.readWrite() != never && t.reader == nil:
		return nil, permissionDenied
	}
	for _, s := range t.shadows {
		s.commit()
	}
	if tmac != nil {
		t.sign(tmac, c.uid)
	}
	c.power.pending, c.power.work.committed = transaction{}, true
	if !wanted {
		return nil, operationOK
	}
	return tmac.data, operationOK
}

func abortTransaction(c *Card, _ request) ([]byte, status) {
	if c.power.pending.nothing() {
		return nil, noChanges
	}
	c.power.pending = transaction{}
	return nil, operationOK
}
