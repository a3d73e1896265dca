package api

import (
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// Order is a command with whatever makes sure that it is carried out once, in time, and in
// the name of whoever gives it.
type Order struct {
	ID      string    `json:"id"` // 8 to 64 characters, never used for another
	Boot    string    `json:"boot"`
	Expires time.Time `json:"expires"` // at most MaxAhead from now
	Shift   *Shift    `json:"shift,omitempty"`
	Command Command   `json:"command"`
}

// MaxAhead is how long an order may be valid. Until then its id is kept.
const MaxAhead = 2 * time.Minute

// Command is what a driver says. Kind tells which of the others counts.
type Command struct {
	Kind string `json:"kind"`

	SignOn   *SignOn  `json:"sign_on,omitempty"`
	Move     *Place   `json:"move,omitempty"`
	NextTap  *NextTap `json:"next_tap,omitempty"`
	Load     *Loading `json:"load,omitempty"`
	TakeBack string   `json:"take_back,omitempty"` // driver or provider: who asks
	Sell     *Selling `json:"sell,omitempty"`
	Free     *Free    `json:"free,omitempty"`
	Judge    *Judging `json:"judge,omitempty"`
	Mark     *Mark    `json:"mark_error,omitempty"`
	Birth    string   `json:"birth,omitempty"` // 2006-01-02, on the ID that is shown
}

// SignOn begins a shift.
type SignOn struct {
	Shift Shift `json:"shift"`
	Over  bool  `json:"over,omitempty"` // another driver hands over
}

// NextTap changes the next tap; with nothing in it, it takes back what was said.
type NextTap struct {
	Persons map[string]uint8 `json:"persons,omitempty"` // by group; "holder": of the card's
	Zones   string           `json:"zones,omitempty"`
	Lent    bool             `json:"lent,omitempty"` // the bearer's ticket alone counts
	Check   bool             `json:"check,omitempty"`
}

// Loading is a load that is sold in the bus: value, or a season.
type Loading struct {
	Amount      int64    `json:"amount,omitempty"` // cents
	Product     uint16   `json:"product,omitempty"`
	Zones       string   `json:"zones,omitempty"`
	Days        uint16   `json:"days,omitempty"`
	Group       string   `json:"group,omitempty"` // true group that was seen
	Certificate bool     `json:"certificate,omitempty"`
	Funding     *Funding `json:"funding,omitempty"`
}

// Funding is a benefit's or an employer's money.
type Funding struct {
	By       string `json:"by"`                 // employer or benefit
	Share    int64  `json:"share,omitempty"`    // cents; without it, all
	Employer uint32 `json:"employer,omitempty"` // its number, where the area takes its word
	Benefit
}

// Benefit is what the holder's telephone says it has paid.
type Benefit struct {
	Site      uint16    `json:"site,omitempty"`
	Type      string    `json:"type,omitempty"`
	Amount    int64     `json:"paid,omitempty"`
	Reference string    `json:"reference,omitempty"`
	At        time.Time `json:"at,omitzero"`
}

// Selling is single tickets for cash.
type Selling struct {
	Group   string `json:"group"`
	Zones   string `json:"zones,omitempty"`
	Persons uint8  `json:"persons"`
	Printed string `json:"printed,omitempty"` // number on a faulty card
}

// Free lets somebody in without a card.
type Free struct {
	Reason  string `json:"reason"` // devices, card, ticket, veteran or pram
	Persons uint8  `json:"persons"`
	Printed string `json:"printed,omitempty"` // number on a faulty card
	Until   string `json:"until,omitempty"`   // on a paper ticket, 2006-01-02T15:04
	Zones   string `json:"zones,omitempty"`   // on a paper ticket
}

// Judging is what is done about a card in the wrong hands.
type Judging struct {
	InHand
	Card   string `json:"card,omitempty"`  // the number on it
	Group  string `json:"group,omitempty"` // whose single fare is charged
	Charge bool   `json:"charge,omitempty"`
	Take   bool   `json:"take,omitempty"`
}

// Mark marks an event of the card that was looked at, 1 being the newest.
type Mark struct {
	Event int    `json:"event"`
	Said  string `json:"said"`
}

// words of what is wrong; more would be a letter.
const mostSaid = 200

// command is the order as the validator knows it.
func (c *Command) command() (validator.Command, error) {
	switch {
	case c.Kind == "sign_on" && c.SignOn != nil:
		return c.SignOn.command(), nil
	case c.Kind == "move" && c.Move != nil:
		place, err := c.Move.place()
		return validator.Move{Place: place}, err
	case c.Kind == "next_tap" && c.NextTap != nil:
		return c.NextTap.command()
	case c.Kind == "load" && c.Load != nil:
		return c.Load.command()
	case c.Kind == "take_back":
		by, err := oneOf(c.TakeBack, voiders)
		return validator.TakeBack{By: by}, err
	case c.Kind == "sell" && c.Sell != nil:
		return c.Sell.command()
	case c.Kind == "free" && c.Free != nil:
		return c.Free.command()
	case c.Kind == "judge" && c.Judge != nil:
		return c.Judge.command()
	case c.Kind == "mark_error" && c.Mark != nil && len(c.Mark.Said) <= mostSaid:
		return validator.MarkError{Event: c.Mark.Event, Said: c.Mark.Said}, nil
	case c.Kind == "identify":
		day, err := cardlayout.ParseDay(c.Birth)
		return validator.Identify{Birth: day, Matches: new(bool)}, hidden(err)
	}
	if plain, known := plainCommands[c.Kind]; known {
		return plain, nil
	}
	return nil, fmt.Errorf("command %.40q: there is none of this kind, or what belongs to it "+
		"is missing", c.Kind)
}

// answer is what a command that was carried out has filled in.
func answer(c validator.Command) (a Answer) {
	switch c := c.(type) {
	case validator.SignOn:
		a.Shift = shiftOf(*c.Signed)
	case validator.Sell:
		a.Ticket = ticketOf(c.Ticket, c.Persons)
	case validator.Identify:
		a.Matches = c.Matches
	case validator.Judge:
		a.Lines = linesOf(*c.Charged)
		if *c.Held != 0 {
			a.Held = c.Held.String()
		}
	}
	return a
}

var plainCommands = map[string]validator.Command{
	"sign_off": validator.SignOff{},
	"pause":    validator.Pause{},
	"resume":   validator.Resume{},
}

// hidden keeps a birth date out of the error about it.
func hidden(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("a birth date: want a day such as 1990-12-31")
}

func (s *SignOn) command() validator.Command {
	return validator.SignOn{Shift: s.Shift.shift(), Over: s.Over, Signed: new(validator.Shift)}
}

// shift is nobody's where there is none.
func (s *Shift) shift() validator.Shift {
	if s == nil {
		return validator.Shift{}
	}
	return validator.Shift{Driver: s.Driver,
		Begun: cardlayout.EventID{Device: s.Device, Sequence: s.Number}}
}

func (n *NextTap) command() (validator.Command, error) {
	next := validator.NextTap{Lent: n.Lent, Check: n.Check}
	for name, count := range n.Persons {
		group := cardlayout.Group(0)
		if name != "holder" {
			var err error
			if group, err = cardlayout.ParseGroup(name); err != nil {
				return nil, err
			}
		}
		next.Persons[group] = count
	}
	var err error
	next.Zones, err = zonesOf(n.Zones)
	return next, err
}

func (l *Loading) command() (validator.Command, error) {
	if err := l.inRange(); err != nil {
		return nil, err
	}
	load := validator.Load{Amount: cardlayout.Cents(l.Amount),
		Season:   fare.SeasonOrder{Product: l.Product, Days: l.Days},
		Customer: fare.Customer{Certificate: l.Certificate}}
	var err error
	if load.Season.Zones, err = zonesOf(l.Zones); err != nil {
		return nil, err
	}
	if l.Group != "" {
		if load.Customer.Group, err = cardlayout.ParseGroup(l.Group); err != nil {
			return nil, err
		}
	}
	if f := l.Funding; f != nil {
		load.Funding = fare.Funding{Share: cardlayout.Cents(f.Share),
			Employer: f.Employer, Payment: fare.Payment{
				Site: f.Site, Type: f.Type, Amount: cardlayout.Cents(f.Amount),
				Reference: f.Reference, At: f.At}}
		load.Funding.By, err = oneOf(f.By, funders)
	}
	return load, err
}

// inRange tells whether the amounts are some that a card could hold.
func (l *Loading) inRange() error {
	amounts := []int64{l.Amount}
	if l.Funding != nil {
		amounts = append(amounts, l.Funding.Share, l.Funding.Amount)
	}
	for _, cents := range amounts {
		if cents < 0 || cents > int64(cardlayout.MaxPurse) {
			return fmt.Errorf("an amount of %d cents: want 0 to %d", cents, cardlayout.MaxPurse)
		}
	}
	return nil
}

func (s *Selling) command() (validator.Command, error) {
	group, err := cardlayout.ParseGroup(s.Group)
	if err != nil {
		return nil, err
	}
	sell := validator.Sell{Group: group, Persons: s.Persons, Ticket: new(fare.SingleTicket)}
	if s.Printed != "" {
		if sell.Printed, err = numberOf(s.Printed); err != nil {
			return nil, err
		}
	}
	sell.Zones, err = zonesOf(s.Zones)
	return sell, err
}

func (f *Free) command() (validator.Command, error) {
	free := validator.Free{Persons: f.Persons}
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
			return nil, err
		}
	}
	free.Paper.Zones, err = zonesOf(f.Zones)
	return free, err
}

