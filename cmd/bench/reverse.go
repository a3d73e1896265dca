package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/disk"
)

// A savedLoad is the device's record of a load, for as long as it may have to take it back.
// It holds no personal data.
type savedLoad struct {
	Number       cardlayout.Number
	Counter      uint32 // of the card after the load
	At           time.Time
	Organisation uint16
	Device       uint16
	Channel      fare.Channel
	Benefit      bool // a benefit paid for it at that time

	// The content of the card before.
	Purse, Kept cardlayout.Cents
	Seasons     [2]cardlayout.Season
	ValueLoad   cardlayout.ValueLoad
	SeasonLoad  cardlayout.SeasonLoad
}

// keep writes the record of a load into a draft; nil: it does nothing.
func (d *draft) keep(l sale.Loaded) error {
	if d == nil {
		return nil
	}
	before := &l.Before
	text, err := json.MarshalIndent(savedLoad{
		Number: l.After.Number, Counter: l.After.Counter,
		At: l.Sale.At, Organisation: l.Sale.Organisation, Device: l.Sale.Device,
		Channel: l.Sale.Channel, Benefit: l.Sale.Funding.By == sale.Benefit, Purse: before.Purse,
		Kept: before.Funded, Seasons: before.Seasons, ValueLoad: before.ValueLoad,
		SeasonLoad: before.SeasonLoad,
	}, "", "  ")
	if err == nil {
		err = d.publish(disk.Bytes(append(text, '\n')))
	}
	if err != nil {
		return fmt.Errorf("the card is loaded, and nothing is kept to take that back with: %w",
			unwritable(d.path, err))
	}
	return nil
}

// loaded is the recorded load.
func (k *savedLoad) loaded() (l sale.Loaded) {
	l.Sale = sale.Sale{At: k.At, Organisation: k.Organisation, Device: k.Device, Channel: k.Channel}
	if k.Benefit {
		l.Sale.Funding = sale.Funding{By: sale.Benefit, Payment: sale.Payment{At: k.At}}
	}
	l.After.Number, l.After.Counter = k.Number, k.Counter
	l.Before.Purse, l.Before.Funded, l.Before.Seasons = k.Purse, k.Kept, k.Seasons
	l.Before.ValueLoad, l.Before.SeasonLoad = k.ValueLoad, k.SeasonLoad
	return l
}

// reverseCommand takes a load back.
type reverseCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Load string       `arg:"" help:"The load, as load --keep wrote it; - reads standard input."`

	Organisation uint16      `default:"1" help:"The seller who is asked."`
	Device       uint16      `default:"1" help:"Its device."`
	Channel      channelFlag `default:"service-point" help:"Where: or sales-point, bus, web-shop."`
	By           voiderFlag  `default:"provider" help:"Who asks: provider, driver or passenger."`
	servicePoint `embed:""`
}

func (*reverseCommand) examples() string {
	return `bench reverse loaded.img load.json --tariff mikkeli.toml --at "2026-03-02 08:05"`
}

func (*reverseCommand) Help() string {
	return `Takes a wrong load back where it was made, if nothing has happened to the card since.
What a benefit has paid for goes back on the same day alone, and only the provider can do
it. Exit code 1 means that it stays, says why, and leaves the card as it was.

The JSON has the fields before, after and receipt, which is empty.`
}

// voiderFlag is a sale.Voider on the command line.
type voiderFlag sale.Voider

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *voiderFlag) UnmarshalText(text []byte) error {
	for _, who := range []sale.Voider{sale.Provider, sale.Driver, sale.Passenger} {
		if who.String() == "the "+string(text) {
			*v = voiderFlag(who)
			return nil
		}
	}
	return fmt.Errorf("%q: want provider, driver or passenger", text)
}

func (c *reverseCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	name, text, err := b.read(ctx, c.Load)
	if err != nil {
		return err
	}
	var kept savedLoad
	if err := json.Unmarshal(text, &kept); err != nil || kept.Number == 0 {
		return mistake(fmt.Errorf("%s: want a load as bench load --keep writes it", name))
	}
	here := sale.Sale{
		At: at, Organisation: c.Organisation, Device: c.Device,
		Channel: fare.Channel(c.Channel),
	}
	var done serviceResult
	back := func(card cardlayout.Card) (cardlayout.Card, error) {
		return sale.Reverse(card, kept.loaded(), here, sale.Voider(c.By), t)
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, back); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}
