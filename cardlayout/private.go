package cardlayout

import (
	"bytes"
	"fmt"

	"leima/cardlayout/canonical"
)

// The private files: deterministic CBOR arrays of integers, zero-padded. A missing journey or day
// is null, one byte.

// layoutVersion is the version of files 5 and 6. It comes first in each, so that a newer one is
// refused.
const layoutVersion = 1

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
	Funded       Cents
	Season1      seasonPart
	Season2      seasonPart
	School       *School
}

type seasonPart struct {
	_          struct{} `cbor:",toarray"`
	Days       uint16
	Price      uint16
	Conditions SeasonConditions
}

var decMode = canonical.Within(16, 4)

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

// checkCanonical reports whether a file packs back to the same bytes. This one comparison covers
// every rule of the deterministic form, including padding and omitted parts.
func checkCanonical(p []byte, packed func([]byte) error) error {
	again := make([]byte, len(p))
	if err := packed(again); err != nil || !bytes.Equal(p, again) {
		return fmt.Errorf("%w: it is not in the form we write", ErrMalformed)
	}
	return nil
}

func pack(p []byte, v any) error {
	encoded, err := canonical.Encode.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRange, err)
	}
	if len(encoded) > len(p) {
		return fmt.Errorf("%w: %d bytes for a file of %d", ErrRange, len(encoded), len(p))
	}
	clear(p[copy(p, encoded):])
	return nil
}

// packRights writes the content of file 6, before it is sealed.
func (c *Card) packRights(p []byte) error {
	f := rightsFile{
		Version: layoutVersion, Number: c.Number, Kind: c.Kind, Card: c.Generation << 1,
		Area: c.Area, Group: c.Group, Birth: c.Birth, StudentUntil: c.StudentUntil,
		Benefits: c.Benefits, Issued: c.Issued, ValidUntil: c.ValidUntil, Funded: c.Funded,
		Season1: c.Seasons[0].privatePart(), Season2: c.Seasons[1].privatePart(),
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
	if f.Group >= Groups { // by which the state counts persons
		return inFile(FileRights, fmt.Errorf("%w: customer group %d", ErrMalformed, f.Group))
	}
	c.Number, c.Kind, c.Area, c.Group = f.Number, f.Kind, f.Area, f.Group
	c.Generation, c.TransactionMAC = f.Card>>1, f.Card&1 == 1
	c.Birth, c.StudentUntil, c.Benefits = f.Birth, f.StudentUntil, f.Benefits
	c.Issued, c.ValidUntil, c.Funded = f.Issued, f.ValidUntil, f.Funded
	c.Seasons[0].setPrivatePart(f.Season1)
	c.Seasons[1].setPrivatePart(f.Season2)
	if f.School != nil {
		c.School = *f.School
	}
	return inFile(FileRights, checkCanonical(p, c.packRights))
}

func (s *Season) privatePart() seasonPart {
	return seasonPart{Days: s.Days, Price: uint16(s.Price), Conditions: s.Conditions}
}

func (s *Season) setPrivatePart(t seasonPart) {
	s.Days, s.Price, s.Conditions = t.Days, Cents(t.Price), t.Conditions
}
