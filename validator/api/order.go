package api

import (
	"slices"
	"time"

	"leima/cardlayout"
	"leima/cardlayout/plain"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/terminal"
)

// Order is a command with the means to carry it out once, in time, and in the name of its giver.
type Order struct {
	ID      string    `json:"id"` // 8 to 64 characters, for this order only
	Boot    string    `json:"boot"`
	Expires time.Time `json:"expires"` // at most MaxAhead from now
	Shift   *Shift    `json:"shift,omitempty"`
	Command Command   `json:"command"`
}

// MaxAhead is the longest validity of an order, for which its id is remembered.
const MaxAhead = 2 * time.Minute

// Command is a driver's command. Kind tells which of the fields counts.
type Command struct {
	Kind string `json:"kind"`

	SignOn   *SignOn       `json:"sign_on,omitempty"`
	Move     *Place        `json:"move,omitempty"`
	NextTap  *NextTap      `json:"next_tap,omitempty"`
	Load     *LoadOrder    `json:"load,omitempty"`
	TakeBack string        `json:"take_back,omitempty"` // by driver or provider
	Sell     *TicketSale   `json:"sell,omitempty"`
	Free     *Free         `json:"free,omitempty"`
	Misuse   *MisuseReport `json:"judge,omitempty"`
	Mark     *Mark         `json:"mark_error,omitempty"`
	Birth    string        `json:"birth,omitempty"` // 2006-01-02, on the ID that is shown
}

// SignOn begins a shift.
type SignOn struct {
	Shift    Shift `json:"shift"`
	TakeOver bool  `json:"over,omitempty"` // another driver hands over
}

// NextTap changes the next tap; if it is empty, it cancels the earlier one.
type NextTap struct {
	Persons map[string]uint8 `json:"persons,omitempty"` // by group; "holder": of the card's
	Zones   string           `json:"zones,omitempty"`
	Lent    bool             `json:"lent,omitempty"` // only a bearer's ticket counts
	Check   bool             `json:"check,omitempty"`
}

// LoadOrder is a load sold on the bus: value, or a season.
type LoadOrder struct {
	Amount      int64    `json:"amount,omitempty"` // cents
	Product     uint16   `json:"product,omitempty"`
	Zones       string   `json:"zones,omitempty"`
	Days        uint16   `json:"days,omitempty"`
	Group       string   `json:"group,omitempty"` // true group, as seen
	Certificate bool     `json:"certificate,omitempty"`
	Funding     *Funding `json:"funding,omitempty"`
}

// Funding is a benefit's or an employer's money.
type Funding struct {
	By       string `json:"by"`                 // employer or benefit
	Share    int64  `json:"share,omitempty"`    // cents; without it, all
	Employer uint32 `json:"employer,omitempty"` // its number, if the area accepts its orders
	Benefit
}

// Benefit is a payment shown on the holder's telephone.
type Benefit struct {
	Site      uint16    `json:"site,omitempty"`
	Type      string    `json:"type,omitempty"`
	Amount    int64     `json:"paid,omitempty"`
	Reference string    `json:"reference,omitempty"`
	At        time.Time `json:"at,omitzero"`
}

// TicketSale is a sale of single tickets for cash.
type TicketSale struct {
	Group   string `json:"group"`
	Zones   string `json:"zones,omitempty"`
	Persons uint8  `json:"persons"`
	Printed string `json:"printed,omitempty"` // number on a faulty card
}

// Free lets persons in without a card.
type Free struct {
	Reason  string `json:"reason"` // devices, card, ticket, veteran or pram
	Persons uint8  `json:"persons"`
	Printed string `json:"printed,omitempty"` // number on a faulty card
	Until   string `json:"until,omitempty"`   // on a paper ticket, 2006-01-02T15:04
	Zones   string `json:"zones,omitempty"`   // on a paper ticket
}

// MisuseReport reports a card in the wrong hands and what the driver does about it.
type MisuseReport struct {
	CardUse
	Card       string `json:"card,omitempty"`  // the number on it
	Group      string `json:"group,omitempty"` // by which a single fare is charged
	Charge     bool   `json:"charge,omitempty"`
	Confiscate bool   `json:"take,omitempty"`
}

// Mark marks an event of the card of the last look as wrong; the newest is 1.
type Mark struct {
	Event int    `json:"event"`
	Said  string `json:"said"`
}

// maxMark is the longest text of a Mark, in bytes.
const maxMark = 200

