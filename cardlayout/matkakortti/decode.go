package matkakortti

import (
	"fmt"

	"leima/cardlayout"
)

// Decode makes a card of its files, by their numbers. A missing file is left out; one that is
// longer than known is read as far as known. Its error names the first file that is too short, or
// that does not consist of whole records.
func Decode(s System, files map[byte][]byte) (Card, error) {
	if _, known := systems[s]; !known {
		return Card{}, fmt.Errorf("%v has no files to decode", s)
	}
	card := Card{System: s}
	for _, f := range systems[s].files {
		p, read := files[f.Number]
		if !read {
			card.Unread = append(card.Unread, int(f.Number))
			continue
		}
		rows, err := f.rows(p)
		if err != nil {
			return Card{}, fmt.Errorf("decoding a card of %v: %w", s, err)
		}
		for _, r := range rows {
			decoders[f.Number](&card, r)
		}
	}
	return card, nil
}

// decoders take one row each. All systems share them: a field that a system does not have is zero.
var decoders = [...]func(*Card, row){
	0: (*Card).control,
	1: (*Card).season,
	2: (*Card).purse,
	3: (*Card).ticket,
	4: (*Card).event,
	8: (*Card).application,
}

func (c *Card) application(r row) {
	a := Application{
		Version:    uint8(r.uint("ApplicationVersion")),
		KeyVersion: uint8(r.uint("ApplicationKeyVersion")),
		Platform:   Platform(r.uint("PlatformType")),
		Security:   Security(r.uint("SecurityLevel")),
	}
	at, _ := r.find("ApplicationInstanceId")
	for i := range a.Number {
		a.Number[i] = byte(r.take(at+8*i, 8))
	}
	a.Check = a.Number.Check()
	c.Application = &a
}

func (c *Card) control(r row) {
	c.Control = &Control{
		Issued: r.day("ApplicationIssuingDate"),
		Status: uint8(r.uint("ApplicationStatus")),
	}
	if r.has("ApplicationTransactionCounter") {
		c.Control.Counters = &Counters{
			Unblocking:   uint8(r.uint("ApplicationUnblockingNumber")),
			Transactions: r.uint("ApplicationTransactionCounter"),
			ActionLists:  r.uint("ActionListCounter"),
		}
	}
}

func (c *Card) season(r row) {
	for slot, n := range []string{"1", "2"} {
		s := Season{
			Slot:       slot + 1,
			Product:    c.product(r, "ProductCode", n),
			Region:     region(uint8(r.uint("Region" + n))),
			Invoicable: r.flag("Invoicable" + n),
			First:      r.day("PeriodStartDate" + n),
			Last:       r.day("PeriodEndDate" + n),
		}
		s.Area = c.area(r, s.Region, n)
		if r.blankNumbered(n) || c.System == Waltti && s.First == unusedStart && s.Last == 0 {
			continue
		}
		c.Seasons = append(c.Seasons, s)
	}
	c.seasonLoad(r)
	where := region(uint8(r.uint("BoardingRegion")))
	if c.SeasonBoarding = c.boarding(r, where); c.SeasonBoarding != nil {
		c.SeasonBoarding.Region = where
	}
}

func (c *Card) seasonLoad(r row) {
	l := SeasonLoad{
		Product:      c.product(r, "LoadedProductCode", ""),
		At:           r.moment("Loading"),
		Days:         uint16(r.uint("LoadedPeriodLength")),
		Price:        r.cents("LoadedPrice"),
		Organisation: uint16(r.uint("LoadingOrganisationID")),
		Device:       uint16(r.uint("LoadingDeviceNumber")),
		Loaded:       r.flag("LoadedPass"),
	}
	never := c.System == Waltti && l.Days == unusedDays && len(c.Seasons) == 0
	if !r.blank("Load") && !never {
		c.SeasonLoad = &l
	}
}

func (c *Card) purse(r row) {
	c.Purse = &Purse{Value: r.cents("ValueCounter")}
	if !r.blank("Load") {
		c.Purse.Load = &ValueLoad{
			At:           r.moment("Loading"),
			Amount:       r.cents("LoadedValue"),
			Organisation: uint16(r.uint("LoadingOrganisationID")),
			Device:       uint16(r.uint("LoadingDeviceNumber")),
		}
	}
}

