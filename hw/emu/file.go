package emu

func getFileIDs(c *Card, _ request) ([]byte, status) {
	switch {
	case c.atRoot():
		return nil, permissionDenied
	case !c.allowed(freeListing):
		return nil, authenticationError
	}
	var out []byte
	for _, f := range c.power.app.files {
		if f != nil {
			out = append(out, f.number)
		}
	}
	return out, operationOK
}

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
	out := []byte{byte(f.kind), byte(f.mode), lo, hi}
	switch f.kind {
	case tmacFile:
		return append(out, tmacKeyAES, f.key.version), operationOK
	case cyclicFile:
		size, most, now := threeBytes(f.size), threeBytes(f.most), threeBytes(f.records())
		out = append(out, size[:]...)
		out = append(out, most[:]...)
		return append(out, now[:]...), operationOK
	}
	size := threeBytes(f.size)
	return append(out, size[:]...), operationOK
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
