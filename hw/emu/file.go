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
	return append([]byte{byte(f.kind), f.option(), lo, hi}, f.settings()...), operationOK
}

// Bits of a file's option beside the communication mode (Leosac/liblogicalaccess,
// ChangeFileSettings of the EV3).
const limitSet = 0x20 // a Transaction MAC counter limit follows

func (f *file) option() byte {
	o := byte(f.mode)
	if f.limit != 0 {
		o |= limitSet
	}
	return o
}

func (f *file) settings() []byte {
	size, most := threeBytes(f.size), threeBytes(f.most)
	switch f.kind {
	case tmacFile:
		out := []byte{tmacKeyAES, f.key.version}
		if f.limit != 0 {
			out = binary.LittleEndian.AppendUint32(out, f.limit)
		}
		return out
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
	t := terms{mode: modeFull, data: anyLength, measure: settingsLength}
	switch by := f.access.change(); {
	case by == never:
		return terms{}, permissionDenied
	case by == free:
		t.mode = modePlain
	case !c.proven(by):
		return terms{}, authenticationError
	}
	return t, operationOK
}

const (
	settingsLen = 1 + 2 // the option and the access rights
	limitLen    = 4
)

// settingsLength is the length of new settings by what their option announces.
func settingsLength(p []byte) int {
	n := settingsLen
	if len(p) > 0 && p[0]&limitSet != 0 {
		n += limitLen
	}
	return n
}

// renew reads new settings into the file.
func (f *file) renew(p []byte, on Chip) status {
	option, rest := p[0], p[settingsLen:]
	f.mode, f.access = modeOf(option&^limitSet), accessOf(p[1:])
	if option&limitSet != 0 {
		f.limit = binary.LittleEndian.Uint32(rest)
		if f.kind != tmacFile || on != EV3 || f.limit == 0 {
			return parameterError
		}
	}
	return operationOK
}

// changeFileSettings holds the new settings to what a new file would be held to.
func changeFileSettings(c *Card, q request) ([]byte, status) {
	if len(q.data) != settingsLength(q.data) {
		return nil, lengthError
	}
	a := c.power.app
	old := a.files[q.header[0]]
	fresh := *old
	if st := fresh.renew(q.data, c.chip); st != operationOK {
		return nil, st
	}
	a.files[old.number] = nil
	st := a.accept(&fresh)
	a.files[old.number] = old
	if st != operationOK {
		return nil, st
	}
	*old = fresh
	c.spend(0, len(q.data))
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

// dataFile finds a file whose data a command is for.
func (c *Card) dataFile(no byte) (*file, status) {
	f, st := c.file(no)
	if st == operationOK && f.kind != tmacFile && c.power.app.exhausted() {
		return nil, permissionDenied
	}
	return f, st
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