func (c *Card) ticket(r row) {
	if r.blank("") {
		return
	}
	where := region(uint8(r.uint("Region")))
	c.Ticket = &Ticket{
		Region:       where,
		Product:      c.product(r, "ProductCode", ""),
		PartyProduct: uint16(r.uint("ProductCodeGroup")),
		Child:        r.flag("Child"),
		Profile:      Profile(r.uint("CustomerProfile")),
		PartyProfile: Profile(r.uint("CustomerProfileGroup")),
		Language:     Language(r.uint("LanguageCode")),
		Period:       r.period(""),
		PartyPeriod:  r.period("Group"),
		Area:         c.area(r, where, ""),
		Sold:         Moment{r.day("SaleDate"), uint16(r.get("SaleTime", hour) * 60)},
		DeviceType:   DeviceType(r.uint("SaleDeviceType")),
		Device:       uint16(r.uint("SaleDeviceNumber")),
		Fare:         r.cents("TicketFare"),
		PartyFare:    r.cents("TicketFareGroup"),
		Persons:      uint8(r.uint("GroupSize")),
		Extension:    r.extension(),
		Start:        r.moment("ValidityStart"),
		End:          r.moment("ValidityEnd"),
		PartyEnd:     r.moment("ValidityEndGroup"),
		Fixed:        r.flag("SaleStatus"),
		Started:      r.flag("ValidityStatus"),
		Boarding:     c.boarding(r, where),
	}
}

func (c *Card) event(r row) {
	if r.blank("") {
		return
	}
	c.History = append(c.History, Event{
		Transaction: Transaction(r.uint("TransactionType")),
		At:          r.moment("Boarding"),
		Until:       r.moment("TransferEnd"),
		Fare:        r.cents("TicketFare"),
		Persons:     uint8(r.uint("GroupSize")),
		Remaining:   r.cents("RemainingValue"),
	})
}

// boarding is nil if none. The region names the zones of Waltti.
func (c *Card) boarding(r row, where Region) *Boarding {
	if r.blank("Boarding") {
		return nil
	}
	code := uint8(r.uint("BoardingArea"))
	b := Boarding{
		At:      r.moment("Boarding"),
		Vehicle: uint16(r.uint("BoardingVehicle")),
		Location: Location{
			LocationType(r.uint("BoardingLocationNumberType")),
			uint16(r.uint("BoardingLocationNumber")),
		},
		Direction: uint8(r.uint("BoardingDirection")),
		Area:      hslPlace(AreaType(r.uint("BoardingAreaType")), code),
	}
	if c.System == Waltti {
		b.Area = walttiPlace(where, code)
	}
	return &b
}

// product is a product's number with its type, whose meaning differs between Waltti and HSL.
func (c *Card) product(r row, name, n string) Product {
	p, typed := Product{Code: uint16(r.uint(name + n))}, name+"Type"+n
	switch {
	case !r.has(typed):
	case c.System == HSLv2:
		p.Fares = Fares2010 + Fares(r.uint(typed))
	default:
		p.Type = uint8(r.uint(typed))
	}
	return p
}

func (c *Card) area(r row, where Region, n string) Area {
	code := uint8(r.uint("ValidityArea" + n))
	if c.System == Waltti {
		return walttiArea(where, code)
	}
	return hslArea(AreaType(r.uint("ValidityAreaType"+n)), code)
}

func (r row) uint(name string) uint32 { return r.get(name, number) }

func (r row) flag(name string) bool { return r.get(name, flag) == 1 }

func (r row) day(name string) cardlayout.Day { return cardlayout.Day(r.get(name, day)) }

func (r row) cents(name string) cardlayout.Cents { return cardlayout.Cents(r.get(name, cents)) }

// moment is the content of a date field and a time field of this name.
func (r row) moment(name string) Moment {
	return Moment{r.day(name + "Date"), uint16(r.get(name+"Time", minute))}
}

func (r row) period(of string) Period {
	return Period{
		Length: uint8(r.uint("ValidityLength" + of)),
		Unit:   PeriodUnit(r.uint("ValidityLengthType" + of)),
	}
}

func (r row) extension() *Extension {
	e := Extension{
		ExtraZone:  r.flag("ExtraZone"),
		SeasonArea: uint8(r.uint("PeriodPassValidityArea")),
		Product:    uint16(r.uint("ExtensionProductCode")),
		Parts: [2]Widens{
			{uint8(r.uint("Extension1ValidityArea")), r.cents("Extension1Fare")},
			{uint8(r.uint("Extension2ValidityArea")), r.cents("Extension2Fare")},
		},
	}
	if e == (Extension{}) {
		return nil
	}
	return &e
}
