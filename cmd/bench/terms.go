package main

import (
	"context"
	"errors"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// termsCommand computes an area's terms on a day.
type termsCommand struct {
	Tariff string `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	At     string `placeholder:"TIME" help:"When it is asked: '2026-03-02 08:00', local; else now."`

	Issued string `placeholder:"DAY" help:"When a card is issued: how long it lasts."`
	Ended  string `placeholder:"DAY" help:"When a customer left: how long the data is kept."`
	Kind   string `enum:"personal,bearer,company" default:"personal" help:"Whose use is told."`
	Proof  string `enum:"identity,card,none" default:"none" help:"What was shown to be told it."`
	Travel string `placeholder:"AMOUNT" help:"What journeys cost that the provider has caused."`
	Group  string `default:"adult" help:"Of the traveller."`
	Zones  string `default:"A" help:"Of the journeys."`
	JSON   bool   `name:"json" help:"Write JSON."`
}

func (*termsCommand) examples() string {
	return `bench terms --issued 2026-03-02 --ended 2025-02-01 --tariff terms.toml`
}

func (*termsCommand) Help() string {
	return `Computes days and amounts by an area's terms, for the register: until when a card may be
used and its value moved; until when a customer's data is kept, and whether it must be
deleted; from when on a card's use is reported to whom; and what is paid for journeys that the
provider's error has caused. Exit code 1 means that nothing is reported or paid,
and says why.

The JSON has the fields card_until, value_until, kept_until, erase, history_from and
travel_cents, each only where it was asked for.`
}

// A termsAnswer is the result.
type termsAnswer struct {
	CardUntil   string           `json:"card_until,omitempty"`
	ValueUntil  string           `json:"value_until,omitempty"`
	KeptUntil   string           `json:"kept_until,omitempty"`
	Erase       bool             `json:"erase,omitempty"`
	HistoryFrom string           `json:"history_from,omitempty"`
	Travel      cardlayout.Cents `json:"travel_cents,omitempty"`
}

func (c *termsCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := pricesAt(ctx, b, c.Tariff, c.At)
	if err != nil {
		return err
	}
	var a termsAnswer
	today := t.ServiceDay(at)
	if err := errors.Join(c.lifetime(&a, t), c.retention(&a, today, t)); err != nil {
		return mistake(err)
	}
	if err := c.history(&a, today, t); err != nil {
		return refusal(err)
	}
	if err := c.travel(&a, t); err != nil {
		return err
	}
	if c.JSON {
		return b.json(a)
	}
	for _, line := range []struct{ what, text string }{
		{"card may be used until", a.CardUntil},
		{"value may be moved until", a.ValueUntil},
		{"data is kept until", a.KeptUntil},
		{"use is told from", a.HistoryFrom},
	} {
		if line.text != "" {
			b.say("%-25s %s", line.what, line.text)
		}
	}
	if c.Issued != "" && a.CardUntil == "" {
		b.say("the terms give no end of a card (R-032)")
	}
	if a.Erase {
		b.say("the data must be gone (R-175)")
	}
	if a.Travel != 0 {
		b.say("%-25s %v", "paid of the journeys", a.Travel)
	}
	return nil
}

func (c *termsCommand) lifetime(a *termsAnswer, t *fare.Tariff) error {
	if c.Issued == "" {
		return nil
	}
	issued, err := cardlayout.ParseDay(c.Issued)
	if until := sale.ValidUntil(issued, t); err == nil && until != 0 {
		a.CardUntil = until.String()
		a.ValueUntil = t.Terms.Lifetime.Residual.After(until).String()
	}
	return err
}

func (c *termsCommand) retention(a *termsAnswer, today cardlayout.Day, t *fare.Tariff) error {
	if c.Ended == "" {
		return nil
	}
	ended, err := cardlayout.ParseDay(c.Ended)
	if err == nil {
		a.KeptUntil, a.Erase = sale.KeptUntil(ended, t).String(), sale.Erase(ended, today, t)
	}
	return err
}

func (c *termsCommand) history(a *termsAnswer, today cardlayout.Day, t *fare.Tariff) error {
	if c.Proof == "none" && c.Issued+c.Ended+c.Travel != "" {
		return nil // another term was requested
	}
	kind := map[string]cardlayout.Kind{
		"personal": cardlayout.Personal,
		"bearer":   cardlayout.Bearer, "company": cardlayout.Company,
	}[c.Kind]
	from, err := sale.HistoryFrom(kind,
		sale.Proof{Identity: c.Proof == "identity", Card: c.Proof == "card"}, today, t)
	if err == nil {
		a.HistoryFrom = from.String()
	}
	return err
}

func (c *termsCommand) travel(a *termsAnswer, t *fare.Tariff) error {
	if c.Travel == "" {
		return nil
	}
	claimed, bad := cardlayout.ParseCents(c.Travel)
	group, badGroup := cardlayout.ParseGroup(c.Group)
	zones, badZones := cardlayout.ParseZones(c.Zones)
	if err := errors.Join(bad, badGroup, badZones); err != nil {
		return mistake(err)
	}
	lines, err := sale.TravelCosts(claimed, group, zones, t)
	if err != nil {
		return refusal(err)
	}
	a.Travel = lines.Total()
	return nil
}