func (j *Judging) command() (validator.Command, error) {
	judge := validator.Judge{Charge: j.Charge, Take: j.Take, Held: new(cardlayout.Day),
		Charged: new(fare.Lines)}
	var err error
	if judge.Use, err = j.InHand.use(); err != nil {
		return nil, err
	}
	if j.Card != "" {
		if judge.Card, err = numberOf(j.Card); err != nil {
			return nil, err
		}
	}
	if j.Group != "" {
		judge.Group, err = cardlayout.ParseGroup(j.Group)
	}
	return judge, err
}

func (u *InHand) use() (use fare.Use, err error) {
	use = fare.Use{Other: u.Other, Personal: u.Personal, ByInspector: u.Inspector,
		AtLeastFeeAge: u.OldEnough}
	if use.Kind, err = oneOf(u.Kind, kinds); err == nil {
		use.Age, err = oneOf(u.Age, ages)
	}
	return use, err
}

var (
	voiders = map[string]fare.Voider{"driver": fare.Driver, "provider": fare.Provider}
	funders = map[string]fare.Funder{"employer": fare.Employer, "benefit": fare.Benefit}
	kinds   = map[string]cardlayout.Kind{"personal": cardlayout.Personal,
		"bearer": cardlayout.Bearer, "company": cardlayout.Company}
	ages = map[string]fare.AgeRelation{"equal": fare.EqualGroup, "lower": fare.LowerGroup,
		"upper": fare.UpperGroup}
	freeReasons = map[string]fare.Reason{"devices": fare.FreeDevices, "card": fare.FreeCard,
		"ticket": fare.FreeTicket, "veteran": fare.FreeVeteran, "pram": fare.FreePram}
)

