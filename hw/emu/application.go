package emu

import (
	"bytes"
	"slices"
)

// The second byte of the key settings (EV2 data sheet, CreateApplication): the type of all keys,
// two flags, and the number of keys.
const (
	moreSettings = 0x10 // a third settings byte follows, from EV2 on
	isoNames     = 0x20 // the files may have ISO file identifiers
	keyCountMask = 0x0F
)

const (
	isoLen     = 2
	maxDFName  = 16
	appHeader  = aidLen + 2
	appLongest = appHeader + 1 + setsLen + isoLen + maxDFName
)

// isoFree reports whether an ISO file identifier may be given: these four are reserved in ISO/IEC
// 7816-4.
func isoFree(name uint16) bool {
	return !slices.Contains([]uint16{0x0000, 0x3F00, 0x3FFF, 0xFFFF}, name)
}

// namedApplication decodes the parameters of CreateApplication: identifier, both settings bytes,
// the key sets, and for ISO/IEC 7816-4 a file identifier and a DF name.
func (p Chip) namedApplication(id, rest []byte) (*application, status) {
	ks2 := rest[1]
	kind, n := keyType(ks2&keyTypeMask), int(ks2&keyCountMask)
	if !kind.known() || ks2&moreSettings != 0 && p == EV1 || n < 1 || n > maxKeys {
		return nil, parameterError
	}
	a := &application{
		id: aid(id), settings: settings(rest[0]), keySet: keySet{kind: kind},
		isoFiles: ks2&isoNames != 0,
	}
	names := rest[2:]
	if ks2&moreSettings != 0 {
		var st status
		if names, st = a.readRing(names, n); st != operationOK {
			return nil, st
		}
	}
	switch len(names) {
	case 0:
		return a, operationOK
	case 1:
		return nil, lengthError
	}
	a.iso = uint16(names[0]) | uint16(names[1])<<8
	a.name = bytes.Clone(names[isoLen:])
	if len(a.name) > maxDFName {
		return nil, lengthError
	}
	if !isoFree(a.iso) {
		return nil, parameterError
	}
	return a, operationOK
}

// createApplication fills a new application with the default key: zeros, or that of
// SetConfiguration.
func createApplication(c *Card, q request) ([]byte, status) {
	switch {
	case !c.atRoot():
		return nil, permissionDenied
	case !c.allowed(freeCreation):
		return nil, authenticationError
	}
	a, st := c.chip.namedApplication(q.header[:aidLen], q.header[aidLen:])
	if st != operationOK {
		return nil, st
	}
	a.keys = make([]key, q.header[4]&keyCountMask)
	for i := range a.keys {
		a.keys[i] = c.config.defaultKey(a.kind)
	}
	if st := c.accept(a); st != operationOK {
		return nil, st
	}
	c.apps = append(c.apps, a)
	c.spend(0, a.cost())
	return nil, operationOK
}

// accept checks an application beside the others; a loaded image is checked too.
func (c *Card) accept(a *application) status {
	most := makes[c.chip].applications
	twin := c.seekApp(func(b *application) bool {
		return a.iso != 0 && a.iso == b.iso || len(a.name) > 0 && bytes.Equal(a.name, b.name)
	})
	switch {
	case c.find(a.id) != nil, twin != nil, bytes.Equal(a.name, dfName):
		return duplicateError
	case most > 0 && len(c.apps) >= most:
		return countError
	case a.cost() > c.free(), a.used() > a.cost():
		return outOfMemory
	}
	return operationOK
}

// deleteApplication needs the master key of the PICC, or that of the application from within it if
// the PICC's settings allow that (EV1 data sheet, key settings, bit 2). An application that deletes
// itself leaves the PICC level selected.
func deleteApplication(c *Card, q request) ([]byte, status) {
	a := c.find(aid(q.header))
	own := a == c.power.app
	switch {
	case !c.atRoot() && !own, a == &c.root:
		return nil, permissionDenied
	case a == nil:
		return nil, applicationNotFound
	case !c.master(), own && !c.root.settings.has(freeCreation):
		return nil, authenticationError
	}
	c.apps = slices.DeleteFunc(c.apps, func(b *application) bool { return b == a })
	c.spend(0, pageLen)
	if own {
		c.enter(&c.root)
	}
	return nil, operationOK
}
