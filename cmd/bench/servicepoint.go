package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator/messages"
	"leima/validator/servicepoint"
)

// A servicePoint is the flags of every command that changes a card at a service point.
type servicePoint struct {
	Tariff   string  `required:"" placeholder:"FILE" help:"The area's tariff, in TOML."`
	Keys     keyPath `placeholder:"FILE" help:"Key file; else the test keys."`
	At       string  `placeholder:"TIME" help:"When: '2026-03-02 08:00', local; else now."`
	Language string  `enum:"fi,sv,en" default:"en" help:"Of rules and refusals: fi, sv or en."`
	JSON     bool    `name:"json" help:"Write JSON."`
}

// A serviceResult is the result: costs or payments, and the card.
type serviceResult struct {
	lines sale.Lines
	trips uint8       // returned in place of money
	paid  fare.Payout // how money is paid back; 0: none
	servicepoint.Loaded
}

// prices are the tariff and the time.
func (c *servicePoint) prices(ctx context.Context, b *bench) (*fare.Tariff, time.Time, error) {
	return pricesAt(ctx, b, c.Tariff, c.At)
}

// change changes a card. After an error the card is unchanged.
func (c *servicePoint) change(ctx context.Context, b *bench, at cardLocation,
	change servicepoint.Change,
) (
	servicepoint.Loaded, error,
) {
	slot, keys, err := b.card(at, c.Keys)
	if err != nil {
		return servicepoint.Loaded{}, err
	}
	defer slot.close()
	loaded, err := servicepoint.LoadConfirmed(ctx, slot.presenter(b), keys, rand.Reader, change)
	if err != nil {
		return loaded, c.refusedBy(at, err)
	}
	return loaded, slot.keep()
}

// refusedBy distinguishes a refusal from a card that cannot be used.
func (c *servicePoint) refusedBy(at cardLocation, err error) error {
	var refused *sale.Refusal
	if errors.As(err, &refused) {
		return refusalIn(err, c.Language)
	}
	return at.explain(err)
}

// show shows the result.
func (c *servicePoint) show(b *bench, at cardLocation, s serviceResult) error {
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
	b.tellOthers(s.Before, s.Others)
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
		tellReceipt(b, s.lines, messages.Language(c.Language))
	}
	return nil
}

func (s *serviceResult) paidText() string {
	if s.paid == 0 {
		return ""
	}
	return s.paid.String()
}

// refundCommand refunds unused value and seasons.
type refundCommand struct {
	Card cardLocation `arg:"" help:"An image, or reader: and a part of a reader's name."`

	Identity     bool   `help:"The customer has proved to be the owner, or to act for the owner."`
	Provider     bool   `help:"It is the provider's fault: there is no fee."`
	List         string `placeholder:"FILE" help:"The text for list build: no card on it is paid."`
	servicePoint `embed:""`
}

func (*refundCommand) examples() string {
	return `bench refund rich.img --identity --tariff mikkeli.toml`
}

func (*refundCommand) Help() string {
	return `Takes value and seasons that have not begun off a personal card and prints what goes
back for them, less the processing fees of the area. What an employer has paid for stays.
Exit code 1 means that nothing is paid, says why, and leaves the card as it was.

The JSON has the fields before, after, paid (how) and receipt.`
}

func (c *refundCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	var done serviceResult
	var input *blockInput
	if c.List != "" {
		if input, err = b.blockInput(ctx, c.List); err != nil {
			return err
		}
	}
	back := func(card cardlayout.Card) (cardlayout.Card, error) {
		card.Blocked = card.Blocked ||
			input != nil && card.Kind != cardlayout.Bearer &&
				(input.lists(card.Number) || input.gone(card.Number))
		refund, err := sale.RefundCard(sale.RefundRequest{
			Card: card, On: t.Local(at).Day,
			Proof: sale.Proof{Identity: c.Identity, Card: true}, ProviderError: c.Provider,
		}, t)
		done.lines, done.paid = refund.Lines, refund.Paid
		return refund.After, err
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, back); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}

// correctCommand corrects a wrong debit.
type correctCommand struct {
	Card   cardLocation `arg:"" help:"An image, or reader: and a part of a reader's name."`
	Amount string       `arg:"" help:"What was debited in error, such as 2.51."`

	Noticed      string `placeholder:"DAY" help:"When the customer noticed it; else today."`
	Trips        uint8  `default:"1" help:"How many trips were debited."`
	NotToCard    bool   `help:"In cash or in trips, as the area has it."`
	Identity     bool   `help:"The customer has proved to be the owner, or to act for the owner."`
	Receipt      bool   `help:"A receipt, or the card's marked history, was shown."`
	servicePoint `embed:""`
}

func (*correctCommand) examples() string {
	return `bench correct aino.img 2.51 --identity --receipt --tariff mikkeli.toml`
}

func (*correctCommand) Help() string {
	return `Puts right what was debited in error, if it is claimed in time: back on the card, or in
cash or trips where the customer or the area wants it so. Exit code 1 means that it is not,
says why, and leaves the card as it was.

The JSON has the fields before, after, trips or paid (how) and receipt.`
}

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
	var done serviceResult
	right := func(card cardlayout.Card) (cardlayout.Card, error) {
		w := sale.WrongDebit{
			Card: card, Amount: amount, Trips: c.Trips, ToCard: !c.NotToCard,
			Claim: sale.Claim{
				Noticed: noticed, Made: t.Local(at).Day, Receipt: c.Receipt,
				Proof: sale.Proof{Identity: c.Identity, Card: true},
			},
		}
		correction, err := sale.Correct(w, t)
		done.lines, done.trips, done.paid = correction.Lines, correction.Trips, correction.Paid
		return correction.After, err
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, right); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}
