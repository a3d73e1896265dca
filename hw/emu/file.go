package emu

import "encoding/binary"

// listedFiles reports whether the files may be listed now.
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

// getISOFileIDs returns the ISO identifiers of the files that have one.
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

// isoCuts never split an ISO file identifier.
func isoCuts(c *Card, _ int) []int { return []int{evenly(c.room(), isoLen)} }

// getFileSettings returns type, communication mode and access rights, and then the fields of the
// type (EV2 data sheet, GetFileSettings).
func getFileSettings(c *Card, q request) ([]byte, status) {
	f, st := c.file(q.header[0])
	switch {
	case st != operationOK:
		return nil, st
	case !c.allowed(freeListing):
		return nil, authenticationError
	}
	out := binary.LittleEndian.AppendUint16([]byte{byte(f.kind), f.option()}, uint16(f.access))
	out = append(out, f.settings()...)
	if f.listed {
		out = append(out, byte(len(f.more)))
	}
	for _, a := range f.more {
		out = binary.LittleEndian.AppendUint16(out, uint16(a))
	}
	return out, operationOK
}

// Bits of a file's option beside the communication mode (Leosac/liblogicalaccess,
// ChangeFileSettings of EV2 and EV3; proxmark3, desfirecore.c, for the first).
const (
	rightsListed = 0x80 // a list of more access rights follows; it comes last
	limitSet     = 0x20 // a Transaction MAC counter limit follows
)

// mostRights is the largest number of sets of rights beside the first (Baltech,
// VhlCfg/File/DesfireEV2FormatFileMultAccessCond; liblogicalaccess).
const mostRights = 7

func (f *file) option() byte {
	o := byte(f.mode)
	if f.listed {
		o |= rightsListed
	}
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

// newFileSettings guards ChangeFileSettings. It is encrypted, or plain if the right to change is
// free (libfreefare, ChangeFileSettings).
func newFileSettings(c *Card, header []byte) (terms, status) {
	f, st := c.file(header[0])
	if st != operationOK {
		return terms{}, st
	}
	t := terms{mode: modeFull, data: anyLength, measure: settingsLength}
	if c.chip == EV1 { // its settings have one length
		t.data, t.measure = settingsLen, nil
	}
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
	settingsLen = 1 + rightsLen // the option and the access rights
	rightsLen   = 2
	limitLen    = 4
)

// settingsLength is the length of new settings by their option.
func settingsLength(p []byte) int {
	if len(p) <= settingsLen {
		return settingsLen
	}
	n := settingsLen
	if p[0]&rightsListed != 0 {
		n += 1 + rightsLen*int(p[settingsLen])
	}
	if p[0]&limitSet != 0 {
		n += limitLen
	}
	return n
}

// renew decodes new settings into the file.
func (f *file) renew(p []byte) status {
	option, rest := p[0], p[settingsLen:]
	if len(rest) == 0 && option&(rightsListed|limitSet) != 0 {
		return lengthError
	}
	f.mode, f.access = modeOf(option&^(rightsListed|limitSet)), accessOf(p[1:])
	f.listed, f.more = option&rightsListed != 0, nil
	if f.listed {
		n := int(rest[0])
		rest = rest[1:]
		for ; n > 0; n-- {
			f.more, rest = append(f.more, accessOf(rest)), rest[rightsLen:]
		}
	}
	if option&limitSet != 0 {
		f.limit = binary.LittleEndian.Uint32(rest)
		if f.limit == 0 {
			return parameterError
		}
	}
	return operationOK
}

// changeFileSettings checks the new settings like those of a new file.
func changeFileSettings(c *Card, q request) ([]byte, status) {
	switch {
	case c.chip == EV1 && q.data[0]&rightsListed != 0:
		return nil, parameterError
	case len(q.data) != settingsLength(q.data):
		return nil, lengthError
	}
	a := c.power.app
	old := a.files[q.header[0]]
	fresh := *old
	if st := fresh.renew(q.data); st != operationOK {
		return nil, st
	}
	a.files[old.number] = nil
	st := a.accept(&fresh, c.chip)
	a.files[old.number] = old
	if st != operationOK {
		return nil, st
	}
	*old = fresh
	c.spend(0, len(q.data))
	return nil, operationOK
}

// deleteFile also drops the transaction's writes to the file.
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

// dataFile finds the file of a data command.
func (c *Card) dataFile(no byte) (*file, status) {
	f, st := c.file(no)
	if st == operationOK && f.kind != tmacFile && c.power.app.exhausted() {
		return nil, permissionDenied
	}
	return f, st
}

// file finds a file of the selected application. At PICC level there is none.
func (c *Card) file(no byte) (*file, status) {
	switch {
	case c.atRoot():
		return nil, permissionDenied
	case no >= maxFiles || c.power.app.files[no] == nil:
		return nil, fileNotFound
	}
	return c.power.app.files[no], operationOK
}
