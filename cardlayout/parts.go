package cardlayout

// parts lists the lines of a card's text form, in the order they are printed.
func (c *Card) parts() []part {
	return []part{
		{"number", func(v *textCodec) { as(v, "", &c.Number, Number.String, ParseNumber) }},
		{"kind", func(v *textCodec) { word(v, "", &c.Kind, kindNames) }},
		{"area", func(v *textCodec) { number(v, "", &c.Area) }},
		{"group", func(v *textCodec) { word(v, "", &c.Group, groupNames) }},
		{"born", c.birth},
		{"student", func(v *textCodec) { v.day("", &c.StudentUntil) }},
		{"benefits", func(v *textCodec) { number(v, "", &c.Benefits) }},
		{"issued", func(v *textCodec) { v.day("", &c.Issued) }},
		{"valid", func(v *textCodec) { v.day("", &c.ValidUntil) }},
		{"ev", func(v *textCodec) { number(v, "", &c.Generation) }},
		{"tmac", func(v *textCodec) { boolean(v, "", &c.TransactionMAC) }},
		{"layout", func(v *textCodec) { number(v, "", &c.Layout) }},
		{"purse", func(v *textCodec) { v.cents("", &c.Purse) }},
		{"kept", func(v *textCodec) { v.cents("", &c.Funded) }},
		{"loaded", c.ValueLoad.text},
		{"season1", c.Seasons[0].text},
		{"season2", c.Seasons[1].text},
		{"bought", c.SeasonLoad.text},
		{"boarded", c.SeasonBoarding.text},
		{"school", c.School.text},
		{"counter", func(v *textCodec) { number(v, "", &c.Counter) }},
		{"blocked", func(v *textCodec) { boolean(v, "", &c.Blocked) }},
		{"unblocked", func(v *textCodec) { number(v, "", &c.Unblocking) }},
		{"actions", func(v *textCodec) { number(v, "", &c.ActionCounter) }},
		{"journey", c.Journey.text},
		{"former", c.Former.text},
		{"last", c.Last.text},
		{"today", c.Today.text},
		{"ticket", c.Ticket.text},
		{"event", c.Record.text},
	}
}

func (s *Season) text(v *textCodec) {
	number(v, "area", &s.Area)
	number(v, "product", &s.Product)
	v.zones("zones", &s.Zones)
	v.day("from", &s.First)
	v.day("to", &s.Last)
	number(v, "minute", &s.Start)
	number(v, "days", &s.Days)
	v.cents("price", &s.Price)
	number(v, "terms", &s.Conditions)
}

func (l *SeasonLoad) text(v *textCodec) {
	number(v, "product", &l.Product)
	v.stamp("at", &l.At)
	number(v, "days", &l.Days)
	v.cents("price", &l.Price)
	number(v, "organisation", &l.Organisation)
	number(v, "device", &l.Device)
	boolean(v, "loaded", &l.Loaded)
}

func (l *ValueLoad) text(v *textCodec) {
	v.stamp("at", &l.At)
	v.cents("amount", &l.Amount)
	number(v, "organisation", &l.Organisation)
	number(v, "device", &l.Device)
}

func (b *Boarding) text(v *textCodec) {
	v.stamp("at", &b.At)
	number(v, "vehicle", &b.Vehicle)
	number(v, "area", &b.Area)
	number(v, "direction", &b.Direction)
	number(v, "zone", &b.Zone)
}

func (s *School) text(v *textCodec) {
	number(v, "trips", &s.Trips)
	number(v, "calendar", &s.Calendar)
	number(v, "from", &s.From)
	number(v, "to", &s.To)
	v.day("until", &s.Until)
}

func (j *Journey) text(v *textCodec) {
	v.instant("start", &j.Start)
	number(v, "area", &j.Area)
	v.zones("zones", &j.Zones)
	j.Persons.text(v)
	word(v, "by", &j.Source, sourceNames)
	number(v, "minutes", &j.Minutes)
	v.instant("boarded", &j.Boarded)
	number(v, "trip", &j.Trip)
}

func (r *Right) text(v *textCodec) {
	number(v, "area", &r.Area)
	v.zones("zones", &r.Zones)
	v.instant("until", &r.Until)
	r.Persons.text(v)
}

func (p *Persons) text(v *textCodec) {
	for group := Adult; group < Groups; group++ {
		number(v, group.String(), &p[group])
	}
}

func (e *EventID) text(v *textCodec) {
	number(v, "device", &e.Device)
	number(v, "sequence", &e.Sequence)
}

func (t *Today) text(v *textCodec) {
	v.day("day", &t.Day)
	number(v, "trips", &t.SchoolTrips)
	v.cents("spent", &t.Spent)
}

func (t *Ticket) text(v *textCodec) {
	number(v, "area", &t.Area)
	number(v, "product", &t.Product)
	word(v, "group", &t.Group, groupNames)
	word(v, "party", &t.PartyGroup, groupNames)
	number(v, "language", &t.Language)
	number(v, "unit", &t.PeriodUnit)
	number(v, "period", &t.Period)
	v.zones("zones", &t.Zones)
	v.day("sold", &t.SaleDay)
	number(v, "hour", &t.SaleHour)
	number(v, "devicetype", &t.DeviceType)
	number(v, "device", &t.Device)
	v.cents("price", &t.Price)
	number(v, "persons", &t.Persons)
	boolean(v, "fixed", &t.SaleStatus)
	v.stamp("start", &t.Start)
	v.stamp("end", &t.End)
	boolean(v, "started", &t.Started)
	v.stamp("at", &t.Boarding.At)
	number(v, "vehicle", &t.Boarding.Vehicle)
	number(v, "direction", &t.Boarding.Direction)
	number(v, "zone", &t.Boarding.Zone)
}

func (r *Record) text(v *textCodec) {
	boolean(v, "debit", &r.Debit)
	v.stamp("at", &r.Boarded)
	v.stamp("until", &r.Until)
	v.cents("fare", &r.Fare)
	number(v, "persons", &r.Persons)
	v.cents("remaining", &r.Remaining)
}
