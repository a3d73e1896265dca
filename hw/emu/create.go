package emu

import (
	"encoding/binary"
	"slices"
)

// The beginning of every command that creates a file: number, communication and access rights. An
// ISO file identifier may follow the number.
const (
	fileHeader = 1 + 1 + 2

	dataHeader   = fileHeader + 3
	recordHeader = fileHeader + 3 + 3
	valueHeader  = fileHeader + 4 + 4 + 4 + 1
)

func createStdFile(c *Card, q request) ([]byte, status) {
	return nil, c.createData(standardFile, q.header)
}

func createBackupFile(c *Card, q request) ([]byte, status) {
	return nil, c.createData(backupFile, q.header)
}

func (c *Card) createData(kind fileType, p []byte) status {
	f, p, st := c.namedFile(kind, p, dataHeader)
	if st != operationOK {
		return st
	}
	f.size = number(p)
	return c.create(f)
}

func createLinearFile(c *Card, q request) ([]byte, status) {
	return nil, c.createRecords(linearFile, q.header)
}

func createCyclicFile(c *Card, q request) ([]byte, status) {
	return nil, c.createRecords(cyclicFile, q.header)
}

// createRecords decodes the size of a record and the number of records; for a cyclic file that
// includes the shadow.
func (c *Card) createRecords(kind fileType, p []byte) status {
	f, p, st := c.namedFile(kind, p, recordHeader)
	if st != operationOK {
		return st
	}
	f.size, f.most = number(p), number(p[3:])
	return c.create(f)
}

// createValueFile decodes both limits, the value, and the options.
func createValueFile(c *Card, q request) ([]byte, status) {
	f, p := newFile(valueFile, q.header), q.header[fileHeader:]
	f.purse = purse{
		lower:   int32(binary.LittleEndian.Uint32(p)),
		upper:   int32(binary.LittleEndian.Uint32(p[4:])),
		value:   int32(binary.LittleEndian.Uint32(p[8:])),
		options: p[12],
	}
	return nil, c.create(f)
}

// newTMACKey guards CreateTransactionMACFile, whose key is encrypted (AN12343, pages 83 to 85).
func newTMACKey(c *Card, _ []byte) (terms, status) {
	if !c.master() {
		return terms{}, authenticationError
	}
	return terms{mode: modeFull, data: keyLen + typeAES.versionLen()}, operationOK
}

// tmacKeyAES is the only type of key that a Transaction MAC file can have here.
const tmacKeyAES = 0x02

// createTMACFile creates the one Transaction MAC file of an application. It cannot be written, so
// its write right is F.
func createTMACFile(c *Card, q request) ([]byte, status) {
	if q.header[4] != tmacKeyAES {
		return nil, parameterError
	}
	f := newFile(tmacFile, q.header)
	f.size = tmacLen
	f.key = sentKey(typeAES, q.data)
	return nil, c.create(f)
}

// namedFile decodes the common beginning and returns the rest. A header that is longer by two has
// an ISO file identifier after the number; the application must have been created for these.
func (c *Card) namedFile(kind fileType, p []byte, length int) (*file, []byte, status) {
	if len(p) == length {
		return newFile(kind, p), p[fileHeader:], operationOK
	}
	if len(p) != length+isoLen {
		return nil, nil, lengthError
	}
	name := binary.LittleEndian.Uint16(p[1:])
	if !c.power.app.isoFiles || !isoFree(name) {
		return nil, nil, parameterError
	}
	p = append([]byte{p[0]}, p[1+isoLen:]...)
	f := newFile(kind, p)
	f.iso = name
	return f, p[fileHeader:], operationOK
}

// newFile decodes the common fields. A list of more access rights comes later, with
// ChangeFileSettings.
func newFile(kind fileType, p []byte) *file {
	return &file{
		number: p[0], kind: kind, mode: modeOf(p[1] &^ rightsListed),
		access: accessOf(p[2:]), listed: p[1]&rightsListed != 0,
	}
}

// modeOf decodes a communication setting: 02 means plain, as 00 does.
func modeOf(b byte) mode {
	if b == 0x02 {
		return modePlain
	}
	return mode(b)
}

func (c *Card) create(f *file) status {
	switch {
	case c.atRoot():
		return permissionDenied
	case !c.allowed(freeCreation):
		return authenticationError
	}
	if st := c.power.app.accept(f, c.chip); st != operationOK {
		return st
	}
	if f.cost() > c.space(c.power.app) {
		return outOfMemory
	}
	c.power.app.files[f.number] = f.sized()
	c.spend(0, f.cost())
	return operationOK
}

// accept checks a file by itself and beside the others of the application; a loaded image is
// checked too. More access rights came with the EV2, the limit of the Transaction MAC counter with
// the EV3.
func (a *application) accept(f *file, on Chip) status {
	twin := a.seekFile(func(g *file) bool { return f.iso != 0 && f.iso == g.iso })
	unknown := func(r access) bool { return !r.known(len(a.keys)) }
	switch {
	case f.number >= maxFiles, unknown(f.access), !f.sensible():
		return parameterError
	case f.listed && (on == EV1 || f.kind == tmacFile), !f.listed && len(f.more) > 0,
		len(f.more) > mostRights, slices.ContainsFunc(f.more, unknown):
		return parameterError
	case f.limit != 0 && (on != EV3 || f.kind != tmacFile):
		return parameterError
	case f.mode != modePlain && f.mode != modeMAC && f.mode != modeFull:
		return parameterError
	case a.files[f.number] != nil, f.kind == tmacFile && a.tmac() != nil, twin != nil:
		return duplicateError
	case !f.fits():
		return outOfMemory
	}
	return operationOK
}

// sensible checks the fields of the file's type.
func (f *file) sensible() bool {
	switch f.kind {
	case valueFile:
		return f.purse.sensible()
	case cyclicFile:
		return f.size >= 1 && f.most >= 2
	case linearFile:
		return f.size >= 1 && f.most >= 1
	case tmacFile:
		return f.access.write() == never
	}
	return f.size >= 1
}
