package emu

func createStdFile(c *Card, q request) ([]byte, status) {
	return nil, c.create(dataFile(standardFile, q.header))
}

func createBackupFile(c *Card, q request) ([]byte, status) {
	return nil, c.create(dataFile(backupFile, q.header))
}

// dataFile reads fileNo, communication, access rights and size3.
func dataFile(kind fileType, p []byte) *file {
	f := newFile(kind, p)
	f.size = number(p[4:])
	return f
}

// createCyclicFile reads the size of a record and how many there are, the shadow
// included.
func createCyclicFile(c *Card, q request) ([]byte, status) {
	f := newFile(cyclicFile, q.header)
	f.size, f.most = number(q.header[4:]), number(q.header[7:])
	return nil, c.create(f)
}

// newTMACKey guards CreateTransactionMACFile, whose key comes enciphered (AN12343,
// pages 83 to 85).
func newTMACKey(c *Card, _ []byte) (mode, int, status) {
	if !c.master() {
		return 0, 0, authenticationError
	}
	return modeFull, keyLen + versionLen, operationOK
}

// tmacKeyAES is the only type of key that a Transaction MAC file can have here.
const tmacKeyAES = 0x02

// createTMACFile creates the one Transaction MAC file that an application may
// have. Nobody may write it, so its write right is F.
func createTMACFile(c *Card, q request) ([]byte, status) {
	if q.header[4] != tmacKeyAES {
		return nil, parameterError
	}
	f := newFile(tmacFile, q.header)
	f.size = tmacLen
	f.key = key{secret: block(q.data[:keyLen]), version: q.data[keyLen]}
	return nil, c.create(f)
}

// newFile reads what every command for creating a file begins with. The number 02
// for the communication means plain, as 00 does.
func newFile(kind fileType, p []byte) *file {
	f := &file{number: p[0], kind: kind, mode: mode(p[1]), access: accessOf(p[2:])}
	if f.mode == 0x02 {
		f.mode = modePlain
	}
	return f
}

func (c *Card) create(f *file) status {
	switch {
	case c.atRoot():
		return permissionDenied
	case !c.allowed(freeCreation):
		return authenticationError
	}
	if st := c.power.app.accept(f); st != operationOK {
		return st
	}
	if f.cost() > c.free() {
		return outOfMemory
	}
	c.power.app.files[f.number] = f.sized()
	c.spend(0, f.cost())
	return operationOK
}

// accept judges a file by itself and beside the others of the application; a
// stored image is judged by it too.
func (a *application) accept(f *file) status {
	switch {
	case f.number >= maxFiles, f.size < 1, !f.access.known(len(a.keys)):
		return parameterError
	case f.mode != modePlain && f.mode != modeMAC && f.mode != modeFull:
		return parameterError
	case f.kind == cyclicFile && f.most < 2:
		return parameterError
	case f.kind == tmacFile && f.access.write() != never:
		return parameterError
	case a.files[f.number] != nil, f.kind == tmacFile && a.tmac() != nil:
		return duplicateError
	case !f.fits():
		return outOfMemory
	}
	return operationOK
}
