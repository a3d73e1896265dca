package cardlayout

// The public files, field by field, as in doc.go. Each list works in both directions.

func (s *Season) public(b *bits) {
	field(b, "area", 8, &s.Area)
	zero(b, 4) // ProductCodeType, whose values are not known
	field(b, "product", 14, &s.Product)
	zero(b, 1) // Invoicable
	zones(b, &s.Zones)
	field(b, "first day", 14, &s.First)
	field(b, "last day", 14, &s.Last)
	zero(b, 1) // reserved
	field(b, "first minute", 11, &s.Start)
	zero(b, 7) // reserved
}

func (l *SeasonLoad) public(b *bits) {
	field(b, "product", 14, &l.Product)
	stamp(b, &l.At)
	field(b, "days", 9, &l.Days)
	field(b, "price", 20, &l.Price)
	field(b, "organisation", 14, &l.Organisation)
	field(b, "device", 13, &l.Device)
	flag(b, &l.Loaded)
}

// public is a boarding in the season file; a ticket's boarding has no area.
func (v *Boarding) public(b *bits) {
	stamp(b, &v.At)
	field(b, "vehicle", 14, &v.Vehicle)
	field(b, "area", 8, &v.Area)
	v.place(b)
}

func (v *Boarding) place(b *bits) {
	field(b, "direction", 1, &v.Direction)
	field(b, "zone", 4, &v.Zone)
	if v.Zone > MaxZone {
		b.fail("a boarding zone beyond 10")
	}
}

// seasonFile is file 1.
func (c *Card) seasonFile(b *bits) {
	c.Seasons[0].public(b)
	c.Seasons[1].public(b)
	c.SeasonLoad.public(b)
	zero(b, 24)
	c.SeasonBoarding.public(b)
	zero(b, 4)
}

// valueFile is file 2.
func (c *Card) valueFile(b *bits) {
	field(b, "purse", 20, &c.Purse)
	stamp(b, &c.ValueLoad.At)
	field(b, "amount loaded", 20, &c.ValueLoad.Amount)
	field(b, "organisation", 14, &c.ValueLoad.Organisation)
	field(b, "device", 14, &c.ValueLoad.Device)
	zero(b, 3)
}

// file is file 3.
func (t *Ticket) file(b *bits) {
	field(b, "area", 8, &t.Area)
	field(b, "product", 14, &t.Product)
	field(b, "group", 5, &t.Group)
	field(b, "party's group", 5, &t.PartyGroup)
	field(b, "language", 2, &t.Language)
	field(b, "period unit", 2, &t.PeriodUnit)
	field(b, "period", 8, &t.Period)
	zones(b, &t.Zones)
	field(b, "sale day", 14, &t.SaleDay)
	field(b, "sale hour", 5, &t.SaleHour)
	field(b, "device type", 3, &t.DeviceType)
	field(b, "device", 14, &t.Device)
	field(b, "price", 14, &t.Price)
	field(b, "persons", 6, &t.Persons)
	flag(b, &t.SaleStatus)
	zero(b, 5)
	stamp(b, &t.Start)
	stamp(b, &t.End)
	zero(b, 5)
	flag(b, &t.Started)
	stamp(b, &t.Boarding.At)
	field(b, "vehicle", 14, &t.Boarding.Vehicle)
	t.Boarding.place(b)
	zero(b, 4)
}

// file is one record of file 4.
func (r *Record) file(b *bits) {
	flag(b, &r.Debit)
	stamp(b, &r.Boarded)
	stamp(b, &r.Until)
	field(b, "fare", 14, &r.Fare)
	field(b, "persons", 5, &r.Persons)
	field(b, "remaining value", 20, &r.Remaining)
	zero(b, 6)
}

// controlFile is file 0. It repeats private files for readers of the public structure.
func (c *Card) controlFile(b *bits) {
	field(b, "issuing day", 14, &c.Issued)
	flag(b, &c.Blocked)
	zero(b, 1)
	field(b, "unblocking number", 8, &c.Unblocking)
	field(b, "transaction counter", 24, &c.Counter)
	field(b, "action counter", 32, &c.ActionCounter)
}

// An Application is file 8, which any reader may read first.
type Application struct {
	Version    uint8
	KeyVersion uint8
	Number     Number
	Platform   uint8 // 0 NXP DESFire
	MACed      bool  // SecurityLevel: messages carry a MAC
}

func (a *Application) file(b *bits) {
	field(b, "version", 4, &a.Version)
	field(b, "key version", 4, &a.KeyVersion)
	number := uint64(a.Number)
	digits := [numberDigits]uint8{}
	for i := numberDigits - 1; i >= 0; i-- {
		digits[i] = uint8(number % 10)
		number /= 10
	}
	for i := range digits {
		field(b, "digit", 4, &digits[i])
		if digits[i] > 9 {
			b.fail("the card number has a digit beyond 9")
		}
		number = number*10 + uint64(digits[i])
	}
	a.Number = Number(number)
	field(b, "platform", 3, &a.Platform)
	flag(b, &a.MACed)
	zero(b, 4)
}

// public applies a list of fields to a file in one direction.
func public(p []byte, write bool, fields func(*bits)) error {
	if write {
		clear(p)
	}
	b := bits{p: p, write: write}
	fields(&b)
	return b.err
}
