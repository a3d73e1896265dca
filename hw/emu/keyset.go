package emu

import "slices"

// A keySet is the keys of an application, all of one type. An application may keep
// others ready beside the one that is in use.
type keySet struct {
	kind    keyType
	keys    []key // nil: not initialized
	version byte
	final   bool // nothing is changed any more, and it may be rolled to
}

// A ring is the key sets that wait. They are numbered from the one in use, which is
// 0, so that rolling moves all of them on (Leosac/liblogicalaccess, tests of EV2
// cards: sets of versions 1, 2, 4, 3 are 2, 4, 3, 1 after rolling to the next).
type ring struct {
	sets    []keySet
	longest int  // key that there is room for
	roller  byte // the number of the key that may roll
}

// What CreateApplication says of key sets, behind the second byte of settings: a
// third, of which the last bit announces the version of the set in use, how many
// sets there are, the longest key, and the rolling key (liblogicalaccess and
// SpringCard, CreateApplication). Of the third byte's other bits the sources say
// two things; virtual card and capabilities, of which they speak, are not known.
const (
	setsFollow = 0x01
	setsLen    = 4

	leastSets = 2
	mostSets  = 16
)

// readRing reads the key sets of a new application and returns what follows. How
// many keys there are, and of which type, the application knows already.
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
	a.ring = ring{make([]keySet, max(p[2], 1)-1), int(p[3]), p[4]}
	if !a.ring.sensible(a.kind, keys) {
		return nil, parameterError
	}
	return p[1+setsLen:], operationOK
}

func (r ring) sensible(kind keyType, keys int) bool {
	n := 1 + len(r.sets)
	return n >= leastSets && n <= mostSets && int(r.roller) < keys &&
		(r.longest == keyLen || r.longest == type3K3DES.length()) && kind.length() <= r.longest
}

// toldSets is what GetKeySettings adds (SpringCard, GetKeySettings).
func (a *application) toldSets() []byte {
	r := a.ring
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
	case int(no) <= len(a.ring.sets):
		return &a.ring.sets[no-1]
	}
	return nil
}

// versions are those of all key sets.
func (a *application) versions() []byte {
	out := []byte{a.version}
	for _, s := range a.ring.sets {
		out = append(out, s.version)
	}
	return out
}

// newKeySet guards InitializeKeySet and FinalizeKeySet, each of a number and another
// byte; toRoll guards RollKeySet. They are writes under a MAC in every session that
// has one: so liblogicalaccess, whose tests go on to use the sets; SpringCard sends
// none in a session of the EV1's.
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
	case !c.proven(c.power.app.ring.roller):
		return terms{}, authenticationError
	}
	return terms{mode: modeMAC, data: 1}, operationOK
}

// setTypes are the types of key as InitializeKeySet numbers them (liblogicalaccess,
// SpringCard).
var setTypes = []keyType{typeDES, type3K3DES, typeAES}

// waiting finds a key set other than the one in use.
func (c *Card) waiting(no byte) (*keySet, status) {
	s := c.power.app.set(no)
	if no == 0 || s == nil {
		return nil, parameterError
	}
	return s, operationOK
}

// initializeKeySet begins a set anew, as a copy of the one in use: what the clients
// give as the old key when they change one is that (SLAB DESFire library, demo of
// key sets; liblogicalaccess, also that the version comes along).
func initializeKeySet(c *Card, q request) ([]byte, status) {
	a := c.power.app
	s, st := c.waiting(q.data[0])
	if st != operationOK {
		return nil, st
	}
	if int(q.data[1]) >= len(setTypes) || setTypes[q.data[1]].length() > a.ring.longest {
		return nil, parameterError
	}
	*s = keySet{kind: setTypes[q.data[1]]}
	for _, k := range a.keys {
		s.keys = append(s.keys, k.as(s.kind))
	}
	c.spend(0, s.kind.length()*len(s.keys))
	return nil, operationOK
}

// as is the key taken for one of another type: cut off, or, which is a guess, filled
// up with zeros.
func (k key) as(kind keyType) key {
	secret := make([]byte, kind.length())
	copy(secret, k.secret)
	return key{kind: kind, secret: secret, version: k.told()}
}

// finalizeKeySet closes a set. Its version is not 0 (SpringCard, FinalizeKeySet). That
// no key of it can then be changed, until it is initialized again, goes by the name of
// the command; so do the statuses of sets that are not ready.
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

// rollKeySet puts a set into use, whose version must be above that of the set in use
// (SpringCard). It ends the session: the answer has no MAC.
func rollKeySet(c *Card, q request) ([]byte, status) {
	a, n := c.power.app, int(q.data[0])
	s, st := c.waiting(q.data[0])
	switch {
	case st != operationOK:
		return nil, st
	case !s.final, s.version <= a.version:
		return nil, permissionDenied
	}
	all := slices.Concat([]keySet{a.keySet}, a.ring.sets)
	all = slices.Concat(all[n:], all[:n])
	a.keySet, a.ring.sets = all[0], all[1:]
	c.spend(0, 1)
	c.power.session = nil
	return nil, operationOK
}
