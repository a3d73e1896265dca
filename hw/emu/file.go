package emu

import "encoding/binary"

// listedFiles says whether the files may be listed now.
func (c *Card) listedFiles() status {
	switch {
	case c.atRoot():
		return permissionDenied
	case !c.allowed(freeListing):
		return authenticationError
	}
	return operationOK
}

func getFileIDs(c *Card, _ request) ([]byte, status) {
	if st := c.listedFiles(); st != operationOK {
		return nil, st
	}
	var out []byte
	for _, f := range c.power.app.files {
		if f != nil {
			out = append(out, f.number)
		}
	}
	return out, operationOK
}

// getISOFileIDs tells the names of two bytes, of files that have one.
func getISOFileIDs(c *Card, _ request) ([]byte, status) {
	if st := c.listedFiles(); st != operationOK {
		return nil, st
	}
	var out []byte
	for _, f := range c.power.app.files {
		if f != nil && f.iso != 0 {
			out = binary.LittleEndian.AppendUint16(out, f.iso)
		}
	}
	return out, operationOK
}

// isoCuts never part a name of two bytes.
func isoCuts(c *Card, _ int) []int { return []int{evenly(c.room(), isoLen)} }

// getFileSettings tells type, communication mode and access rights, and then what
// the type has of its own (EV2 data sheet, GetFileSettings).
func getFileSettings(c *Card, q request) ([]byte, status) {
	f, st := c.file(q.header[0])
	switch {
	case st != operationOK:
		return nil, st
	case !c.allowed(freeListing):
		return nil, authenticationError
	}
	lo, hi := f.access.bytes()
	return append([]byte{byte(f.kind), byte(f.mode), lo, hi}, f.settings()...), operationOK
}

func (f *file) settings() []byte {
	size, most := threeBytes(f.size), threeBytes(f.most)
	switch f.kind {
	case tmacFile:
		return []byte{tmacKeyAES, f.key.version}
	case valueFile:
		return f.purse.settings()
	case linearFile, cyclicFile:
		now := threeBytes(f.records())
		return append(append(size[:], most[:]...), now[:]...)
	}
	return size[:]
}

// newFileSettings guards ChangeFileSettings. It is enciphered, unless anybody may
// change the file: then it is plain (libfreefare, ChangeFileSettings).
func newFileSettings(c *Card, header []byte) (terms, status) {
	f, st := c.file(header[0])
	if st != operationOK {
		return terms{}, st
	}
	switch by := f.access.change(); {
	case by == never:
		return terms{}, permissionDenied
	case by == free:
		return terms{mode: modePlain, data: 3}, operationOK
	case !c.proven(by):
		return terms{}, authenticationError
	}
	return terms{mode: modeFull, data: 3}, operationOK
}

// changeFileSettings holds the new settings to what a new file would be held to.
// A list of additional access rights, bit 7 of the first byte, is not known.
func changeFileSettings(c *Card, q request) ([]byte, status) {
	a := c.power.app
	old := a.files[q.header[0]]
	fresh := *old
	fresh.mode, fresh.access = modeOf(q.data[0]), accessOf(q.data[1:])
	a.files[old.number] = nil
	st := a.accept(&fresh)
	a.files[old.number] = old
	if st != operationOK {
		return nil, st
	}
	old.mode, old.access = fresh.mode, fresh.access
	c.spend(0, 3)
	return nil, operationOK
}

// deleteFile forgets what a transaction has written to the file, too.
func deleteFile(c *Card, q request) ([]byte, status) {
	f, st := c.file(q.header[0])
	switch {
	case st != operationOK:
		return nil, st
	case !c.allowed(freeCreation):
		return nil, authenticationError
	}
	c.power.app.files[f.number] = nil
	c.power.pending.forget(f)
	if c.power.ef == f {
		c.power.ef = nil
	}
	c.spend(0, 1)
	return nil, operationOK
}

// file finds a file of the selected application. At PICC level there are none to
// be found, whatever the number.
func (c *Card) file(no byte) (*file, status) {
	switch {
	case c.atRoot():
		return nil, permissionDenied
	case no >= maxFiles || c.power.app.files[no] == nil:
		return nil, fileNotFound
	}
	return c.power.app.files[no], operationOK
}
