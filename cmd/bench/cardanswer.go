package main

import "leima/cardlayout"

// The JSON of a card, as inspect and load write it.
type (
	cardAnswer struct {
		Number         string           `json:"number"`
		Kind           string           `json:"kind"`
		Area           cardlayout.Area  `json:"area"`
		Group          string           `json:"group"`
		Born           string           `json:"born,omitempty"`
		StudentUntil   string           `json:"student_until,omitempty"`
		Benefits       uint8            `json:"benefits,omitempty"`
		Issued         string           `json:"issued,omitempty"`
		ValidUntil     string           `json:"valid_until,omitempty"`
		Generation     uint8            `json:"generation"`
		TransactionMAC bool             `json:"transaction_mac"`
		Layout         uint8            `json:"layout,omitempty"`
		PurseCents     cardlayout.Cents `json:"purse_cents"`
		FundedCents    cardlayout.Cents `json:"kept_cents"`
		ValueLoad      *loadAnswer      `json:"value_load,omitempty"`
		Seasons        []seasonAnswer   `json:"seasons"`
		SeasonLoad     *loadAnswer      `json:"season_load,omitempty"`
		SeasonBoarding *boardingAnswer  `json:"season_boarding,omitempty"`
		School         *schoolAnswer    `json:"school,omitempty"`
		Counter        uint32           `json:"counter"`
		Blocked        bool             `json:"blocked"`
		Unblocking     uint8            `json:"unblocking"`
		ActionCounter  uint32           `json:"actions"`
		Journey        *journeyAnswer   `json:"journey,omitempty"`
		Former         *rightAnswer     `json:"former,omitempty"`
		LastEvent      *eventIDAnswer   `json:"last_event,omitempty"`
		Today          *todayAnswer     `json:"today,omitempty"`
		Ticket         *ticketAnswer    `json:"ticket,omitempty"`
	}

	// loadAnswer is the last load of value, or of a season, which has a product.
	loadAnswer struct {
		Product      uint16           `json:"product,omitempty"`
		At           string           `json:"at,omitempty"`
		Days         uint16           `json:"days,omitempty"`
		AmountCents  cardlayout.Cents `json:"amount_cents"`
		Organisation uint16           `json:"organisation"`
		Device       uint16           `json:"device"`
	}

	seasonAnswer struct {
		Slot       int                         `json:"slot"` // 1 or 2
		Area       cardlayout.Area             `json:"area"`
		Product    uint16                      `json:"product"`
		Zones      string                      `json:"zones"`
		First      string                      `json:"first,omitempty"`
		Last       string                      `json:"last,omitempty"`
		Days       uint16                      `json:"days"`
		PriceCents cardlayout.Cents            `json:"price_cents"`
		Conditions cardlayout.SeasonConditions `json:"terms,omitempty"`
	}

	boardingAnswer struct {
		At        string          `json:"at,omitempty"`
		Vehicle   uint16          `json:"vehicle"`
		Area      cardlayout.Area `json:"area,omitempty"`
		Direction uint8           `json:"direction"`
		Zone      string          `json:"zone"`
	}

	schoolAnswer struct {
		Trips    uint8  `json:"trips"`
		Calendar uint8  `json:"calendar"`
		From     uint16 `json:"from"`
		To       uint16 `json:"to"`
		Until    string `json:"until,omitempty"`
	}

	journeyAnswer struct {
		Start   string           `json:"start,omitempty"`
		Area    cardlayout.Area  `json:"area"`
		Zones   string           `json:"zones"`
		Persons map[string]uint8 `json:"persons"` // by customer group
		By      string           `json:"by"`
		Minutes uint16           `json:"minutes"`
		Boarded string           `json:"boarded,omitempty"`
		Trip    uint16           `json:"trip"`
	}

	rightAnswer struct {
		Area    cardlayout.Area  `json:"area"`
		Zones   string           `json:"zones"`
		Until   string           `json:"until,omitempty"`
		Persons map[string]uint8 `json:"persons"` // by customer group
	}

	eventIDAnswer struct {
		Device   uint16 `json:"device"`
		Sequence uint32 `json:"sequence"`
	}

	todayAnswer struct {
		Day         string           `json:"day,omitempty"`
		SchoolTrips uint8            `json:"school_trips"`
		SpentCents  cardlayout.Cents `json:"spent_cents"`
	}

	ticketAnswer struct {
		Area       cardlayout.Area  `json:"area"`
		Product    uint16           `json:"product"`
		Group      string           `json:"group,omitempty"`
		PartyGroup string           `json:"party_group,omitempty"`
		Language   uint8            `json:"language,omitempty"`
		PeriodUnit uint8            `json:"period_unit,omitempty"`
		Period     uint8            `json:"period,omitempty"`
		Zones      string           `json:"zones"`
		Sold       string           `json:"sold,omitempty"`
		Hour       uint8            `json:"hour,omitempty"`
		DeviceType uint8            `json:"device_type,omitempty"`
		Device     uint16           `json:"device,omitempty"`
		PriceCents cardlayout.Cents `json:"price_cents"`
		Persons    uint8            `json:"persons"`
		Fixed      bool             `json:"fixed"`
		Start      string           `json:"start,omitempty"`
		End        string           `json:"end,omitempty"`
		Started    bool             `json:"started"`
		Boarding   boardingAnswer   `json:"boarding"`
	}
)

