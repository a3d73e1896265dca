package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/validator/messages"
)

// singleCommand sells a paper ticket.
type singleCommand struct {
	Tariff   string `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	Group    string `default:"adult" help:"The passenger's customer group."`
	Zones    string `default:"A" help:"The zones of the trip."`
	At       string `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Language string `enum:"fi,sv,en" default:"en" help:"Of rules and refusals: fi, sv or en."`
	JSON     bool   `name:"json" help:"Write JSON."`
}

func (*singleCommand) examples() string {
	return `bench single --tariff kotka.toml --group child --zones A-B`
}

func (*singleCommand) Help() string {
	return `Sells a paper single ticket as the driver does and prints it: with the end of its
validity, with its zones where the area prints them, and with the supplement of the night.
Exit code 1 means that none is sold.

The JSON has the fields tariff, group, zones, prints_zones, sold, until, lines (each with
item, amount_cents, payer and rule) and total_cents.`
}

func (c *singleCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := pricesAt(ctx, b, c.Tariff, c.At)
	if err != nil {
		return err
	}
	group, err := cardlayout.ParseGroup(c.Group)
	if err != nil {
		return mistake(fmt.Errorf("--group: %w", err))
	}
	zones, err := cardlayout.ParseZones(c.Zones)
	if err != nil {
		return mistake(fmt.Errorf("--zones: %w", err))
	}
	ticket, err := sale.SellSingle(at, group, zones, t)
	if err != nil {
		return refusalIn(err, c.Language)
	}
	if c.JSON {
		return b.json(struct {
			Tariff      string `json:"tariff"`
			Group       string `json:"group"`
			Zones       string `json:"zones"`
			PrintsZones bool   `json:"prints_zones"`
			Sold        string `json:"sold"`
			Until       string `json:"until"`
			receiptAnswer
		}{
			ticket.Tariff, ticket.Group.String(), ticket.Zones.String(), ticket.PrintsZones,
			stamp(ticket.Sold), stamp(ticket.Until), receiptOf(ticket.Lines),
		})
	}
	b.say("%s, single ticket, %v", ticket.Tariff, ticket.Group)
	if ticket.PrintsZones {
		b.say("zones %v", ticket.Zones)
	}
	b.say("sold  %s", stamp(ticket.Sold))
	b.say("until %s", stamp(ticket.Until))
	tellReceipt(b, ticket.Lines, messages.Language(c.Language))
	return nil
}

// A receiptAnswer is a receipt as JSON.
type receiptAnswer struct {
	Lines []lineAnswer     `json:"lines"`
	Total cardlayout.Cents `json:"total_cents"`
}

type lineAnswer struct {
	Item    string           `json:"item"`
	Product uint16           `json:"product,omitempty"`
	Amount  cardlayout.Cents `json:"amount_cents"`
	Payer   string           `json:"payer,omitempty"`
	Rule    string           `json:"rule,omitempty"`
}

func receiptOf(lines sale.Lines) receiptAnswer {
	a := receiptAnswer{Lines: []lineAnswer{}, Total: lines.Total()}
	for _, line := range lines {
		l := lineAnswer{line.Item.String(), line.Product, line.Amount, string(line.Payer), ""}
		if line.Rule != 0 {
			l.Rule = line.Rule.String()
		}
		a.Lines = append(a.Lines, l)
	}
	return a
}

// tellReceipt writes a receipt with the rule of every line.
func tellReceipt(b *bench, lines sale.Lines, language messages.Language) {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		item := line.Item.String()
		if line.Product != 0 {
			item += fmt.Sprintf(" %d", line.Product)
		}
		why := ""
		if line.Rule != 0 {
			why = fmt.Sprintf("%v  %s", line.Rule, language.Term("rule", line.Rule))
		}
		fmt.Fprintf(w, "%s\t%v\t%s\n", item, line.Amount, why)
	}
	fmt.Fprintf(w, "total\t%v\n", lines.Total())
	w.Flush()
}

// claimCommand computes the refund for a season that could not be used.
type claimCommand struct {
	Season string `arg:"" help:"A file with the season; - reads standard input."`

	Tariff   string `required:"" placeholder:"FILE" help:"The tariff of the load, in TOML."`
	From     string `required:"" placeholder:"DAY" help:"First day of the obstacle."`
	To       string `required:"" placeholder:"DAY" help:"Last day of it."`
	Used     string `default:"0.00" help:"What the trips made would have cost with value."`
	Foreseen bool   `help:"It was foreseen."`
	Provider bool   `help:"It is the provider's fault: there is no fee."`
	Language string `enum:"fi,sv,en" default:"en" help:"Of rules and refusals: fi, sv or en."`
	JSON     bool   `name:"json" help:"Write JSON."`
}

func (*claimCommand) examples() string {
	return `bench claim season.txt --tariff terms.toml --from 2016-09-10 --to 2016-09-24`
}

func (*claimCommand) Help() string {
	return `Computes what the owner of a season gets back whom an obstacle has kept from using it,
by the terms of the area: less the trips that were made, or by the days that were not used;
and less the processing fees. Exit code 1 means that nothing is paid, and says why.

The season stands in a line such as

    season1 area=227 product=30 zones=A days=30 price=45.00 from=2016-09-01 to=2016-09-30

The JSON has the fields lines, each with item, amount_cents and rule, and total_cents.`
}

func (c *claimCommand) Run(ctx context.Context, b *bench) error {
	t, _, err := pricesAt(ctx, b, c.Tariff, "")
	if err != nil {
		return err
	}
	name, text, err := b.read(ctx, c.Season)
	if err != nil {
		return err
	}
	o, err := c.unusedPeriod(name, string(text))
	if err != nil {
		return mistake(err)
	}
	lines, err := sale.RefundUnused(o, t)
	if err != nil {
		return refusalIn(err, c.Language)
	}
	if c.JSON {
		return b.json(receiptOf(lines))
	}
	tellReceipt(b, lines, messages.Language(c.Language))
	return nil
}

func (c *claimCommand) unusedPeriod(name, text string) (o sale.UnusedPeriod, err error) {
	var card cardlayout.Card
	if err = card.ParseCard(text); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	o = sale.UnusedPeriod{Season: card.Seasons[0], Foreseen: c.Foreseen, ProviderError: c.Provider}
	var bad error
	o.From, bad = cardlayout.ParseDay(c.From)
	err = errors.Join(err, bad)
	o.To, bad = cardlayout.ParseDay(c.To)
	err = errors.Join(err, bad)
	o.Used, bad = cardlayout.ParseCents(c.Used)
	return o, errors.Join(err, bad)
}
