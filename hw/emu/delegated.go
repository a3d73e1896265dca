package emu

import (
	"encoding/binary"
	"slices"
)

// Keys of the PICC for delegated applications, which others than the issuer may create: one for
// authentication, and two that protect the issuer's data for it (NXP AN12752; SLAB DESFire library,
// demo of delegated applications). They are not set before ChangeKey, and the old value is then
// zeros.
const (
	damAuthKey = 0x10
	damMACKey  = 0x11
	damENCKey  = 0x12

	damKeys = 3
)

// damKey returns such a key by its number, at PICC level and from EV2 on, or nil.
func (c *Card) damKey(no byte) *key {
	if !c.atRoot() || c.chip == EV1 || no < damAuthKey || no >= damAuthKey+damKeys {
		return nil
	}
	return &c.dam[no-damAuthKey]
}

// A slot is the memory that an issuer gives to a delegated application.
type slot struct {
	no      uint16
	version byte
	quota   uint16 // pages
}

// The parameters of CreateDelegatedApplication before and after the settings: the keys of the
// application, encrypted, and a MAC of the issuer over all of it (NXP AN12696; liblogicalaccess and
// SpringCard, CreateDelegatedApplication).
const (
	slotLen   = 2 + 1 + 2
	damHeader = aidLen + slotLen + 2
	encKLen   = 32

	damLongest = damHeader + appLongest - appHeader
)

// toDelegate guards CreateDelegatedApplication.
func toDelegate(c *Card, _ []byte) (terms, status) {
	missing := slices.ContainsFunc(c.dam[:], func(k key) bool { return !k.set() })
	switch {
	case !c.atRoot(), missing:
		return terms{}, permissionDenied
	case !c.proven(damAuthKey):
		return terms{}, authenticationError
	}
	return terms{mode: modeManage, data: encKLen + macLen}, operationOK
}

// createDelegated gives the slot to the application. An existing one is replaced by one with a
// higher version (liblogicalaccess, tests of EV2 cards). The statuses of a wrong MAC and of a
// version that is not higher are guesses.
func createDelegated(c *Card, q request) ([]byte, status) {
	if !c.dam[damMACKey-damAuthKey].issued(q) {
		return nil, integrityError
	}
	id, p := q.header[:aidLen], q.header[aidLen:]
	a, st := c.chip.namedApplication(id, p[slotLen:])
	if st != operationOK {
		return nil, st
	}
	a.slot = &slot{binary.LittleEndian.Uint16(p), p[2], binary.LittleEndian.Uint16(p[3:])}
	k := c.dam[damENCKey-damAuthKey].delegated(q.data[:encKLen], a.kind)
	a.keys = slices.Repeat([]key{k}, int(p[slotLen+1]&keyCountMask))

	before, old := c.apps, c.slotted(a.slot.no)
	if old != nil && a.slot.version <= old.slot.version {
		return nil, permissionDenied
	}
	c.apps = slices.DeleteFunc(slices.Clone(c.apps), func(b *application) bool { return b == old })
	if st := c.accept(a); st != operationOK {
		c.apps = before
		return nil, st
	}
	c.apps = append(c.apps, a)
	c.spend(0, a.used())
	return nil, operationOK
}

// issued checks the MAC over code, header and keys: truncated as in an EV2 session if the key is an
// AES key, a whole block of DES otherwise (AN12696; SLAB DESFire library, numbers of the demo).
func (k key) issued(q request) bool {
	sealed, mac := q.data[:encKLen], q.data[encKLen:]
	full := newCMAC(k.cipher()).sum(slices.Concat([]byte{q.code}, q.header, sealed))
	if k.kind == typeAES {
		short := truncate(full)
		full = short[:]
	}
	return equal(full, mac)
}

// delegated decrypts seven random bytes, a key of up to 24, and its version.
func (k key) delegated(sealed []byte, kind keyType) key {
	plain := decipher(k.cipher(), nil, sealed)[7:]
	return key{kind, plain[:kind.length()], plain[defaultKeyLen]}
}

// slotted returns the application in a slot, or nil.
func (c *Card) slotted(no uint16) *application {
	return c.seekApp(func(a *application) bool { return a.slot != nil && a.slot.no == no })
}

// getDelegatedInfo returns the version of a slot, its quota, how much of that is left, and the
// application (SpringCard, GetDelegatedInfo). An unused slot is not found (libhcinfc, notes on an
// EV3: A0).
func getDelegatedInfo(c *Card, q request) ([]byte, status) {
	if !c.atRoot() {
		return nil, permissionDenied
	}
	a := c.slotted(binary.LittleEndian.Uint16(q.header))
	if a == nil {
		return nil, applicationNotFound
	}
	out := binary.LittleEndian.AppendUint16([]byte{a.slot.version}, a.slot.quota)
	out = binary.LittleEndian.AppendUint16(out, uint16(c.space(a)/pageLen))
	return append(out, a.id[:]...), operationOK
}