func cardOf(c cardlayout.Card) cardAnswer {
	a := cardAnswer{
		Number: digits(c.Number), Kind: c.Kind.String(), Area: c.Area, Group: c.Group.String(),
		StudentUntil: day(c.StudentUntil), Benefits: c.Benefits, Issued: day(c.Issued),
		ValidUntil: day(c.ValidUntil), Generation: c.Generation,
		TransactionMAC: c.TransactionMAC, Layout: c.Layout, PurseCents: c.Purse,
		FundedCents: c.Funded,
		Seasons:     []seasonAnswer{}, Counter: c.Counter, Blocked: c.Blocked,
		Unblocking: c.Unblocking, ActionCounter: c.ActionCounter,
	}
	if c.Kind == cardlayout.Personal {
		a.Born = c.Birth.String() // day zero is a birthday too
	}
	a.products(&c)
	a.travel(&c)
	return a
}

func (a *cardAnswer) products(c *cardlayout.Card) {
	for n, s := range c.Seasons {
		if s != (cardlayout.Season{}) {
			a.Seasons = append(a.Seasons, seasonAnswer{
				n + 1, s.Area, s.Product,
				s.Zones.String(), day(s.First), day(s.Last), s.Days, s.Price, s.Conditions,
			})
		}
	}
	if l := c.ValueLoad; l != (cardlayout.ValueLoad{}) {
		a.ValueLoad = &loadAnswer{
			At: stamp(l.At), AmountCents: l.Amount,
			Organisation: l.Organisation, Device: l.Device,
		}
	}
	if l := c.SeasonLoad; l != (cardlayout.SeasonLoad{}) {
		a.SeasonLoad = &loadAnswer{
			l.Product, stamp(l.At), l.Days, l.Price, l.Organisation,
			l.Device,
		}
	}
	if c.SeasonBoarding != (cardlayout.Boarding{}) {
		boarding := boardingOf(c.SeasonBoarding)
		a.SeasonBoarding = &boarding
	}
	if s := c.School; s != (cardlayout.School{}) {
		a.School = &schoolAnswer{s.Trips, s.Calendar, s.From, s.To, day(s.Until)}
	}
}

func (a *cardAnswer) travel(c *cardlayout.Card) {
	if j := c.Journey; j != (cardlayout.Journey{}) {
		a.Journey = &journeyAnswer{
			instant(j.Start), j.Area, j.Zones.String(), personsOf(j.Persons),
			j.Source.String(), j.Minutes, instant(j.Boarded), j.Trip,
		}
	}
	if r := c.Former; r != (cardlayout.Right{}) {
		a.Former = &rightAnswer{r.Area, r.Zones.String(), instant(r.Until), personsOf(r.Persons)}
	}
	if c.Last != (cardlayout.EventID{}) {
		a.LastEvent = &eventIDAnswer{c.Last.Device, c.Last.Sequence}
	}
	if t := c.Today; t != (cardlayout.Today{}) {
		a.Today = &todayAnswer{day(t.Day), t.SchoolTrips, t.Spent}
	}
	if t := c.Ticket; t != (cardlayout.Ticket{}) {
		a.Ticket = &ticketAnswer{
			t.Area, t.Product, t.Group.String(), t.PartyGroup.String(),
			t.Language, t.PeriodUnit, t.Period, t.Zones.String(), day(t.SaleDay), t.SaleHour,
			t.DeviceType, t.Device, t.Price, t.Persons, t.SaleStatus, stamp(t.Start),
			stamp(t.End), t.Started, boardingOf(t.Boarding),
		}
	}
}

func boardingOf(b cardlayout.Boarding) boardingAnswer {
	return boardingAnswer{
		stamp(b.At), b.Vehicle, b.Area, b.Direction,
		cardlayout.ZoneRun(b.Zone, b.Zone).String(),
	}
}

func personsOf(p cardlayout.Persons) map[string]uint8 {
	persons := map[string]uint8{}
	for group, n := range p {
		if n > 0 {
			persons[cardlayout.Group(group).String()] = n
		}
	}
	return persons
}
