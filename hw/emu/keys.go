package emu

const (
	versionLen = 1
	crcLen     = 4

	// aesAtRoot marks the number of an AES key at PICC level, where ChangeKey
	// could change the type too (libfreefare, ChangeKey).
	aesAtRoot = keyTypeAES
)

// newKey guards ChangeKey. Of the key in use the new value and the version are
// sent; of another key the difference to the old value, the version, and a CRC by
// which the card sees that the sender knew the old one (AN12196, tables 25, 26).
func newKey(c *Card, header []byte) (mode, int, status) {
	if c.power.session == nil {
		return 0, 0, authenticationError
	}
	no, st := c.keyNumber(header[0])
	if st != operationOK {
		return 0, 0, st
	}
	if no == c.power.session.keyNo {
		return modeFull, keyLen + versionLen, c.mayChange(no)
	}
	return modeFull, keyLen + versionLen + crcLen, c.mayChange(no)
}

// keyNumber takes off the key type that is sent along at PICC level.
func (c *Card) keyNumber(sent byte) (byte, status) {
	if c.atRoot() {
		if sent&keyTypeMask != aesAtRoot {
			return 0, parameterError
		}
		sent &^= keyTypeMask
	}
	if int(sent) >= len(c.power.app.keys) {
		return 0, noSuchKey
	}
	return sent, operationOK
}

// mayChange applies the key settings. The master key and the key that may change
// others are changed by the master key only (EV2 data sheet, key settings).
func (c *Card) mayChange(no byte) status {
	s, by := c.power.app.settings, c.power.app.settings.changeKey()
	switch {
	case no == 0:
		if !s.has(masterChangeable) {
			return permissionDenied
		}
		by = 0
	case by == changeFrozen:
		return permissionDenied
	case by == changeByItself:
		by = no
	case by == no:
		by = changeByMaster
	}
	if c.power.session.keyNo != by {
		return authenticationError
	}
	return operationOK
}

// changeKey ends the session when it changes the very key of the session: the
// answer then has no MAC.
func changeKey(c *Card, q request) ([]byte, status) {
	no, _ := c.keyNumber(q.header[0])
	own := no == c.power.session.keyNo
	old := &c.power.app.keys[no]
	fresh := key{secret: block(q.data[:keyLen]), version: q.data[keyLen]}
	if !own {
		for i := range fresh.secret {
			fresh.secret[i] ^= old.secret[i]
		}
		sum := checksum(fresh.secret[:])
		if !equal(sum[:], q.data[keyLen+versionLen:]) {
			return nil, integrityError
		}
	}
	*old = fresh
	c.spend(0, keyLen)
	if own {
		c.power.session = nil
	}
	return nil, operationOK
}

func getKeyVersion(c *Card, q request) ([]byte, status) {
	if int(q.header[0]) >= len(c.power.app.keys) {
		return nil, noSuchKey
	}
	return []byte{c.power.app.keys[q.header[0]].version}, operationOK
}

func getKeySettings(c *Card, _ request) ([]byte, status) {
	if !c.allowed(freeListing) {
		return nil, authenticationError
	}
	a := c.power.app
	return []byte{byte(a.settings), keyTypeAES | byte(len(a.keys))}, operationOK
}

// newSettings guards ChangeKeySettings: always enciphered, always the master key.
func newSettings(c *Card, _ []byte) (mode, int, status) {
	switch {
	case !c.power.app.settings.has(settingsOpen):
		return 0, 0, permissionDenied
	case !c.master():
		return 0, 0, authenticationError
	}
	return modeFull, 1, operationOK
}

func changeKeySettings(c *Card, q request) ([]byte, status) {
	c.power.app.settings = settings(q.data[0])
	c.spend(0, 1)
	return nil, operationOK
}
