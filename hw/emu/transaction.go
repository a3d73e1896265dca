package emu

import "slices"

// A transaction is what the selected application has been told to write and has
// not committed. Losing the field, selecting, aborting and every error forget it.
type transaction struct {
	shadows []shadow
	input   *running // the Transaction MAC so far; nil: nothing to be accounted for
}

// A shadow is what a file will be: the whole of a backup file, or the next record
// of a cyclic one.
type shadow struct {
	file *file
	data []byte
}

// shadow returns the place to write to, made at the first write.
func (t *transaction) shadow(f *file) []byte {
	for _, s := range t.shadows {
		if s.file == f {
			return s.data
		}
	}
	data := make([]byte, f.size)
	if f.kind == backupFile {
		copy(data, f.data)
	}
	t.shadows = append(t.shadows, shadow{f, data})
	return data
}

// commit makes the shadow the content of its file. The oldest record gives way
// when a cyclic file is full.
func (s shadow) commit() {
	f := s.file
	if f.kind == backupFile {
		f.data = s.data
		return
	}
	if f.records() == f.usable() {
		f.data = slices.Delete(f.data, 0, f.size)
	}
	f.data = append(f.data, s.data...)
}

// returnTMAC is the option of CommitTransaction that asks for TMC and TMV.
const returnTMAC = 0x01

// commitTransaction makes all that is pending valid at once. Where there is a
// Transaction MAC file whose read-write right is not F, the reader would first
// have to commit its identity (CommitReaderID, which this card does not know), so
// nothing can be committed at all (AN12343; MF2DL(H)x0 data sheet).
func commitTransaction(c *Card, q request) ([]byte, status) {
	tmac, wanted := c.power.app.tmac(), false
	if len(q.header) == 1 {
		if q.header[0] > returnTMAC {
			return nil, parameterError
		}
		wanted = q.header[0] == returnTMAC
	}
	switch {
	case wanted && tmac == nil:
		return nil, permissionDenied
	case len(c.power.pending.shadows) == 0:
		return nil, noChanges
	case tmac != nil && tmac.access.readWrite() != never:
		return nil, permissionDenied
	}
	for _, s := range c.power.pending.shadows {
		s.commit()
	}
	if tmac != nil {
		tmac.data = c.power.pending.signature(tmac)
	}
	c.power.pending = transaction{}
	if !wanted {
		return nil, operationOK
	}
	return tmac.data, operationOK
}

func abortTransaction(c *Card, _ request) ([]byte, status) {
	if len(c.power.pending.shadows) == 0 {
		return nil, noChanges
	}
	c.power.pending = transaction{}
	return nil, operationOK
}
