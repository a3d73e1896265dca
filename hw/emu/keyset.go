package emu

import "slices"

// A keySet is the keys of an application, all of one type. An application may hold others beside
// the one in use.
type keySet struct {
	kind    keyType
	keys    []key // nil: not initialized
	version byte
	final   bool // cannot be changed any more, and can be put into use
}

// A keySets is the key sets that are not in use. They are numbered from the one in use, which is 0,
// so that rolling renumbers all (Leosac/liblogicalaccess, tests of EV2 cards: sets of versions 1,
// 2, 4, 3 are 2, 4, 3, 1 after rolling to the next).
type keySets struct {
	sets    []keySet
	longest int  // the longest key that fits
	roller  byte // the number of the key that may roll
}

// The key sets in CreateApplication, after the second settings byte: a third, of which the last bit
// announces the version of the set in use, the number of sets, the longest key, and the rolling key
// (liblogicalaccess and SpringCard, CreateApplication). The sources differ on the third byte's
// other bits; virtual card and capabilities, which they name, are not supported.
const (
	setsFollow = 0x01
	setsLen    = 4

	leastSets = 2
	mostSets  = 16
)

// readRing decodes the key sets of a new application and returns the rest. The application already
// knows the number and the type of its keys.
func (a *application) readRing(p []byte, keys int) ([]byte, status) {
	switch {
	case len(p) < 1:
		return nil, lengthError
	case p[0] == 0:
		return p[1:], operationOK
	case p[0] != setsFollow:
		return nil, parameterError
	case len(p) < 1+setsLen:
		return nil, lengthError
	}
	a.version = p[1]
	a.keySets = keySets{make([]keySet, max(p[2], 1)-1), int(p[3]), p[4]}
	if !a.keySets.sensible(a.kind, keys) {
		return nil, parameterError
	}
	return p[1+setsLen:], operationOK
}

func (r keySets) sensible(kind keyType, keys int) bool {
	n := 1 + len(r.sets)
	return n >= leastSets && n <= mostSets && int(r.roller) < keys &&
		(r.longest == keyLen || r.longest == type3K3DES.length()) && kind.length() <= r.longest
}

// keySetInfo is the part of GetKeySettings about key sets (SpringCard, GetKeySettings).
func (a *application) keySetInfo() []byte {
	r := a.keySets
	if len(r.sets) == 0 {
		return nil
	}
	return []byte{a.version, byte(1 + len(r.sets)), byte(r.longest), r.roller}
}

// set returns a key set by its number, or nil.
func (a *application) set(no byte) *keySet {
	switch {
	case no == 0:
		return &a.keySet
	case int(no) <= len(a.keySets.sets):
		return &a.keySets.sets[no-1]
	}
	return nil
}

// versions are those of all key sets.
func (a *application) versions() []byte {
	out := []byte{a.version}
	for _, s := range a.keySets.sets {
		out = append(out, s.version)
	}
	return out
}

// newKeySet guards InitializeKeySet and FinalizeKeySet, each of a number and another byte; toRoll
// guards RollKeySet. They are writes under a MAC in every session that has one: so
// liblogicalaccess, whose tests then use the sets; SpringCard sends none in an EV1 session.
func newKeySet(c *Card, _ []byte) (terms, status) { return c.masterOf(2) }

func (c *Card) masterOf(data int) (terms, status) {
	switch {
	case c.atRoot():
		return terms{}, permissionDenied
	case !c.master():
		return terms{}, authenticationError
	}
	return terms{mode: modeMAC, data: data}, operationOK
}

func toRoll(c *Card, _ []byte) (terms, status) {
	switch {
	case c.atRoot():
		return terms{}, permissionDenied
	case !c.proven(c.power.app.keySets.roller):
		return terms{}, authenticationError
	}
	return terms{mode: modeMAC, data: 1}, operationOK
}

// setTypes are the types of key as InitializeKeySet numbers them (liblogicalaccess, SpringCard).
var setTypes = []keyType{typeDES, type3K3DES, typeAES}

// waiting finds a key set other than the one in use.
func (c *Card) waiting(no byte) (*keySet, status) {
	s := c.power.app.set(no)
	if no == 0 || s == nil {
		return nil, parameterError
	}
	return s, operationOK
}

// initializeKeySet fills a set with a copy of the one in use: clients give that as the old key when
// they change one (SLAB DESFire library, demo of key sets; liblogicalaccess, also that the version
// is copied).
func initializeKeySet(c *Card, q request) ([]byte, status) {
	a := c.power.app
	s, st := c.waiting(q.data[0])
	if st != operationOK {
		return nil, st
	}
	if int(q.data[1]) >= len(setTypes) || setTypes[q.data[1]].length() > a.keySets.longest {
		return nil, parameterError
	}
	*s = keySet{kind: setTypes[q.data[1]]}
	for _, k := range a.keys {
		s.keys = append(s.keys, k.as(s.kind))
	}
	c.spend(0, s.kind.length()*len(s.keys))
	return nil, operationOK
}

// as is the key taken as one of another type: cut off, or, which is a guess, padded with zeros.
func (k key) as(kind keyType) key {
	secret := make([]byte, kind.length())
	copy(secret, k.secret)
	return key{kind: kind, secret: secret, version: k.reportedVersion()}
}

// finalizeKeySet closes a set. Its version is not 0 (SpringCard, FinalizeKeySet). That its keys
// cannot be changed until it is initialized again is inferred from the name of the command; so are
// the statuses of sets that are not ready.
func finalizeKeySet(c *Card, q request) ([]byte, status) {
	s, st := c.waiting(q.data[0])
	switch {
	case st != operationOK:
		return nil, st
	case q.data[1] == 0:
		return nil, parameterError
	case s.keys == nil:
		return nil, permissionDenied
	}
	s.version, s.final = q.data[1], true
	c.spend(0, 1)
	return nil, operationOK
}

// rollKeySet puts a set into use; its version must be above that of the set in use (SpringCard). It
// ends the session: the answer has no MAC.
func rollKeySet(c *Card, q request) ([]byte, status) {
	a, n := c.power.app, int(q.data[0])
	s, st := c.waiting(q.data[0])
	switch {
	case st != operationOK:
		return nil, st
	case !s.final, s.version <= a.version:
		return nil, permissionDenied
	}
	all := slices.Concat([]keySet{a.keySet}, a.keySets.sets)
	all = slices.Concat(all[n:], all[:n])
	a.keySet, a.keySets.sets = all[0], all[1:]
	c.spend(0, 1)
	c.power.session = nil
	return nil, operationOK
}
