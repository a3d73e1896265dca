package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/fare/tariff"
	"leima/hw/desfire"
	"leima/validator/messages"
	"leima/validator/servicepoint"
)

type loadCommand struct {
	Card  cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	What  string       `arg:"" enum:"value,season" help:"What is loaded: value or season."`
	Terms []string     `arg:"" help:"An amount, 20.00; of a season product and zones, 30 A-B."`

	Tariff       string      `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	Keys         keyPath     `placeholder:"FILE" help:"Key file; else the test keys."`
	At           string      `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Channel      channelFlag `default:"service-point" help:"Or sales-point, bus, web-shop."`
	Certificate  bool        `help:"The certificate that the product asks for was seen."`
	Days         uint16      `placeholder:"N" help:"Of a product that is sold by the day."`
	Again        bool        `help:"Once more what another device has just loaded."`
	Keep         string      `placeholder:"FILE" help:"Keep what it takes to take the load back."`
	Organisation uint16      `default:"1" help:"The seller."`
	Device       uint16      `default:"1" help:"Its device."`
	JSON         bool        `name:"json" help:"Write JSON."`
	funding      `embed:""`
}

func (*loadCommand) examples() string {
	return `
bench load aino.img value 20.00 --tariff testdata/tariffs/mikkeli-2025.toml
bench load kotka.img season 30 A-B --tariff testdata/tariffs/kotka-2025.toml`
}

func (*loadCommand) Help() string {
	return `Loads the card as a service point does, and prints what has changed, before and
after. A load that the terms of travel do not allow is refused: exit code 1, and the card
is as it was. A card that is taken away before it has answered is asked for again, and
is loaded once; what comes instead of it is left as it is.

Where more is paid than the product itself, such as a commission, a receipt follows. What
an employer or a benefit pays is kept apart on the card, and never given back in money.

The JSON has the fields before, after, signature and receipt, where before and after are
cards as inspect writes them, without the ticket, which a load does not read.`
}

// Run loads the card. An image is replaced only after the card has committed.
func (c *loadCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := pricesAt(ctx, b, c.Tariff, c.At)
	if err != nil {
		return err
	}
	till := &selling{tariff: t, sale: sale.Sale{
		At: at, Organisation: c.Organisation,
		Device: c.Device, Channel: fare.Channel(c.Channel),
		Customer: sale.Customer{Certificate: c.Certificate}, Again: c.Again,
	}}
	var badFunding error
	till.sale.Funding, badFunding = c.funding.of(till.sale)
	change, err := c.change(till)
	if err := errors.Join(err, badFunding); err != nil {
		return mistake(err)
	}
	kept, err := c.draft()
	if err != nil {
		return err
	}
	defer kept.drop()
	slot, keys, err := b.card(c.Card, c.Keys)
	if err != nil {
		return err
	}
	defer slot.close()
	loaded, err := servicepoint.LoadConfirmed(ctx, slot.presenter(b), keys, rand.Reader, change)
	if err != nil {
		return c.explain(err)
	}
	if err := slot.keep(); err != nil {
		return err
	}
	if err := kept.keep(till.loaded); err != nil {
		return err
	}
	return c.show(b, loaded, till.loaded.Receipt)
}

// draft is the file for the load, made before it; nil if not requested.
func (c *loadCommand) draft() (*draft, error) {
	if c.Keep == "" {
		return nil, nil
	}
	return newDraft(c.Keep, 0o600)
}

// channelFlag is a sales channel on the command line.
type channelFlag fare.Channel

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *channelFlag) UnmarshalText(text []byte) error {
	for n := fare.Channel(0); n < fare.Channels; n++ {
		if strings.ReplaceAll(n.String(), " ", "-") == string(text) {
			*c = channelFlag(n)
			return nil
		}
	}
	return fmt.Errorf("%q: want service-point, sales-point, bus or web-shop", text)
}

// A selling is one sale with its receipt.
type selling struct {
	tariff *fare.Tariff
	sale   sale.Sale
	loaded sale.Loaded
}

// to is the sale to the holder of a card, whose true group the seller looks up. last is the device
// of the last load: it knows the result of its own (servicepoint.LoadConfirmed).
func (s *selling) to(card *cardlayout.Card, last uint16) sale.Sale {
	to := s.sale
	to.Again = to.Again || last == to.Device
	today := cardlayout.DayOf(s.sale.At.In(s.tariff.Location))
	to.Customer.Group = s.tariff.TrueGroup(card, today)
	return to
}

// done keeps the result of the sale.
func (s *selling) done(l sale.Loaded, err error) (cardlayout.Card, error) {
	s.loaded = l
	return l.After, err
}

// pricesAt is the tariff at a time; the time is now by default.
func pricesAt(ctx context.Context, b *bench, path, when string) (*fare.Tariff, time.Time, error) {
	t, at, _, err := pricesFrom(ctx, b, path, when)
	return t, at, err
}

