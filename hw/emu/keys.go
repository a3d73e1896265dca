package emu

import (
	"crypto/subtle"
	"slices"
)

// A keyReference is the place of a key that is to be changed.
type keyReference struct {
	set, no byte
	kind    keyType // its new type
	key     *key
}

// own reports whether the key is that of the session.
func (c *Card) own(p keyReference) bool { return p.set == 0 && c.proven(p.no) }

// keyReference decodes a key number, before which ChangeKeyEV2 has that of a key set.
func (c *Card) keyReference(header []byte) (p keyReference, st status) {
	if len(header) == 2 {
		p.set, header = header[0], header[1:]
	}
	p.no = header[0]
	s := c.power.app.set(p.set)
	switch {
	case s == nil:
		return keyReference{}, parameterError
	case p.set != 0 && (s.keys == nil || s.final):
		return keyReference{}, permissionDenied
	}
	p.kind = s.kind
	if c.atRoot() {
		if p.kind = keyType(p.no & keyTypeMask); !p.kind.known() {
			return keyReference{}, parameterError
		}
		p.no &^= keyTypeMask
	}
	if p.key = c.damKey(p.no); p.key != nil {
		return p, operationOK
	}
	if int(p.no) >= len(s.keys) {
		return keyReference{}, noSuchKey
	}
	p.key = &s.keys[p.no]
	return p, operationOK
}

// newKey guards ChangeKey and ChangeKeyEV2. For the session's own key the new value and the version
// are sent; for another key the difference to the old value, the version, and a checksum of the new
// key, which proves that the sender knew the old one (AN12196, tables 25, 26; libfreefare,
// ChangeKey). A key of a set not in use is always another (SpringCard, liblogicalaccess).
func newKey(c *Card, header []byte) (terms, status) {
	if c.power.session == nil {
		return terms{}, authenticationError
	}
	p, st := c.keyReference(header)
	if st != operationOK {
		return terms{}, st
	}
	t := terms{mode: modeFull, data: p.kind.length() + p.kind.versionLen()}
	if !c.own(p) {
		t.tail = len(c.power.session.digest(nil))
		t.data += t.tail
	}
	return t, c.mayChange(p.no)
}

// mayChange applies the key settings. The master key and the change key are changed only by the
// master key (EV2 data sheet, key settings).
func (c *Card) mayChange(no byte) status {
	s, by := c.power.app.settings, c.power.app.settings.changeKey()
	switch {
	case no == 0:
		if !s.has(masterChangeable) {
			return permissionDenied
		}
		by = changeByMaster
	case c.atRoot():
		by = changeByMaster
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

// sentKey decodes a key and its version, if any.
func sentKey(kind keyType, p []byte) key {
	k := key{kind: kind, secret: slices.Clone(p[:kind.length()])}
	if kind.versionLen() > 0 {
		k.version = p[kind.length()]
	}
	return k
}

// changeKey ends the session if it changes the session's own key: the answer then has no MAC. At
// PICC level it changes the type of the key too.
func changeKey(c *Card, q request) ([]byte, status) {
	p, _ := c.keyReference(q.header)
	own, fresh := c.own(p), sentKey(p.kind, q.data)
	if !own {
		subtle.XORBytes(fresh.secret, fresh.secret, p.key.secret)
		sum := q.data[p.kind.length()+p.kind.versionLen():]
		if !equal(c.power.session.digest(fresh.secret), sum) {
			return nil, integrityError
		}
	}
	*p.key = fresh
	if c.atRoot() && p.no == 0 {
		c.root.kind = p.kind
	}
	c.spend(0, p.kind.length())
	if own {
		c.power.session = nil
	}
	return nil, operationOK
}

// Bits of GetKeyVersion since the EV2: in the key number, that the number of a key set follows; in
// that, that the versions of all sets are requested instead (liblogicalaccess, SpringCard).
const (
	setNumbered = 0x40
	allVersions = 0x80
)

func getKeyVersion(c *Card, q request) ([]byte, status) {
	a, no, set := c.power.app, q.header[0], byte(0)
	numbered := no&setNumbered != 0 && c.chip != EV1
	switch {
	case numbered != (len(q.header) == 2):
		return nil, lengthError
	case numbered:
		no, set = no&^setNumbered, q.header[1]
	}
	if set&allVersions != 0 {
		return a.versions(), operationOK
	}
	s := a.set(set)
	switch d := c.damKey(no); {
	case s == nil:
		return nil, parameterError
	case d != nil && d.set():
		return []byte{d.reportedVersion()}, operationOK
	case int(no) >= len(s.keys):
		return nil, noSuchKey
	}
	return []byte{s.keys[no].reportedVersion()}, operationOK
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
	sets := a.keySetInfo()
	if len(sets) > 0 {
		ks2 |= moreSettings
	}
	return append([]byte{byte(a.settings), ks2}, sets...), operationOK
}

// newSettings guards ChangeKeySettings: always encrypted, always with the master key.
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
