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

func (*tariffShowCommand) Help() string {
	return `Shows what each table of a tariff rests on, with its line: figures that were published,
and where; and those that were assumed, and why. Then the prices follow, as check prints
them.

The JSON has the fields of check and grounds: a list with path, line, is, source and
assumed.`
}

func (c *tariffShowCommand) Run(ctx context.Context, b *bench) error {
	one, err := check(ctx, b, c.File)
	if err != nil {
		return err
	}
	if one.tariff == nil {
		one.say(b)
		return failure{exitRefused, errReported}
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

// shown is a tariff as JSON.
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

func (*tariffDiffCommand) Help() string {
	return `Tells who pays more and who pays less over a corpus of trips by value, which it names:
every customer group in every run of zones, early, by day, in the evening and at night of
an ordinary week, of a public holiday and of an eve; for a first trip, for one with a
change, for four trips of a day, for two persons, for one with a child, and beyond the
zones of a season. The driver's single tickets follow, and the seasons of the same name.

What costs the same number of first trips under both is told with the first trip alone. A
price that there is not is written -.

The JSON has the fields corpus, dearer, cheaper and alike (numbers of trips), and changes,
a list with ticket, group, zones, when, before_cents and after_cents, which are left out
where the ticket is not sold.`
}

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
	compared := tariff.Diff(both[0], both[1])
	if c.JSON {
		return b.json(comparisonAnswer{
			compared.Corpus, compared.Dearer, compared.Cheaper,
			compared.Alike, changeAnswers(compared.Changes),
		})
	}
	b.say("%s → %s", both[0].ID, both[1].ID)
	for _, line := range compared.Corpus {
		b.say("compared: %s", line)
	}
	tellChanges(b, compared.Changes)
	b.say("%d trips of the corpus cost more, %d less, %d the same", compared.Dearer,
		compared.Cheaper, compared.Alike)
	return nil
}

type comparisonAnswer struct {
	Corpus  []string       `json:"corpus"`
	Dearer  int            `json:"dearer"`
	Cheaper int            `json:"cheaper"`
	Alike   int            `json:"alike"`
	Changes []changeAnswer `json:"changes"`
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
		answers = append(answers, changeAnswer{
			c.Ticket, c.Group.String(), c.Zones.String(), c.When,
			sold(c.Before), sold(c.After),
		})
	}
	return answers
}

// tellChanges writes a line for all zones with the same change.
func tellChanges(b *bench, changes []tariff.Change) {
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
		where := strings.TrimSpace(strings.Join(shortened(zones), " ") + "  " + first.When)
		fmt.Fprintf(w, "%s\t%v\t%s → %s\t%s\n", first.Ticket, first.Group,
			priceOrNone(first.Before), priceOrNone(first.After), where)
	}
	w.Flush()
}

func priceOrNone(c cardlayout.Cents) string { return orNone(priceText(c)) }

// shortened shortens a long list of zones.
func shortened(zones []string) []string {
	const most = 8
	if len(zones) <= most {
		return zones
	}
	return append(slices.Clone(zones[:most]), fmt.Sprintf("and %d more", len(zones)-most))
}