// command is the validator's command. Its texts are shown to people.
func (c *Command) command() (terminal.Command, error) {
	if err := plain.Strings(c); err != nil {
		return nil, fare.Say("a text cannot be shown: %v", err)
	}
	if slices.ContainsFunc(c.free(), cardlayout.HasNumber) {
		return nil, errNumber
	}
	switch {
	case c.Kind == "sign_on" && c.SignOn != nil:
		return c.SignOn.command(), nil
	case c.Kind == "move" && c.Move != nil:
		place, err := c.Move.place()
		return terminal.Move{Place: place}, err
	case c.Kind == "next_tap" && c.NextTap != nil:
		return c.NextTap.command()
	case c.Kind == "load" && c.Load != nil:
		return c.Load.command()
	case c.Kind == "take_back":
		by, err := oneOf(c.TakeBack, voiders)
		return terminal.TakeBack{By: by}, err
	case c.Kind == "sell" && c.Sell != nil:
		return c.Sell.command()
	case c.Kind == "free" && c.Free != nil:
		return c.Free.command()
	case c.Kind == "judge" && c.Misuse != nil:
		return c.Misuse.command()
	case c.Kind == "mark_error" && c.Mark != nil && len(c.Mark.Said) <= maxMark:
		return terminal.MarkError{Event: c.Mark.Event, Said: c.Mark.Said}, nil
	case c.Kind == "identify":
		day, err := cardlayout.ParseDay(c.Birth)
		return terminal.Identify{Birth: day}, birthError(err)
	}
	if plain, known := plainCommands[c.Kind]; known {
		return plain, nil
	}
	return nil, fare.Say("command %.40q: there is none of this kind, or what belongs to it "+
		"is missing", c.Kind)
}

// answer is the answer to a command that was carried out.
func answer(c terminal.Command, r terminal.Result) Answer {
	a := Answer{Shift: shiftOf(r.Shift), Matches: r.Matches, Lines: linesOf(r.Charged)}
	if sell, is := c.(terminal.Sell); is {
		a.Ticket = ticketOf(r.Ticket, sell.Persons)
	}
	if r.Held != 0 {
		a.Deadline = r.Held.String()
	}
	return a
}

var plainCommands = map[string]terminal.Command{
	"sign_off": terminal.SignOff{},
	"pause":    terminal.Pause{},
	"resume":   terminal.Resume{},
}

// birthError keeps a birth date out of the error about it.
func birthError(err error) error {
	if err == nil {
		return nil
	}
	return fare.Say("a birth date: want a day such as 1990-12-31")
}

func (s *SignOn) command() terminal.Command {
	return terminal.SignOn{Shift: s.Shift.shift(), TakeOver: s.TakeOver}
}

// shift is the validator's shift; zero if there is none.
func (s *Shift) shift() validator.Shift {
	if s == nil {
		return validator.Shift{}
	}
	return validator.Shift{
		Driver: s.Driver,
		Begun:  cardlayout.EventID{Device: s.Device, Sequence: s.Number},
	}
}

func (n *NextTap) command() (terminal.Command, error) {
	next := terminal.NextTap{Party: validator.Party{Lent: n.Lent}, Check: n.Check}
	for name, count := range n.Persons {
		group := cardlayout.Group(0)
		if name != "holder" {
			var err error
			if group, err = groupOf(name); err != nil {
				return nil, err
			}
		}
		next.Persons[group] = count
	}
	var err error
	next.Zones, err = zonesOf(n.Zones)
	return next, err
}

func (l *LoadOrder) command() (terminal.Command, error) {
	if err := l.inRange(); err != nil {
		return nil, err
	}
	load := terminal.Load{
		Amount:   cardlayout.Cents(l.Amount),
		Season:   sale.SeasonOrder{Product: l.Product, Days: l.Days},
		Customer: sale.Customer{Certificate: l.Certificate},
	}
	var err error
	if load.Season.Zones, err = zonesOf(l.Zones); err != nil {
		return nil, err
	}
	if l.Group != "" {
		if load.Customer.Group, err = groupOf(l.Group); err != nil {
			return nil, err
		}
	}
	if f := l.Funding; f != nil {
		load.Funding = sale.Funding{
			Share:    cardlayout.Cents(f.Share),
			Employer: f.Employer, Payment: sale.Payment{
				Site: f.Site, Type: f.Type, Amount: cardlayout.Cents(f.Amount),
				Reference: f.Reference, At: f.At,
			},
		}
		load.Funding.By, err = oneOf(f.By, funders)
	}
	return load, err
}

// inRange refuses amounts that no card can hold.
func (l *LoadOrder) inRange() error {
	amounts := []int64{l.Amount}
	if l.Funding != nil {
		amounts = append(amounts, l.Funding.Share, l.Funding.Amount)
	}
	for _, cents := range amounts {
		if cents < 0 || cents > int64(cardlayout.MaxPurse) {
			return fare.Say("an amount of %d cents: want 0 to %d", cents, cardlayout.MaxPurse)
		}
	}
	return nil
}