// oneOf finds a word.
func oneOf[V any](word string, words map[string]V) (V, error) {
	v, known := words[word]
	if !known {
		return v, fmt.Errorf("%.40q is not a word that is known here", word)
	}
	return v, nil
}

// numberOf reads a card's number. Its error does not repeat it.
func numberOf(text string) (cardlayout.Number, error) {
	number, err := cardlayout.ParseNumber(text)
	if err != nil {
		return 0, fmt.Errorf("the number on the card is mistyped: read it again")
	}
	return number, nil
}

func zonesOf(text string) (cardlayout.Zones, error) {
	if text == "" {
		return 0, nil
	}
	return cardlayout.ParseZones(text)
}

func (p *Place) place() (validator.Place, error) {
	place := validator.Place{Line: p.Line, Stop: p.Stop, Vehicle: p.Vehicle,
		Direction: p.Direction, Trip: p.Trip}
	if len(p.Line) > 40 || len(p.Stop) > 100 {
		return place, fmt.Errorf("a line has 40 characters at most, and a stop's name 100")
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
		return place, fmt.Errorf("a stop is in one zone: want a letter from A to J")
	}
	place.Zone, place.NextZone = zone.First(), next.First()
	if p.Zones != "" && p.Zones != p.Zone {
		place.Zones, err = cardlayout.ParseZones(p.Zones)
	}
	return place, err
}
