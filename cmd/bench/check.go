package main

import (
	"context"
	"fmt"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator/servicepoint"
)

// checkCommand checks a card as an inspector does.
type checkCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Tariff string `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	Zone   string `required:"" placeholder:"LETTER" help:"The zone of the stop."`
	Line   string `help:"The line; for the answer alone."`
	Stop   string `help:"The stop; for the answer alone."`
	Trip   uint16 `placeholder:"N" help:"The departure; else stamping is not checked."`

	Vehicle   uint16  `placeholder:"N" help:"The vehicle; else the departure's number decides."`
	Direction uint8   `placeholder:"N" help:"Of the vehicle: 0 or 1."`
	At        string  `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Keys      keyPath `placeholder:"FILE" help:"Key file; else the test keys."`
	JSON      bool    `name:"json" help:"Write JSON."`
}

func (*checkCommand) examples() string {
	return `bench check ride.img --zone A --trip 2 --at "2026-03-02 10:30" --tariff mikkeli.toml`
}

func (*checkCommand) Help() string {
	return `Says what an inspector on board wants to know: whether those who travel on the card
have a right to, with which product, how many persons, until when, and why. It writes
nothing to the card and knows no block list. Exit code 1 means that they have none.

A passenger who boarded in time travels to the end of the trip, within the zones that were paid.

The JSON has the fields valid, finding, rules, line, stop, zone, at, trip, and where the
card holds a right source, product, zones, persons (by group), boarded and until.`
}

// A verdictAnswer is the verdict as JSON.
type verdictAnswer struct {
	Valid   bool             `json:"valid"`
	Finding string           `json:"finding"`
	Rules   []string         `json:"rules"`
	Line    string           `json:"line,omitempty"`
	Stop    string           `json:"stop,omitempty"`
	Zone    string           `json:"zone"`
	At      string           `json:"at"`
	Trip    uint16           `json:"trip,omitempty"`
	Source  string           `json:"source,omitempty"`
	Product uint16           `json:"product,omitempty"`
	Zones   string           `json:"zones,omitempty"`
	Persons map[string]uint8 `json:"persons,omitempty"`
	Boarded string           `json:"boarded,omitempty"`
	Until   string           `json:"until,omitempty"`
}

func (c *checkCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := pricesAt(ctx, b, c.Tariff, c.At)
	if err != nil {
		return err
	}
	zone, err := cardlayout.ParseZones(c.Zone)
	if err != nil || zone.Count() != 1 {
		return mistake(fmt.Errorf("--zone %q: want a letter from A to J", c.Zone))
	}
	contents, err := c.read(ctx, b)
	if err != nil {
		return err
	}
	tap := fare.Tap{
		At: at, Vehicle: c.Vehicle, Direction: c.Direction, Trip: c.Trip,
		Zone: zone.First(), Zones: zone, LastBoarding: contents.Card.Ticket.Boarding,
	}
	verdict := fare.Check(contents.Card, tap, t)
	if c.JSON {
		err = b.json(c.answer(verdict, t.Local(at)))
	} else {
		c.tell(b, verdict, t.Local(at))
	}
	if err == nil && !verdict.Valid() {
		return refusal(errReported)
	}
	return err
}

// read reads the card, without its holder.
func (c *checkCommand) read(ctx context.Context, b *bench) (servicepoint.Contents, error) {
	slot, keys, err := b.card(c.Card, c.Keys)
	if err != nil {
		return servicepoint.Contents{}, err
	}
	defer slot.close()
	keys.Holder = nil
	return slot.inspect(ctx, keys)
}

// findingTexts are the findings in the words of an inspection.
var findingTexts = map[fare.Finding]string{
	fare.CardBlocked: "no: the card is blocked",
	fare.CardExpired: "no: the card is past its last day",
	fare.Travels:     "yes",
	fare.NotStamped:  "no: a right is in force, and was not stamped on boarding this trip",
	fare.LeftZones:   "no: what was paid is not for this zone",
	fare.RightEnded:  "no: the right has ended",
	fare.NoRight:     "no: nothing on the card was paid for here",
}

func (c *checkCommand) tell(b *bench, v fare.Verdict, at cardlayout.Stamp) {
	b.say("valid    %s", findingTexts[v.Finding])
	if v.Source != cardlayout.NoSource {
		b.say("product  %v %d, zones %v", v.Source, v.Product, v.Zones)
		b.say("persons  %s", personsText(v.Persons))
	}
	if s := stamp(v.Boarded); s != "" {
		b.say("boarded  %s", s)
	}
	if s := stamp(v.Until); s != "" {
		b.say("until    %s", s)
	}
	b.say("where    line %s, stop %s, zone %s, %v", orNone(c.Line), orNone(c.Stop), c.Zone, at)
	b.say("rules    %s", orNone(rulesText(v.Why)))
}

func (c *checkCommand) answer(v fare.Verdict, at cardlayout.Stamp) verdictAnswer {
	a := verdictAnswer{
		Valid: v.Valid(), Finding: v.Finding.String(), Rules: []string{},
		Line: c.Line, Stop: c.Stop, Zone: c.Zone, At: at.String(), Trip: c.Trip,
		Boarded: stamp(v.Boarded), Until: stamp(v.Until),
	}
	for _, rule := range v.Why {
		a.Rules = append(a.Rules, rule.String())
	}
	if v.Source == cardlayout.NoSource {
		return a
	}
	a.Source, a.Product, a.Zones = v.Source.String(), v.Product, v.Zones.String()
	a.Persons = personsOf(v.Persons)
	return a
}

func rulesText(rules []fare.RuleID) (text string) {
	for n, rule := range rules {
		if n > 0 {
			text += " "
		}
		text += rule.String()
	}
	return text
}

func personsText(persons cardlayout.Persons) (text string) {
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if n := persons[group]; n > 0 {
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("%d %v", n, group)
		}
	}
	return orNone(text)
}