func (s *TicketSale) command() (terminal.Command, error) {
	group, err := groupOf(s.Group)
	if err != nil {
		return nil, err
	}
	sell := terminal.Sell{Group: group, Persons: s.Persons}
	if s.Printed != "" {
		if sell.Printed, err = numberOf(s.Printed); err != nil {
			return nil, err
		}
	}
	sell.Zones, err = zonesOf(s.Zones)
	return sell, err
}

func (f *Free) command() (terminal.Command, error) {
	free := terminal.Free{Persons: f.Persons}
	var err error
	if free.Reason, err = oneOf(f.Reason, freeReasons); err != nil {
		return nil, err
	}
	if f.Printed != "" {
		if free.Printed, err = numberOf(f.Printed); err != nil {
			return nil, err
		}
	}
	if f.Until != "" {
		if free.Paper.Until, err = cardlayout.ParseStamp(f.Until); err != nil {
			return nil, fare.Say("time %.20q: want for example 2026-03-02T08:15", f.Until)
		}
	}
	free.Paper.Zones, err = zonesOf(f.Zones)
	return free, err
}

func (m *MisuseReport) command() (terminal.Command, error) {
	report := terminal.ReportMisuse{Charge: m.Charge, Confiscate: m.Confiscate}
	var err error
	if report.Use, err = m.CardUse.cardUse(); err != nil {
		return nil, err
	}
	if m.Card != "" {
		if report.Card, err = numberOf(m.Card); err != nil {
			return nil, err
		}
	}
	if m.Group != "" {
		report.Group, err = groupOf(m.Group)
	}
	return report, err
}

func (u *CardUse) cardUse() (use sale.CardUse, err error) {
	use = sale.CardUse{
		Other: u.Other, Personal: u.Personal, ByInspector: u.Inspector,
		AtLeastFeeAge: u.OldEnough,
	}
	if use.Kind, err = oneOf(u.Kind, kinds); err == nil {
		use.Age, err = oneOf(u.Age, ages)
	}
	return use, err
}

var (
	voiders = map[string]sale.Voider{"driver": sale.Driver, "provider": sale.Provider}
	funders = map[string]sale.Funder{"employer": sale.Employer, "benefit": sale.Benefit}
	kinds   = map[string]cardlayout.Kind{
		"personal": cardlayout.Personal,
		"bearer":   cardlayout.Bearer, "company": cardlayout.Company,
	}
	ages = map[string]sale.AgeRelation{
		"equal": sale.EqualGroup, "lower": sale.LowerGroup,
		"upper": sale.UpperGroup,
	}
	freeReasons = map[string]fare.Reason{
		"devices": fare.FreeDevices, "card": fare.FreeCard,
		"ticket": fare.FreeTicket, "veteran": fare.FreeVeteran, "pram": fare.FreePram,
	}
)

// oneOf finds the value of a word.
func oneOf[V any](word string, words map[string]V) (V, error) {
	v, known := words[word]
	if !known {
		return v, fare.Say("%.40q is not a word that is known here", word)
	}
	return v, nil
}

// numberOf reads a card's number. Its error does not repeat it.
func numberOf(text string) (cardlayout.Number, error) {
	number, err := cardlayout.ParseNumber(text)
	if err != nil {
		return 0, fare.Say("the number on the card is mistyped: read it again")
	}
	return number, nil
}

func groupOf(name string) (cardlayout.Group, error) {
	group, err := cardlayout.ParseGroup(name)
	if err != nil {
		err = fare.Say("%.40q is not a word that is known here", name)
	}
	return group, err
}

func zonesOf(text string) (cardlayout.Zones, error) {
	if text == "" {
		return 0, nil
	}
	zones, err := cardlayout.ParseZones(text)
	if err != nil {
		err = fare.Say("zones %.10q: want a letter A to J or a run such as B-D", text)
	}
	return zones, err
}

func (p *Place) place() (validator.Place, error) {
	place := validator.Place{
		Line: p.Line, Stop: p.Stop, Vehicle: p.Vehicle,
		Direction: p.Direction, Trip: p.Trip,
	}
	if len(p.Line) > 40 || len(p.Stop) > 100 {
		return place, fare.Say("a line has 40 characters at most, and a stop's name 100")
	}
	zone, err := zonesOf(p.Zone)
	if err != nil {
		return place, err
	}
	next, err := zonesOf(p.NextZone)
	if err != nil {
		return place, err
	}
	if zone.Count() != 1 || next.Count() > 1 {
		return place, fare.Say("a stop is in one zone: want a letter from A to J")
	}
	place.Zone, place.NextZone = zone.First(), next.First()
	if p.Zones != "" && p.Zones != p.Zone {
		place.Zones, err = zonesOf(p.Zones)
	}
	return place, err
}
