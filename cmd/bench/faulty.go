package main

import (
	"context"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator/journal"
	"leima/validator/messages"
)

// faultyCommand counts the trips with a faulty card.
type faultyCommand struct {
	Number   string   `arg:"" help:"The number that is printed on the card."`
	Journals []string `arg:"" name:"journal" help:"Journals, or a depot's export; - reads it."`

	Tariff   string         `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	Office   backOfficeKeys `placeholder:"FILE" help:"The back office's key, or the test key."`
	At       string         `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Language string         `enum:"fi,sv,en" default:"en" help:"Of the rule: fi, sv or en."`
	JSON     bool           `name:"json" help:"Write JSON."`
}

func (*faultyCommand) examples() string {
	return `bench faulty 924699001123456787 journal --tariff oulu.toml`
}

func (*faultyCommand) Help() string {
	return `Counts how often a faulty card was let in free, by the number that the driver has read
on it, in the journals of several buses, and says what is due for one ride more: it is
free, or the area takes a single fare from passengers who come so repeatedly, or always.

Exit code 1 means that a single fare is due. The JSON has the fields rides, free,
refundable and rule.`
}

func (c *faultyCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := pricesAt(ctx, b, c.Tariff, c.At)
	if err != nil {
		return err
	}
	number, err := cardlayout.ParseNumber(c.Number)
	if err != nil {
		return mistake(err)
	}
	today := t.Local(at).Day
	rides := []cardlayout.Day{}
	for _, path := range c.Journals {
		err := b.readJournal(ctx, path, false, c.Office, func(e journal.Entry) error {
			event := &e.Event
			if event.Reason == fare.FreeCard && event.PrintedNumber == number &&
				!event.At.After(at) {
				rides = append(rides, t.Local(event.At).Day)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	due := sale.Faulty(sale.CardBroken, rides, today, &t.Terms.Faulty)
	if c.JSON {
		err = b.json(struct {
			Rides      int    `json:"rides"`
			Free       bool   `json:"free"`
			Refundable bool   `json:"refundable"`
			Rule       string `json:"rule"`
		}{len(rides), due.Free, due.Refundable, due.Why.String()})
	} else {
		c.tell(b, rides, due)
	}
	if err == nil && due.MayCharge {
		return refusal(errReported)
	}
	return err
}

func (c *faultyCommand) tell(b *bench, rides []cardlayout.Day, due sale.FaultyBoarding) {
	for _, day := range rides {
		b.say("free ride %v", day)
	}
	what := "free"
	switch {
	case due.Refundable:
		what = "a single fare, which the service point gives back against the receipt"
	case due.MayCharge:
		what = "a single fare: the card comes repeatedly"
	}
	b.say("ride %d    %s", len(rides)+1, what)
	b.say("  %v  %s", due.Why, messages.Language(c.Language).Term("rule", due.Why))
}
