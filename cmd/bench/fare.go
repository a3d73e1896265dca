package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
	"leima/validator/messages"
	"leima/validator/sim"
)

// fareCommand prices a trip.
type fareCommand struct {
	Card string `arg:"" default:"purse 100.00" help:"The card, in parts as issue reads."`

	Tariff   string `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	At       string `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Zones    string `default:"A" help:"The zones of the trip, the first of them where it begins."`
	Next     string `placeholder:"ZONE" help:"The next stop's zone, where the bus is between two."`
	Trip     uint16 `default:"1" help:"The vehicle trip."`
	Driver   string `placeholder:"WORDS" help:"What the driver has said: '2 adult 1 child', lent."`
	Explain  bool   `help:"Say why, by the rules of travel."`
	Language string `enum:"fi,sv,en" default:"en" help:"Of the explanation: fi, sv or en."`
	JSON     bool   `name:"json" help:"Write JSON."`
}

func (*fareCommand) examples() string {
	return `
bench fare --tariff mikkeli.toml --zones A-B --explain
bench fare "group child, purse 5.00" --tariff mikkeli.toml --explain --language fi`
}

func (*fareCommand) Help() string {
	return `Decides about a trip that is described, as a validator would about a card, and prints
what it comes to, what becomes of the card, and with --explain the rules of travel that
decided, and what of the price or of them is not published but assumed, and why. A card of
which only a part is told is an adult's bearer card of the area.

Exit code 1 means that the card is refused. The JSON has the fields accepted, reason,
charge_cents, persons, source, product, zones, until, rules (each with id and words),
details (what in the price list it rests on, each with rule, what, name and amount_cents),
assumed (what of it is not published, each with path, line and the reason),
and the card before and after as inspect writes it.`
}

// A fareAnswer is a decision as JSON.
type fareAnswer struct {
	Accepted bool             `json:"accepted"`
	Reason   string           `json:"reason"`
	Charge   cardlayout.Cents `json:"charge_cents"`
	Paid     cardlayout.Cents `json:"fare_cents"`
	Persons  uint8            `json:"persons,omitempty"`
	Source   string           `json:"source,omitempty"`
	Product  uint16           `json:"product,omitempty"`
	Zones    string           `json:"zones,omitempty"`
	Until    string           `json:"until,omitempty"`
	Rules    []ruleAnswer     `json:"rules"`
	Details  []detailAnswer   `json:"details"`
	Assumed  []groundAnswer   `json:"assumed,omitempty"`
	Before   cardAnswer       `json:"before"`
	After    cardAnswer       `json:"after"`
}

type ruleAnswer struct {
	ID    string `json:"id"`
	Words string `json:"words"`
}

type detailAnswer struct {
	Rule   string           `json:"rule"`
	What   string           `json:"what"`
	Name   string           `json:"name,omitempty"`
	Amount cardlayout.Cents `json:"amount_cents"`
}

// detailText is a detail such as "The price at this time: Seniori 9–14 1.05".
func detailText(d fare.Detail, language messages.Language) string {
	text := language.Term("detail", d.Kind) + ":"
	if d.Name != "" {
		text += " " + d.Name
	}
	return text + " " + d.Amount.String()
}

func (c *fareCommand) Run(ctx context.Context, b *bench) error {
	t, at, source, err := pricesFrom(ctx, b, c.Tariff, c.At)
	if err != nil {
		return err
	}
	card := cardlayout.Card{Area: t.Area, Kind: cardlayout.Bearer, Group: cardlayout.Adult}
	tap := fare.Tap{At: at, Trip: c.Trip}
	if err := c.describe(&card, &tap); err != nil {
		return mistake(err)
	}
	d, details := fare.Decide(card, tap, t), fare.Details(card, tap, t)
	assumed, err := tariff.Assumptions(source, t, &d, details)
	switch {
	case err != nil:
	case c.JSON:
		err = b.json(c.answer(card, d, details, assumed))
	default:
		c.tell(b, card, d, details, assumed)
	}
	if err == nil && !d.Accept() {
		return refusal(errReported)
	}
	return err
}

// describe parses the card and the circumstances.
func (c *fareCommand) describe(card *cardlayout.Card, tap *fare.Tap) (err error) {
	if err := card.ParseCard(c.Card); err != nil {
		return fmt.Errorf("the card: %w", err)
	}
	if tap.Zones, err = cardlayout.ParseZones(c.Zones); err != nil || tap.Zones == 0 {
		return fmt.Errorf("--zones %q: want a letter A to J or a run such as B-D", c.Zones)
	}
	tap.Zone = tap.Zones.First()
	if c.Next != "" {
		next, err := cardlayout.ParseZones(c.Next)
		if err != nil || next.Count() != 1 {
			return fmt.Errorf("--next %q: want a letter A to J", c.Next)
		}
		tap.Also = cardlayout.ZonesOf(next.First())
	}
	if c.Driver == "" {
		return nil
	}
	words := strings.Fields(c.Driver)
	if n := slices.Index(words, "lent"); n >= 0 {
		words, tap.Lent = slices.Delete(words, n, n+1), true
		if len(words) == 0 {
			return nil
		}
	}
	said, err := sim.ParseOrder(words)
	if err != nil {
		return fmt.Errorf("--driver: %w", err)
	}
	tap.Persons, tap.Chosen = said.Persons, said.Zones
	return nil
}

func (c *fareCommand) tell(b *bench, card cardlayout.Card, d fare.Decision,
	details []fare.Detail, assumed []tariff.Ground,
) {
	language := messages.Language(c.Language)
	b.say("%s: %v", language.Term("reason", d.Reason), d.Paid)
	if d.Accept() {
		b.say("zones %v, persons %d, %v", d.Zones, d.Persons, d.Source)
		if s := stamp(d.Until); s != "" {
			b.say("until %s", s)
		}
	}
	if c.Explain {
		for _, rule := range d.Rules() {
			b.say("  %v  %s", rule, language.Term("rule", rule))
		}
		for _, detail := range details {
			b.say("  %v  %s", detail.Rule, detailText(detail, language))
		}
		for _, g := range assumed {
			b.say("  %s  %s: %s", language.Text("rule.assumed"), g.Path, g.Assumed)
		}
	}
	for _, line := range changes(card, d.After) {
		b.say("%s", line)
	}
}

func (c *fareCommand) answer(card cardlayout.Card, d fare.Decision,
	details []fare.Detail, assumed []tariff.Ground,
) fareAnswer {
	a := fareAnswer{
		Accepted: d.Accept(), Reason: d.Reason.String(), Charge: d.Charge, Paid: d.Paid,
		Persons: d.Persons, Product: d.Product, Until: stamp(d.Until), Rules: []ruleAnswer{},
		Details: []detailAnswer{}, Assumed: groundAnswers(assumed),
		Before: cardOf(card), After: cardOf(d.After),
	}
	if d.Source != cardlayout.NoSource {
		a.Source = d.Source.String()
	}
	if d.Zones != 0 {
		a.Zones = d.Zones.String()
	}
	for _, rule := range d.Rules() {
		a.Rules = append(a.Rules, ruleAnswer{
			rule.String(),
			messages.Language(c.Language).Term("rule", rule),
		})
	}
	for _, detail := range details {
		a.Details = append(a.Details, detailAnswer{
			detail.Rule.String(),
			messages.Language(c.Language).Term("detail", detail.Kind), detail.Name, detail.Amount,
		})
	}
	return a
}
