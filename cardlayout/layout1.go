package cardlayout

// Layout 1 keeps what a tap changes in file 5, and all that a boarding asks in files 1, 2, 5 and 6
// together.

// stateVersionAt is the offset of the version in file 5. On a card of a newer layout it is that of
// the layout, so that an older program refuses the card.
const stateVersionAt = 1

type stateFile struct {
	_             struct{} `cbor:",toarray"`
	Version       uint8
	Counter       uint32
	Status        uint16 // unblocking number, twice, and the block
	ActionCounter uint32
	Journey       *journeyPart
	Device        uint16
	Sequence      uint32
	Today         *Today
}

type journeyPart struct {
	_       struct{} `cbor:",toarray"`
	Start   Instant
	Area    Area
	Zones   Zones
	Persons uint8  // in total
	Others  uint32 // of other groups than the holder's, five bits a group
	Source  Source
	Minutes uint16
	Boarded uint32 // seconds after Start
	Trip    uint16
}

const personBits = 5

// packPersons counts the persons of a party who are not of the holder's group.
func packPersons(p Persons, holder Group) (packed uint32) {
	for group := Adult; group < Groups; group++ {
		if group != holder {
			packed |= uint32(p[group]) << (personBits * (group - 1))
		}
	}
	return packed
}

func unpackPersons(total uint8, others uint32, holder Group) (p Persons) {
	for group := Adult; group < Groups; group++ {
		if group != holder {
			p[group] = uint8(others >> (personBits * (group - 1)) & (1<<personBits - 1))
			total -= p[group]
		}
	}
	p[holder] = total
	return p
}

// packState writes file 5.
func (c *Card) packState(p []byte) error {
	f := stateFile{
		Version: layoutVersion, Counter: c.Counter, Status: uint16(c.Unblocking) << 1,
		ActionCounter: c.ActionCounter, Device: c.Last.Device, Sequence: c.Last.Sequence,
	}
	if c.Blocked {
		f.Status |= 1
	}
	if j := c.Journey; j != (Journey{}) {
		f.Journey = &journeyPart{
			Start: j.Start, Area: j.Area, Zones: j.Zones,
			Persons: uint8(j.Persons.Total()), Others: packPersons(j.Persons, c.Group),
			Source: j.Source, Minutes: j.Minutes, Boarded: uint32(j.Boarded - j.Start),
			Trip: j.Trip,
		}
	}
	if c.Today != (Today{}) {
		f.Today = &c.Today
	}
	return pack(p, &f)
}

// unpackState reads file 5. The holder's group must be known before.
func (c *Card) unpackState(p []byte) error {
	var f stateFile
	if err := unpack(p, &f); err != nil {
		return inFile(FileState, err)
	}
	c.Counter, c.ActionCounter = f.Counter, f.ActionCounter
	c.Blocked, c.Unblocking = f.Status&1 == 1, uint8(f.Status>>1)
	c.Last = EventID{Device: f.Device, Sequence: f.Sequence}
	if j := f.Journey; j != nil {
		c.Journey = Journey{
			Start: j.Start, Area: j.Area, Zones: j.Zones,
			Persons: unpackPersons(j.Persons, j.Others, c.Group),
			Source:  j.Source, Minutes: j.Minutes, Boarded: j.Start + Instant(j.Boarded),
			Trip: j.Trip,
		}
	}
	if f.Today != nil {
		c.Today = *f.Today
	}
	return inFile(FileState, checkCanonical(p, c.packState))
}

// stateSize is the length of file 5 in CBOR, computed without encoding it: a decision checks it
// before it promises anything.
func (c *Card) stateSize() int {
	size := 2 + cborSize(c.Counter) + cborSize(uint32(c.Unblocking)<<1|1) +
		cborSize(c.ActionCounter) + cborSize(uint32(c.Last.Device)) + cborSize(c.Last.Sequence)
	size += 2 // no journey, no day
	if j := &c.Journey; *j != (Journey{}) {
		size += cborSize(uint32(j.Start)) + cborSize(uint32(j.Area)) + cborSize(uint32(j.Zones)) +
			cborSize(uint32(j.Persons.Total())) + cborSize(packPersons(j.Persons, c.Group)) +
			cborSize(uint32(j.Source)) + cborSize(uint32(j.Minutes)) +
			cborSize(uint32(j.Boarded-j.Start)) + cborSize(uint32(j.Trip))
	}
	if t := &c.Today; *t != (Today{}) {
		size += cborSize(uint32(t.Day)) + cborSize(uint32(t.SchoolTrips)) +
			cborSize(uint32(t.Spent))
	}
	return size
}

// cborSize is the length of an unsigned integer in bytes (RFC 8949 section 3).
func cborSize(n uint32) int {
	switch {
	case n < 24:
		return 1
	case n < 1<<8:
		return 2
	case n < 1<<16:
		return 3
	}
	return 5
}

// checkState reports whether file 5 can hold the card's state, which has no room for a former
// right: a rule that keeps one looks at the layout first.
func (c *Card) checkState() error {
	switch {
	case c.Former != Right{}:
		return tooBig("former right in layout", 1)
	case c.stateSize() > StateSize:
		return tooBig("state in bytes", int64(c.stateSize()))
	}
	return nil
}
