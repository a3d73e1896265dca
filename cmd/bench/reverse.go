package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A keptLoad is what the device that loaded a card keeps of it, for as long as it may have
// to take the load back. It holds nothing of the card's owner.
type keptLoad struct {
	Number       cardlayout.Number
	Counter      uint32 // of the card after the load
	At           time.Time
	Organisation uint16
	Device       uint16
	Channel      fare.Channel
	Benefit      bool // a benefit paid for it, at that time

	// What the card held before.
	Purse, Kept cardlayout.Cents
	Seasons     [2]cardlayout.Season
	ValueLoad   cardlayout.ValueLoad
	SeasonLoad  cardlayout.SeasonLoad
}

// keep writes what is kept of a load.
func keep(path string, l fare.Loaded) error {
	before := &l.Before
	text, err := json.MarshalIndent(keptLoad{Number: l.After.Number, Counter: l.After.Counter,
		At: l.Sale.At, Organisation: l.Sale.Organisation, Device: l.Sale.Device,
		Channel: l.Sale.Channel, Benefit: l.Sale.Funding.By == fare.Benefit, Purse: before.Purse,
		Kept: before.Kept, Seasons: before.Seasons, ValueLoad: before.ValueLoad,
		SeasonLoad: before.SeasonLoad}, "", "  ")
	if err != nil {
		return err
	}
	return replace(path, 0o600, writeString(string(text)+"\n"))
}

// loaded is the load that was kept.
func (k *keptLoad) loaded() (l fare.Loaded) {
	l.Sale = fare.Sale{At: k.At, Organisation: k.Organisation, Device: k.Device, Channel: k.Channel}
	if k.Benefit {
		l.Sale.Funding = fare.Funding{By: fare.Benefit, Payment: fare.Payment{At: k.At}}
	}
	l.After.Number, l.After.Counter = k.Number, k.Counter
	l.Before.Purse, l.Before.Kept, l.Before.Seasons = k.Purse, k.Kept, k.Seasons
	l.Before.ValueLoad, l.Before.SeasonLoad = k.ValueLoad, k.SeasonLoad
	return l
}

// reverseCommand takes a load back.
type reverseCommand struct {
	Card spot   `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Load string `arg:"" help:"The load, as load --keep wrote it; - reads standard input."`

	Organisation uint16  `default:"1" help:"The seller who is asked."`
	Device       uint16  `default:"1" help:"Its device."`
	Channel      channel `default:"service-point" help:"Where: or sales-point, bus, web-shop."`
	By           voider  `default:"provider" help:"Who asks: provider, driver or passenger."`
	counter      `embed:""`
}

func (*reverseCommand) examples() string {
	return `bench reverse loaded.img load.json --tariff mikkeli.toml --at "2026-03-02 08:05"`
}

// Help implements kong.HelpProvider.
func (*reverseCommand) Help() string {
	return `Takes a wrong load back where it was made, if nothing has happened to the card since.
What a benefit has paid for goes back on the same day alone, and only the provider can do
it. Exit code 1 means that it stays, says why, and leaves the card as it was.

The JSON has the fields before, after and receipt, which is empty.`
}

// voider is a fare.Voider on the command line.
type voider fare.Voider

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *voider) UnmarshalText(text []byte) error {
	for _, who := range []fare.Voider{fare.Provider, fare.Driver, fare.Passenger} {
		if who.String() == "the "+string(text) {
			*v = voider(who)
			return nil
		}
	}
	return fmt.Errorf("%q: want provider, driver or passenger", text)
}

// Run takes back.
func (c *reverseCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	name, text, err := b.read(ctx, c.Load)
	if err != nil {
		return err
	}
	var kept keptLoad
	if err := json.Unmarshal(text, &kept); err != nil || kept.Number == 0 {
		return mistake(fmt.Errorf("%s: want a load as bench load --keep writes it", name))
	}
	sale := fare.Sale{At: at, Organisation: c.Organisation, Device: c.Device,
		Channel: fare.Channel(c.Channel)}
	var done settled
	back := func(card cardlayout.Card) (cardlayout.Card, error) {
		return fare.Reverse(card, kept.loaded(), sale, fare.Voider(c.By), t)
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, back); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}
