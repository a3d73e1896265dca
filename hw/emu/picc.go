package emu

// hardware and software are what GetVersion tells of an EV2 with 8 KB: maker NXP,
// type, subtype, major and minor version, storage 1A, protocol 05 for ISO 14443-4
// (EV2 data sheet, GetVersion).
var (
	hardware = [7]byte{0x04, 0x01, 0x01, 0x12, 0x00, 0x1A, 0x05}
	software = [7]byte{0x04, 0x01, 0x01, 0x02, 0x01, 0x1A, 0x05}
)

// production ends the third frame: five bytes of batch number, week and year in
// BCD. No card of this batch was ever made.
var production = [7]byte{0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x26}

func getVersion(c *Card, _ request) ([]byte, status) {
	out := make([]byte, 0, 28)
	out = append(out, hardware[:]...)
	out = append(out, software[:]...)
	out = append(out, c.uid[:]...)
	return append(out, production[:]...), operationOK
}

func getCardUID(c *Card, _ request) ([]byte, status) { return c.uid[:], operationOK }

func freeMem(c *Card, _ request) ([]byte, status) {
	n := threeBytes(c.free())
	return n[:], operationOK
}

// selectApplication drops everything that belongs to the application before. When
// there is none of that name the old one stays selected, without its session.
func selectApplication(c *Card, q request) ([]byte, status) {
	a := c.find(aid(q.header))
	if a == nil {
		return nil, applicationNotFound
	}
	c.enter(a)
	return nil, operationOK
}

func applicationIDs(c *Card, _ request) ([]byte, status) {
	switch {
	case !c.atRoot():
		return nil, permissionDenied
	case !c.allowed(freeListing):
		return nil, authenticationError
	}
	out := make([]byte, 0, aidLen*len(c.apps))
	for _, a := range c.apps {
		out = append(out, a.id[:]...)
	}
	return out, operationOK
}

// The second byte of the key settings (EV2 data sheet, CreateApplication): the
// type of all keys, two flags this card knows nothing of, and how many keys.
const (
	keyTypeMask  = 0xC0
	keyTypeAES   = 0x80
	keyFlags     = 0x30 // a third settings byte follows; files have ISO names
	keyCountMask = 0x0F
)

func createApplication(c *Card, q request) ([]byte, status) {
	id, ks1, ks2 := aid(q.header[:aidLen]), settings(q.header[3]), q.header[4]
	n := int(ks2 & keyCountMask)
	switch {
	case !c.atRoot():
		return nil, permissionDenied
	case !c.allowed(freeCreation):
		return nil, authenticationError
	case ks2&keyTypeMask != keyTypeAES || ks2&keyFlags != 0 || n < 1 || n > maxKeys:
		return nil, parameterError
	case c.find(id) != nil:
		return nil, duplicateError
	}
	a := &application{id: id, settings: ks1, keys: make([]key, n)}
	if a.cost() > c.free() {
		return nil, outOfMemory
	}
	c.apps = append(c.apps, a)
	c.spend(0, a.cost())
	return nil, operationOK
}

// formatPICC empties the card. The PICC's own key and settings stay.
func formatPICC(c *Card, _ request) ([]byte, status) {
	switch {
	case !c.atRoot():
		return nil, permissionDenied
	case !c.master():
		return nil, authenticationError
	}
	c.apps = nil
	c.spend(0, pageLen)
	return nil, operationOK
}

// ats is the answer to select: length, T0 with the frame code, all bit rates both
// ways, FWI 8 and SFGI 1, CID supported, one historical byte (ISO 14443-4; as
// read from real cards).
func ats(frame int) []byte {
	return []byte{0x06, 0x70 | frameCode(frame), 0x77, 0x81, 0x02, 0x80}
}
