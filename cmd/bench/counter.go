package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/words"
	"leima/validator/desk"
)

// A counter is what every command has that puts a card right at the service point.
type counter struct {
	Tariff   string  `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	Keys     keyPath `placeholder:"FILE" help:"Key file; else the test keys."`
	At       string  `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Language string  `enum:"fi,sv,en" default:"en" help:"Of the rules: fi, sv or en."`
	JSON     bool    `name:"json" help:"Write JSON."`
}

// A settled is what a counter has done: what it costs or pays, and the card.
type settled struct {
	lines fare.Lines
	trips uint8       // that go back instead of money
	paid  fare.Payout // how money goes back; 0: not
	desk.Loaded
}

// prices are the tariff and the time.
func (c *counter) prices(ctx context.Context, b *bench) (*fare.Tariff, time.Time, error) {
	return pricesAt(ctx, b, c.Tariff, c.At)
}

// change does something to a card, which stays as it was after an error.
func (c *counter) change(ctx context.Context, b *bench, at spot, change desk.Change) (
	desk.Loaded, error,
) {
	slot, keys, err := b.card(at, c.Keys)
	if err != nil {
		return desk.Loaded{}, err
	}
	defer slot.close()
	loaded, err := desk.LoadHeard(ctx, slot.visit(b), keys, rand.Reader, change)
	if err != nil {
		return loaded, refusedBy(at, err)
	}
	return loaded, slot.keep()
}

// refusedBy tells a refusal from a card that cannot be used.
func refusedBy(at spot, err error) error {
	var refused *fare.Refusal
	if errors.As(err, &refused) {
		return refusal(err)
	}
	return at.explain(err)
}

// show writes what was done.
func (c *counter) show(b *bench, at spot, s settled) error {
	if c.JSON {
		return b.json(struct {
			Before  cardAnswer    `json:"before"`
			After   cardAnswer    `json:"after"`
			Trips   uint8         `json:"trips,omitempty"`
			Paid    string        `json:"paid,omitempty"`
			Receipt receiptAnswer `json:"receipt"`
		}{cardOf(s.Before), cardOf(s.After), s.trips, s.paidText(), receiptOf(s.lines)})
	}
	b.say("%s: card %v", at, s.After.Number)
	for _, line := range changes(s.Before, s.After) {
		b.say("%s", line)
	}
	if s.trips > 0 {
		b.say("%-9s %d", "trips", s.trips)
	}
	if s.paid != 0 {
		b.say("%-9s %v", "paid", s.paid)
	}
	if len(s.lines) > 0 {
		tellReceipt(b, s.lines, words.Language(c.Language))
	}
	return nil
}

func (s *settled) paidText() string {
	if s.paid == 0 {
		return ""
	}
	return s.paid.String()
}

// refundCommand takes back what is not needed.
type refundCommand struct {
	Card spot `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`

	Identity bool   `help:"Whoever asks has proved to be the owner, or to act for the owner."`
	Provider bool   `help:"It is the provider's fault: there is no fee."`
	List     string `placeholder:"FILE" help:"The text for list build: no card on it is paid."`
	counter  `embed:""`
}

func (*refundCommand) examples() string {
	return `bench refund rich.img --identity --tariff mikkeli.toml`
}

// Help implements kong.HelpProvider.
func (*refundCommand) Help() string {
	return `Takes value and seasons that have not begun off a personal card and prints what goes
back for them, less the processing fees of the area. What an employer has paid for stays.
Exit code 1 means that nothing is paid, says why, and leaves the card as it was.

The JSON has the fields before, after, paid (how) and receipt.`
}

// Run gives back.
func (c *refundCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	var done settled
	var input *blockInput
	if c.List != "" {
		if input, err = b.blockInput(ctx, c.List); err != nil {
			return err
		}
	}
	back := func(card cardlayout.Card) (cardlayout.Card, error) {
		card.Blocked = card.Blocked ||
			input != nil && card.Kind != cardlayout.Bearer && input.lists(card.Number)
		refund, err := fare.GiveBack(fare.Return{Card: card, On: t.Local(at).Day,
			Proof: fare.Proof{Identity: c.Identity, Card: true}, ProviderError: c.Provider}, t)
		done.lines, done.paid = refund.Lines, refund.Paid
		return refund.After, err
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, back); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}

// correctCommand puts a wrong debit right.
type correctCommand struct {
	Card   spot   `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Amount string `arg:"" help:"What was debited in error, such as 2.51."`

	Noticed   string `placeholder:"DAY" help:"When the customer noticed it; else today."`
	Trips     uint8  `default:"1" help:"How many trips were debited."`
	NotToCard bool   `help:"In cash or in trips, as the area has it."`
	Identity  bool   `help:"Whoever asks has proved to be the owner, or to act for the owner."`
	Receipt   bool   `help:"A receipt, or the card's marked history, was shown."`
	counter   `embed:""`
}

func (*correctCommand) examples() string {
	return `bench correct aino.img 2.51 --identity --receipt --tariff mikkeli.toml`
}

// Help implements kong.HelpProvider.
func (*correctCommand) Help() string {
	return `Puts right what was debited in error, if it is claimed in time: back on the card, or in
cash or trips where the customer or the area wants it so. Exit code 1 means that it is not,
says why, and leaves the card as it was.

The JSON has the fields before, after, trips or paid (how) and receipt.`
}

// Run corrects.
func (c *correctCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	noticed, badDay := t.Local(at).Day, error(nil)
	if c.Noticed != "" {
		noticed, badDay = cardlayout.ParseDay(c.Noticed)
	}
	amount, badAmount := cardlayout.ParseCents(c.Amount)
	if err := errors.Join(badDay, badAmount); err != nil {
		return mistake(err)
	}
	var done settled
	right := func(card cardlayout.Card) (cardlayout.Card, error) {
		w := fare.WrongDebit{Card: card, Amount: amount, Trips: c.Trips, ToCard: !c.NotToCard,
			Claim: fare.Claim{Noticed: noticed, Made: t.Local(at).Day, Receipt: c.Receipt,
				Proof: fare.Proof{Identity: c.Identity, Card: true}}}
		correction, err := fare.Correct(w, t)
		done.lines, done.trips, done.paid = correction.Lines, correction.Trips, correction.Paid
		return correction.After, err
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, right); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}
