package main

import (
	"context"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/words"
	"leima/validator/journal"
)

// faultyCommand counts the rides on a faulty card.
type faultyCommand struct {
	Number   string   `arg:"" help:"The number that is printed on the card."`
	Journals []string `arg:"" name:"journal" help:"Journals; copies of what runs."`

	Tariff   string `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	At       string `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Language string `enum:"fi,sv,en" default:"en" help:"Of the rule: fi, sv or en."`
	JSON     bool   `name:"json" help:"Write JSON."`
}

func (*faultyCommand) examples() string {
	return `bench faulty 924699001123456787 journal --tariff oulu.toml`
}

// Help implements kong.HelpProvider.
func (*faultyCommand) Help() string {
	return `Counts how often a faulty card was let in free, by the number that the driver has read
on it, in the journals of several buses, and says what is due for one ride more: it is
free, or the area takes a single fare from whoever comes so repeatedly, or always.

Exit code 1 means that a single fare is due. The JSON has the fields rides, free,
refundable and rule.`
}

// Run counts.
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
		err := readJournal(ctx, path, false, func(e journal.Entry) error {
			event := &e.Event
			if event.Reason == fare.FreeCard && event.Printed == number && !event.At.After(at) {
				rides = append(rides, t.Local(event.At).Day)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	due := fare.Faulty(fare.CardBroken, rides, today, &t.Office.Faulty)
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
		return refusal(errTold)
	}
	return err
}

func (c *faultyCommand) tell(b *bench, rides []cardlayout.Day, due fare.FaultyBoarding) {
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
	b.say("  %v  %s", due.Why, words.Rule(due.Why, words.Language(c.Language)))
}
