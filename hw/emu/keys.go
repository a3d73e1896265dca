package emu

import (
	"crypto/subtle"
	"slices"
)

// keyNumber takes off the key type that is sent along at PICC level, where
// ChangeKey changes the type too (libfreefare, ChangeKey). Elsewhere the type is
// the application's.
func (c *Card) keyNumber(sent byte) (no byte, kind keyType, st status) {
	kind = c.power.app.kind
	if c.atRoot() {
		kind = keyType(sent & keyTypeMask)
		if !kind.known() {
			return 0, 0, parameterError
		}
		sent &^= keyTypeMask
	}
	if int(sent) >= len(c.power.app.keys) {
		return 0, 0, noSuchKey
	}
	return sent, kind, operationOK
}

// newKey guards ChangeKey. Of the key in use the new value and the version are
// sent; of another key the difference to the old value, the version, and a
// checksum of the new key by which the card sees that the sender knew the old one
// (AN12196, tables 25, 26; libfreefare, ChangeKey).
func newKey(c *Card, header []byte) (terms, status) {
	if c.power.session == nil {
		return terms{}, authenticationError
	}
	no, kind, st := c.keyNumber(header[0])
	if st != operationOK {
		return terms{}, st
	}
	t := terms{mode: modeFull, data: kind.length() + kind.versionLen()}
	if !c.proven(no) {
		t.tail = len(c.power.session.digest(nil))
		t.data += t.tail
	}
	return t, c.mayChange(no)
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
	if !c.proven(by) {
		return authenticationError
	}
	return operationOK
}

// sentKey reads a key and, where there is one, its version.
func sentKey(kind keyType, p []byte) key {
	k := key{kind: kind, secret: slices.Clone(p[:kind.length()])}
	if kind.versionLen() > 0 {
		k.version = p[kind.length()]
	}
	return k
}

// changeKey ends the session when it changes the very key of the session: the
// answer then has no MAC.
func changeKey(c *Card, q request) ([]byte, status) {
	no, kind, _ := c.keyNumber(q.header[0])
	a, own, fresh := c.power.app, c.proven(no), sentKey(kind, q.data)
	if !own {
		subtle.XORBytes(fresh.secret, fresh.secret, a.keys[no].secret)
		sum := q.data[kind.length()+kind.versionLen():]
		if !equal(c.power.session.digest(fresh.secret), sum) {
			return nil, integrityError
		}
	}
	a.keys[no] = fresh
	if c.atRoot() {
		a.kind = kind
	}
	c.spend(0, kind.length())
	if own {
		c.power.session = nil
	}
	return nil, operationOK
}

func getKeyVersion(c *Card, q request) ([]byte, status) {
	if int(q.header[0]) >= len(c.power.app.keys) {
		return nil, noSuchKey
	}
	return []byte{c.power.app.keys[q.header[0]].told()}, operationOK
}

func getKeySettings(c *Card, _ request) ([]byte, status) {
	if !c.allowed(freeListing) {
		return nil, authenticationError
	}
	a := c.power.app
	ks2 := byte(a.kind) | byte(len(a.keys))
	if a.isoFiles {
		ks2 |= isoNames
	}
	return []byte{byte(a.settings), ks2}, operationOK
}

// newSettings guards ChangeKeySettings: always enciphered, always the master key.
func newSettings(c *Card, _ []byte) (terms, status) {
	switch {
	case !c.power.app.settings.has(settingsOpen):
		return terms{}, permissionDenied
	case !c.master():
		return terms{}, authenticationError
	}
	return terms{mode: modeFull, data: 1}, operationOK
}

func changeKeySettings(c *Card, q request) ([]byte, status) {
	c.power.app.settings = settings(q.data[0])
	c.spend(0, 1)
	return nil, operationOK
}

func blankKeys(kind keyType, n int) []key {
	keys := make([]key, n)
	for i := range keys {
		keys[i] = zeroKey(kind)
	}
	return keys
}
