package cardlayout

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// The private files: deterministic CBOR arrays of integers, zero-padded. A
// missing journey or day is null, one byte.

// layoutVersion is the version of files 5 and 6 this program writes. It stands
// first in each, so that a newer layout is refused and never guessed.
const layoutVersion = 1

type stateFile struct {
	_        struct{} `cbor:",toarray"`
	Version  uint8
	Counter  uint32
	Status   uint16 // unblocking number, twice, and the block
	Actions  uint32
	Journey  *journeyPart
	Device   uint16
	Sequence uint32
	Today    *Today
}

type journeyPart struct {
	_       struct{} `cbor:",toarray"`
	Start   Instant
	Area    Area
	Zones   Zones
	Persons uint8  // all of them
	Others  uint32 // those not of the holder's group, five bits a group
	Source  Source
	Minutes uint16
	Boarded uint32 // seconds after Start
	Trip    uint16
}

type rightsFile struct {
	_            struct{} `cbor:",toarray"`
	Version      uint8
	Number       Number
	Kind         Kind
	Card         uint8 // generation, twice, and the Transaction MAC
	Area         Area
	Group        Group
	Birth        Day
	StudentUntil Day
	Benefits     uint8
	Issued       Day
	ValidUntil   Day
	Kept         Cents
	Season1      termsPart
	Season2      termsPart
	School       *School
}

type termsPart struct {
	_     struct{} `cbor:",toarray"`
	Days  uint16
	Price uint16
	Terms Terms
}

var encMode = must(cbor.CoreDetEncOptions().EncMode())

var decMode = must(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	IndefLength:      cbor.IndefLengthForbidden,
	TagsMd:           cbor.TagsForbidden,
	MaxArrayElements: 16,
	MaxNestedLevels:  4,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic("cardlayout: internal error: " + err.Error())
	}
	return mode
}

// unpack reads a CBOR file into v.
func unpack(p []byte, v any) error {
	const major, array, small = 0xE0, 0x80, 0x17 // RFC 8949 section 3
	if p[0]&major == array && p[1] <= small && p[1] != layoutVersion {
		return fmt.Errorf("%w: version %d", ErrVersion, p[1])
	}
	if _, err := decMode.UnmarshalFirst(p, v); err != nil {
		return fmt.Errorf("%w: it is no CBOR array of ours", ErrMalformed)
	}
	return nil
}

// canonical tells whether a file that was read packs back to the same bytes.
// That one comparison stands for every rule of the deterministic form, padding
// and omitted parts included.
func canonical(p []byte, packed func([]byte) error) error {
	again := make([]byte, len(p))
	if err := packed(again); err != nil || !bytes.Equal(p, again) {
		return fmt.Errorf("%w: it is not in the form we write", ErrMalformed)
	}
	return nil
}

func pack(p []byte, v any) error {
	encoded, err := encMode.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRange, err)
	}
	if len(encoded) > len(p) {
		return fmt.Errorf("%w: %d bytes for a file of %d", ErrRange, len(encoded), len(p))
	}
	clear(p[copy(p, encoded):])
	return nil
}

const personBits = 5

// packOthers counts the persons of a party who are not of the holder's group.
func packOthers(p Persons, holder Group) (packed uint32) {
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
		Actions: c.Actions, Device: c.Last.Device, Sequence: c.Last.Sequence,
	}
	if c.Blocked {
		f.Status |= 1
	}
	if j := c.Journey; j != (Journey{}) {
		f.Journey = &journeyPart{
			Start: j.Start, Area: j.Area, Zones: j.Zones,
			Persons: uint8(j.Persons.Total()), Others: packOthers(j.Persons, c.Group),
			Source: j.Source, Minutes: j.Minutes, Boarded: uint32(j.Boarded - j.Start),
			Trip: j.Trip,
		}
	}
	if c.Today != (Today{}) {
		f.Today = &c.Today
	}
	return pack(p, &f)
}

// unpackState reads file 5. The holder's group must be known by then.
func (c *Card) unpackState(p []byte) error {
	var f stateFile
	if err := unpack(p, &f); err != nil {
		return inFile(FileState, err)
	}
	c.Counter, c.Actions = f.Counter, f.Actions
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
	return inFile(FileState, canonical(p, c.packState))
}

// packRights writes the content of file 6, before it is sealed.
func (c *Card) packRights(p []byte) error {
	f := rightsFile{
		Version: layoutVersion, Number: c.Number, Kind: c.Kind, Card: c.Generation << 1,
		Area: c.Area, Group: c.Group, Birth: c.Birth, StudentUntil: c.StudentUntil,
		Benefits: c.Benefits, Issued: c.Issued, ValidUntil: c.ValidUntil, Kept: c.Kept,
		Season1: c.Seasons[0].terms(), Season2: c.Seasons[1].terms(),
	}
	if c.TransactionMAC {
		f.Card |= 1
	}
	if c.School != (School{}) {
		f.School = &c.School
	}
	return pack(p, &f)
}

// unpackRights reads the content of file 6.
func (c *Card) unpackRights(p []byte) error {
	var f rightsFile
	if err := unpack(p, &f); err != nil {
		return inFile(FileRights, err)
	}
	c.Number, c.Kind, c.Area, c.Group = f.Number, f.Kind, f.Area, f.Group
	c.Generation, c.TransactionMAC = f.Card>>1, f.Card&1 == 1
	c.Birth, c.StudentUntil, c.Benefits = f.Birth, f.StudentUntil, f.Benefits
	c.Issued, c.ValidUntil, c.Kept = f.Issued, f.ValidUntil, f.Kept
	c.Seasons[0].setTerms(f.Season1)
	c.Seasons[1].setTerms(f.Season2)
	if f.School != nil {
		c.School = *f.School
	}
	return inFile(FileRights, canonical(p, c.packRights))
}

func (s *Season) terms() termsPart {
	return termsPart{Days: s.Days, Price: uint16(s.Price), Terms: s.Terms}
}

func (s *Season) setTerms(t termsPart) {
	s.Days, s.Price, s.Terms = t.Days, Cents(t.Price), t.Terms
}
