package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
)

type tariffShowCommand struct {
	File string `arg:"" help:"The tariff, in TOML."`
	JSON bool   `name:"json" help:"Write JSON."`
}

func (*tariffShowCommand) examples() string {
	return "bench tariff show testdata/tariffs/mikkeli-2025.toml"
}

// Help implements kong.HelpProvider.
func (*tariffShowCommand) Help() string {
	return `Shows what each table of a tariff rests on, with its line: figures that were published,
and where; and those that were assumed, and why. Then the prices follow, as check prints
them.

The JSON has the fields of check and grounds: a list with path, line, is, source and
assumed.`
}

// Run shows the tariff.
func (c *tariffShowCommand) Run(ctx context.Context, b *bench) error {
	one, err := check(ctx, b, c.File)
	if err != nil {
		return err
	}
	if one.tariff == nil {
		one.say(b)
		return failure{exitRefused, errTold}
	}
	_, text, err := b.read(ctx, c.File)
	if err != nil {
		return err
	}
	grounds, err := tariff.Grounds(text)
	if err != nil {
		return err
	}
	if c.JSON {
		return b.json(shown{one, groundAnswers(grounds)})
	}
	one.say(b)
	tellGrounds(b, "published", grounds, func(g tariff.Ground) string { return g.Source })
	tellGrounds(b, "assumed", grounds, func(g tariff.Ground) string { return g.Assumed })
	return nil
}

// shown is a tariff for a machine.
type shown struct {
	checked
	Grounds []groundAnswer `json:"grounds"`
}

type groundAnswer struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Is      string `json:"is,omitempty"`
	Source  string `json:"source,omitempty"`
	Assumed string `json:"assumed,omitempty"`
}

func groundAnswers(grounds []tariff.Ground) (answers []groundAnswer) {
	for _, g := range grounds {
		answers = append(answers, groundAnswer{g.Path, g.Line, g.Is, g.Source, g.Assumed})
	}
	return answers
}

func tellGrounds(b *bench, title string, grounds []tariff.Ground, of func(tariff.Ground) string) {
	b.say("\n%s:", title)
	for _, g := range grounds {
		if of(g) == "" {
			continue
		}
		name := g.Path
		if name == "" {
			name = "all that has no other"
		}
		if g.Is != "" {
			name += " = " + g.Is
		}
		b.say("  line %3d  %s: %s", g.Line, name, of(g))
	}
}

type tariffDiffCommand struct {
	Before string `arg:"" help:"The tariff in force."`
	After  string `arg:"" help:"The one to come."`
	JSON   bool   `name:"json" help:"Write JSON."`
}

func (*tariffDiffCommand) examples() string {
	return "bench tariff diff testdata/tariffs/mikkeli-2025.toml testdata/tariffs/kotka-2025.toml"
}

// Help implements kong.HelpProvider.
func (*tariffDiffCommand) Help() string {
	return `Tells who pays more and who pays less: for a first trip by value, at many moments of an
ordinary week, of every customer group in every run of zones; for the driver's single
ticket; and for seasons of the same name. A price that there is not is written -.

The JSON is a list with ticket, group, zones, when, before_cents and after_cents, which are
left out where the ticket is not sold.`
}

// Run compares.
func (c *tariffDiffCommand) Run(ctx context.Context, b *bench) error {
	var both [2]*fare.Tariff
	for n, path := range []string{c.Before, c.After} {
		name, text, err := b.read(ctx, path)
		if err != nil {
			return err
		}
		if both[n], err = tariff.Compile(name, text, time.LoadLocation); err != nil {
			return mistake(err)
		}
	}
	changes := tariff.Diff(both[0], both[1])
	if c.JSON {
		return b.json(changeAnswers(changes))
	}
	tellChanges(b, both[0], both[1], changes)
	return nil
}

type changeAnswer struct {
	Ticket string            `json:"ticket"`
	Group  string            `json:"group"`
	Zones  string            `json:"zones"`
	When   string            `json:"when,omitempty"`
	Before *cardlayout.Cents `json:"before_cents,omitempty"`
	After  *cardlayout.Cents `json:"after_cents,omitempty"`
}

func changeAnswers(changes []tariff.Change) []changeAnswer {
	sold := func(c cardlayout.Cents) *cardlayout.Cents {
		if c == fare.NoPrice {
			return nil
		}
		return &c
	}
	answers := []changeAnswer{}
	for _, c := range changes {
		answers = append(answers, changeAnswer{c.Ticket, c.Group.String(), c.Zones.String(), c.When,
			sold(c.Before), sold(c.After)})
	}
	return answers
}

// tellChanges writes a line for all zones that change alike.
func tellChanges(b *bench, before, after *fare.Tariff, changes []tariff.Change) {
	b.say("%s → %s", before.ID, after.ID)
	more, less := 0, 0
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	for len(changes) > 0 {
		first := changes[0]
		var zones []string
		rest := changes[:0:0]
		for _, c := range changes {
			if first.Zones = c.Zones; c == first {
				zones = append(zones, c.Zones.String())
			} else {
				rest = append(rest, c)
			}
		}
		changes = rest
		switch {
		case first.Before == fare.NoPrice || first.After == fare.NoPrice:
		case first.After > first.Before:
			more += len(zones)
		default:
			less += len(zones)
		}
		where := strings.TrimSpace(strings.Join(shortened(zones), " ") + "  " + first.When)
		fmt.Fprintf(w, "%s\t%v\t%s → %s\t%s\n", first.Ticket, first.Group,
			priceOrNone(first.Before), priceOrNone(first.After), where)
	}
	w.Flush()
	b.say("%d trips and tickets cost more, %d less", more, less)
}

func priceOrNone(c cardlayout.Cents) string { return orNone(priceText(c)) }

// shortened keeps a long list of zones readable.
func shortened(zones []string) []string {
	const most = 8
	if len(zones) <= most {
		return zones
	}
	return append(slices.Clone(zones[:most]), fmt.Sprintf("and %d more", len(zones)-most))
}