// pricesFrom is pricesAt with the source.
func pricesFrom(ctx context.Context, b *bench, path, when string) (
	t *fare.Tariff, at time.Time, source []byte, err error,
) {
	name, source, err := b.read(ctx, path)
	if err != nil {
		return nil, at, nil, err
	}
	t, err = tariff.Compile(name, source, time.LoadLocation)
	if err != nil {
		return nil, at, nil, mistake(err)
	}
	at = time.Now()
	if when != "" {
		if at, err = parseTime(when, t.Location); err != nil {
			return nil, at, nil, mistake(fmt.Errorf("--at: %w", err))
		}
	}
	if at.Before(t.From) {
		return nil, at, nil, refusal(fmt.Errorf("tariff %s begins only at %s: give a later time "+
			"(--at), or the tariff before it", t.ID, t.From.Format(timeLayout)))
	}
	return t, at, source, nil
}

const timeLayout = "2006-01-02 15:04"

// parseTime parses a local time, or an instant.
func parseTime(text string, zone *time.Location) (at time.Time, err error) {
	for _, layout := range []string{timeLayout, timeLayout + ":05", time.RFC3339} {
		if at, err = time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	return at, fmt.Errorf("%q: want a time such as 2026-03-02 08:00", text)
}

// timeFlag is the local time that a flag gives, or otherwise.
func timeFlag(flag, text string, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	at, err := parseTime(text, time.Local)
	if err != nil {
		err = mistake(fmt.Errorf("%s: %w", flag, err))
	}
	return at, err
}

// change is the change of the command line.
func (c *loadCommand) change(s *selling) (servicepoint.Change, error) {
	if c.What == "value" {
		if len(c.Terms) != 1 {
			return nil, errors.New("want one amount after value, such as 20.00")
		}
		amount, err := cardlayout.ParseCents(c.Terms[0])
		return func(card cardlayout.Card) (cardlayout.Card, error) {
			holder := s.to(&card, card.ValueLoad.Device)
			return s.done(sale.SellValue(card, holder, s.tariff, amount))
		}, err
	}
	if len(c.Terms) != 2 {
		return nil, errors.New("want a product and zones after season, such as 30 A-B")
	}
	product, err := strconv.ParseUint(c.Terms[0], 10, 14)
	if err != nil {
		return nil, fmt.Errorf("product %q: want its code, such as 30", c.Terms[0])
	}
	zones, err := cardlayout.ParseZones(c.Terms[1])
	order := sale.SeasonOrder{Product: uint16(product), Zones: zones, Days: c.Days}
	return func(card cardlayout.Card) (cardlayout.Card, error) {
		holder := s.to(&card, card.SeasonLoad.Device)
		return s.done(sale.SellSeason(card, holder, s.tariff, order))
	}, err
}

// explain distinguishes a refusal from a card that cannot be used.
func (c *loadCommand) explain(err error) error {
	var refused *sale.Refusal
	switch {
	case errors.As(err, &refused):
		return refusal(err)
	case errors.Is(err, cardlayout.ErrRange):
		return mistake(fmt.Errorf("%w: the numbers of the seller or the amount do not fit the "+
			"card, which is as it was", err))
	}
	return c.Card.explain(err)
}

func (c *loadCommand) show(b *bench, l servicepoint.Loaded, receipt sale.Lines) error {
	if c.JSON {
		return b.json(struct {
			Before    cardAnswer    `json:"before"`
			After     cardAnswer    `json:"after"`
			Signature *tmacAnswer   `json:"signature,omitempty"`
			Receipt   receiptAnswer `json:"receipt"`
		}{cardOf(l.Before), cardOf(l.After), tmacOf(l.TMAC), receiptOf(receipt)})
	}
	b.say("%s: card %v", c.Card, l.After.Number)
	b.tellOthers(l.Before, l.Others)
	for _, line := range changes(l.Before, l.After) {
		b.say("%s", line)
	}
	if l.TMAC != (desfire.TMAC{}) {
		b.say("%-9s %d %x", "signature", l.TMAC.TMC, l.TMAC.TMV)
	}
	if len(receipt) > 1 {
		tellReceipt(b, receipt, messages.English)
	}
	return nil
}

// changes are the parts of a card that differ.
func changes(before, after cardlayout.Card) (lines []string) {
	old, next := partsOf(before), partsOf(after)
	var names []string
	for _, line := range append(after.Lines(), before.Lines()...) {
		if !slices.Contains(names, line.Name) {
			names = append(names, line.Name)
		}
	}
	for _, name := range names {
		if old[name] != next[name] {
			lines = append(lines, fmt.Sprintf("%-9s %s → %s", name, orEmpty(name, old[name]),
				orEmpty(name, next[name])))
		}
	}
	return lines
}

// tellOthers tells where the other files of a card say otherwise than the one that counts.
func (b *bench) tellOthers(held, others cardlayout.Card) {
	for _, line := range changes(held, others) {
		b.say("%-9s %s (in the public files)", "differs", line)
	}
}

// orEmpty is the text of a part that has no line.
func orEmpty(name, text string) string {
	switch {
	case text != "":
		return text
	case name == "purse":
		return cardlayout.Cents(0).String()
	case name == "counter":
		return "0"
	}
	return "-"
}

// partsOf are the lines of a card by their names, without them.
func partsOf(c cardlayout.Card) map[string]string {
	parts := map[string]string{}
	for _, line := range c.Lines() {
		name := line.Name
		line.Name = ""
		parts[name] = strings.TrimSpace(line.String())
	}
	return parts
}
