package cardlayout

import "fmt"

// Check reports whether the card's files can hold c. Its error wraps ErrRange and names the first
// field that does not fit. A card that passes encodes, and a decoded card passes. It allocates
// nothing if c fits.
func (c *Card) Check() error {
	switch {
	case c.Layout > NewestLayout:
		return tooBig("layout", int64(c.Layout))
	case !c.Number.Valid():
		return tooBig("card number", int64(c.Number))
	case c.Kind < Personal || c.Kind > Company:
		return tooBig("kind of card", int64(c.Kind))
	case c.Group < Adult || c.Group >= Groups:
		return tooBig("customer group", int64(c.Group))
	case c.Generation > 3:
		return tooBig("generation of card", int64(c.Generation))
	case c.Birth < -MaxDay*4 || c.Birth > MaxDay:
		return tooBig("day of birth", int64(c.Birth))
	case c.Funded < 0 || c.Funded > maxFunded:
		return tooBig("part of the purse not to be refunded", int64(c.Funded))
	case c.Purse < 0 || c.Purse > MaxPurse:
		return tooBig("purse", int64(c.Purse))
	case c.Counter >= 1<<24:
		return tooBig("transaction counter", int64(c.Counter))
	}
	err := checkDays(c.StudentUntil, c.Issued, c.ValidUntil, c.School.Until, c.Today.Day)
	if err != nil {
		return err
	}
	return firstOf(c.checkProducts, c.checkJourney, c.checkTicket, c.checkLayout)
}

// maxFunded and maxPrice are the limits of 16 bits in files 6 and 5, so that file 6 always fits its
// 63 bytes.
const maxFunded, maxPrice Cents = 1<<16 - 1, 1<<16 - 1

func (c *Card) checkProducts() error {
	for i := range c.Seasons {
		s := &c.Seasons[i]
		switch {
		case s.Product >= 1<<14:
			return tooBig("product of a season", int64(s.Product))
		case s.Zones > MaxZones:
			return tooBig("zones of a season", int64(s.Zones))
		case s.Days >= 1<<9:
			return tooBig("days of a season", int64(s.Days))
		case s.Start >= 24*60:
			return tooBig("first minute of a season", int64(s.Start))
		case s.Price < 0 || s.Price > maxPrice:
			return tooBig("price of a season", int64(s.Price))
		}
		if err := checkDays(s.First, s.Last); err != nil {
			return err
		}
	}
	b := &c.SeasonBoarding
	switch {
	case b.Vehicle >= 1<<14:
		return tooBig("vehicle", int64(b.Vehicle))
	case b.Zone > MaxZone || b.Direction > 1:
		return tooBig("boarding zone or direction", int64(b.Zone))
	}
	return c.checkLoads()
}

func (c *Card) checkLoads() error {
	l, v := &c.SeasonLoad, &c.ValueLoad
	switch {
	case l.Product >= 1<<14 || l.Organisation >= 1<<14 || l.Device >= 1<<13:
		return tooBig("code in a season load", int64(l.Device))
	case l.Days >= 1<<9:
		return tooBig("days of a season load", int64(l.Days))
	case l.Price < 0 || l.Price > MaxPurse:
		return tooBig("price of a season load", int64(l.Price))
	case v.Organisation >= 1<<14 || v.Device >= 1<<14:
		return tooBig("code in a value load", int64(v.Device))
	case v.Amount < 0 || v.Amount > MaxPurse:
		return tooBig("amount of a value load", int64(v.Amount))
	}
	return checkStamps(l.At, v.At, c.SeasonBoarding.At)
}

func (c *Card) checkJourney() error {
	j, former := &c.Journey, &c.Former
	switch {
	case former.Zones > MaxZones:
		return tooBig("zones of the former right", int64(former.Zones))
	case former.Persons.Total() > MaxPersons || former.Persons[0] != 0:
		return tooBig("persons of the former right", int64(former.Persons.Total()))
	case j.Zones > MaxZones:
		return tooBig("zones of the journey", int64(j.Zones))
	case j.Boarded < j.Start:
		return tooBig("boarding before the journey's start", int64(j.Start-j.Boarded))
	case j.Persons.Total() > MaxPersons || j.Persons[0] != 0:
		return tooBig("persons", int64(j.Persons.Total()))
	case j.Source > ByDayTrips:
		return tooBig("source of the journey", int64(j.Source))
	case c.Today.Spent < 0 || c.Today.Spent > maxPrice:
		return tooBig("amount spent today", int64(c.Today.Spent))
	}
	return nil
}

// checkLayout reports whether the files of the card's own layout can hold it.
func (c *Card) checkLayout() error {
	if c.Layout == 1 {
		return c.checkState()
	}
	return c.checkValidation()
}

func (c *Card) checkTicket() error {
	t, r := &c.Ticket, &c.Record
	switch {
	case r.Fare < 0 || r.Fare > MaxFare || t.Price < 0 || t.Price > MaxFare:
		return tooBig("fare", int64(max(r.Fare, t.Price)))
	case r.Persons > MaxPersons || t.Persons > MaxPersons:
		return tooBig("persons", int64(max(r.Persons, t.Persons)))
	case r.Remaining < 0 || r.Remaining > MaxPurse:
		return tooBig("remaining value", int64(r.Remaining))
	case t.Product >= 1<<14 || t.Device >= 1<<14 || t.Boarding.Vehicle >= 1<<14:
		return tooBig("code in a ticket", int64(t.Product))
	case t.Boarding.Zone > MaxZone || t.Boarding.Direction > 1 || t.Zones > MaxZones:
		return tooBig("zone of a ticket", int64(t.Boarding.Zone))
	case t.Group >= Groups || t.PartyGroup >= Groups:
		return tooBig("customer group of a ticket", int64(t.Group))
	case t.Language > 3 || t.PeriodUnit > 3 || t.DeviceType > 7 || t.SaleHour > 23:
		return tooBig("code in a ticket", int64(t.SaleHour))
	}
	if err := checkDays(t.SaleDay); err != nil {
		return err
	}
	return checkStamps(t.Start, t.End, t.Boarding.At, r.Boarded, r.Until)
}

// checkDays and checkStamps take few values, so that their lists stay off the heap.
func checkDays(days ...Day) error {
	for _, d := range days {
		if d < 0 || d > MaxDay {
			return tooBig("day", int64(d))
		}
	}
	return nil
}

func checkStamps(stamps ...Stamp) error {
	for _, s := range stamps {
		if s.Day < 0 || s.Day > MaxDay || s.Minute >= 24*60 {
			return tooBig("time", int64(s.Day))
		}
	}
	return nil
}

func tooBig(what string, value int64) error {
	return fmt.Errorf("%w: %s %d", ErrRange, what, value)
}
