package cardlayout

// File 7 of layout 2 is all that a boarding decides by, field by field, as in doc.go. Each list
// works in both directions.

// validationSealAt is the offset of the seal in file 7, in bytes.
const validationSealAt = 63

// validationRoom is the size of the sealed content of file 7, in bytes.
const validationRoom = ValidationSize - validationSealAt - sealSize

// validationFile is the part of file 7 before its seal. What every tap changes stands together.
func (c *Card) validationFile(b *bits) {
	field(b, "version", 8, &c.Layout)
	c.Former.fields(b)
	field(b, "day", 14, &c.Today.Day)
	field(b, "school trips", 8, &c.Today.SchoolTrips)
	field(b, "amount spent today", 16, &c.Today.Spent)
	field(b, "purse", 20, &c.Purse)
	field(b, "transaction counter", 24, &c.Counter)
	field(b, "device", 16, &c.Last.Device)
	field(b, "sequence", 32, &c.Last.Sequence)
	c.Journey.fields(b)
	for n := range c.Seasons {
		c.Seasons[n].period(b)
	}
	field(b, "product loaded", 14, &c.SeasonLoad.Product)
	field(b, "day of the season load", 14, &c.SeasonLoad.At.Day)
	flag(b, &c.SeasonLoad.Loaded)
	field(b, "day of the value load", 14, &c.ValueLoad.At.Day)
	flag(b, &c.Blocked)
	field(b, "unblocking number", 8, &c.Unblocking)
	field(b, "action counter", 32, &c.ActionCounter)
}

func (r *Right) fields(b *bits) {
	field(b, "area", 8, &r.Area)
	zones(b, &r.Zones)
	r.Persons.fields(b)
	field(b, "end of the former right", instantBits, &r.Until)
}

func (j *Journey) fields(b *bits) {
	field(b, "area", 8, &j.Area)
	zones(b, &j.Zones)
	j.Persons.fields(b)
	field(b, "source", 3, &j.Source)
	field(b, "minutes", minuteBits, &j.Minutes)
	field(b, "start", instantBits, &j.Start)
	field(b, "last boarding", instantBits, &j.Boarded)
	field(b, "trip", 16, &j.Trip)
}

func (p *Persons) fields(b *bits) {
	for group := Adult; group < Groups; group++ {
		field(b, "persons", personBits, &p[group])
	}
}

// period is what a season's first validation sets.
func (s *Season) period(b *bits) {
	length := s.Last - s.First
	field(b, "first day", 14, &s.First)
	field(b, "days to the last", lengthBits, &length)
	field(b, "first minute", 11, &s.Start)
	s.Last = s.First + length
}

// Widths that are less than their values' types; Check knows them.
const (
	instantBits   = 31 // up to 2065
	minuteBits    = 12
	lengthBits    = 10
	conditionBits = 3
	hourBits      = 11
	birthBits     = 17
)

// validationRights is the sealed part of file 7.
func (i *Image) validationRights(b *bits, c *Card) {
	birth := c.Birth + 1<<(birthBits-1)
	field(b, "number", 60, &c.Number)
	field(b, "kind", 2, &c.Kind)
	field(b, "generation", 2, &c.Generation)
	flag(b, &c.TransactionMAC)
	flag(b, &i.Readable)
	field(b, "area", 8, &c.Area)
	field(b, "group", 3, &c.Group)
	field(b, "day of birth", birthBits, &birth)
	field(b, "last day of studies", 14, &c.StudentUntil)
	field(b, "last day of the card", 14, &c.ValidUntil)
	for n := range c.Seasons {
		c.Seasons[n].right(b)
	}
	c.School.right(b)
	zero(b, 2)
	c.Birth = birth - 1<<(birthBits-1)
}

func (s *Season) right(b *bits) {
	field(b, "area", 8, &s.Area)
	field(b, "product", 14, &s.Product)
	zones(b, &s.Zones)
	field(b, "days", 9, &s.Days)
	field(b, "conditions", conditionBits, &s.Conditions)
}

func (s *School) right(b *bits) {
	field(b, "school trips", 8, &s.Trips)
	field(b, "school calendar", 8, &s.Calendar)
	field(b, "from", hourBits, &s.From)
	field(b, "to", hourBits, &s.To)
	field(b, "last school day", 14, &s.Until)
}

// unpackValidation reads file 7.
func (i *Image) unpackValidation(c *Card, keys Seals) error {
	var plain [validationRoom]byte
	if _, err := i.validation().open(plain[:], keys); err != nil {
		return err
	}
	return inFile(FileValidation, firstOf(
		func() error { return public(i.Validation[:], false, c.validationFile) },
		func() error {
			return public(plain[:], false, func(b *bits) { i.validationRights(b, c) })
		},
	))
}

// sealValidation seals the content of file 7 of the next image.
func (i *Image) sealValidation(next *Image, held, after *Card, keys Seals, newest bool) error {
	var before, plain [validationRoom]byte
	err := firstOf(
		func() error { return i.packValidation(before[:], held) },
		func() error { return next.packValidation(plain[:], after) },
	)
	if err != nil {
		return err
	}
	return i.validation().replace(next.validation(), before[:], plain[:], keys, newest)
}

// packValidation writes the content of file 7 before it is sealed.
func (i *Image) packValidation(p []byte, c *Card) error {
	err := public(p, true, func(b *bits) { i.validationRights(b, c) })
	return inFile(FileValidation, err)
}

// checkValidation reports whether file 7 can hold what Check allows in other files.
func (c *Card) checkValidation() error {
	j, s := &c.Journey, &c.School
	switch {
	case j.Start >= 1<<instantBits || j.Boarded >= 1<<instantBits:
		return tooBig("time of the journey", int64(max(j.Start, j.Boarded)))
	case j.Minutes >= 1<<minuteBits:
		return tooBig("transfer right in minutes", int64(j.Minutes))
	case c.Former.Until >= 1<<instantBits:
		return tooBig("end of the former right", int64(c.Former.Until))
	case s.From >= 1<<hourBits || s.To >= 1<<hourBits:
		return tooBig("minute of a school day", int64(max(s.From, s.To)))
	}
	for n := range c.Seasons {
		switch s := &c.Seasons[n]; {
		case s.Last < s.First || s.Last-s.First >= 1<<lengthBits:
			return tooBig("days from a season's first to its last", int64(s.Last-s.First))
		case s.Conditions >= 1<<conditionBits:
			return tooBig("conditions of a season", int64(s.Conditions))
		}
	}
	return nil
}
