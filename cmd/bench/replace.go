package main

import (
	"context"
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator/messages"
)

// replaceCommand replaces a card that cannot be used.
type replaceCommand struct {
	Old string       `arg:"" help:"What is on the old card, a file as issue reads; - reads stdin."`
	New cardLocation `arg:"" optional:"" help:"The new card, onto which its tickets are moved."`

	Cause        causeFlag `required:"" help:"Why: broken, neglected or lost."`
	Bought       string    `required:"" placeholder:"DAY" help:"When the old card was bought."`
	Unknown      bool      `name:"content-unknown" help:"The register does not tell what is on it."`
	List         string    `placeholder:"FILE" help:"The text for list build; lists the old card."`
	servicePoint `embed:""`
}

func (*replaceCommand) examples() string {
	return `
bench replace old.txt new.img --cause lost --list lost.txt --bought 2024-01-02 --tariff terms.toml`
}

func (*replaceCommand) Help() string {
	return `Says what a new card costs in place of one that is broken, was not looked after or was
lost, and moves all that was on the old one to the new one, which must be empty and like it.
The old one is described as the register knows it, for a lost card cannot be read. Of one
that has ended the value alone moves, for as long as the terms say.

A lost card goes onto --list, the text of which list build makes the block list, before
anything is moved from it; without --list nothing is. One that is broken or was not looked
after lies on the counter: it is noted there as destroyed. One that the text calls replaced
or destroyed is not replaced again. Exit code 1 means that it is not replaced, says why, and
leaves the new card as it was.

The JSON has the fields before, after and receipt; without a new card it is the receipt.`
}

// causeFlag is a sale.Cause on the command line.
type causeFlag sale.Cause

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *causeFlag) UnmarshalText(text []byte) error {
	known := map[string]sale.Cause{
		"broken": sale.Broken, "neglected": sale.Neglected,
		"lost": sale.Lost,
	}
	if known[string(text)] == 0 {
		return fmt.Errorf("%q: want broken, neglected or lost", text)
	}
	*c = causeFlag(known[string(text)])
	return nil
}

func (c *replaceCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	name, text, err := b.read(ctx, c.Old)
	if err != nil {
		return err
	}
	old, bad := parseCard(name, string(text), t.Local(at).Day)
	bought, badDay := cardlayout.ParseDay(c.Bought)
	if err := errors.Join(bad, badDay); err != nil {
		return mistake(err)
	}
	lines, err := sale.Replace(sale.Replacement{
		Kind: old.Kind, Cause: sale.Cause(c.Cause),
		Bought: bought, On: t.Local(at).Day, MoveTo: c.New != "", NumberKnown: true,
		ContentKnown: !c.Unknown,
	}, t)
	if err != nil {
		return refusalIn(err, c.Language)
	}
	if c.New == "" {
		return c.cost(b, lines)
	}
	input, err := c.input(ctx, b, old.Number)
	if err != nil {
		return err
	}
	done, on := serviceResult{lines: lines}, t.ServiceDay(at)
	done.Loaded, err = c.change(ctx, b, c.New, func(next cardlayout.Card) (cardlayout.Card, error) {
		filled, err := sale.Renew(old, next, on, t)
		if err == nil && input != nil {
			err = input.replaced(&old, sale.Cause(c.Cause), on) // before the new card is loaded
		}
		return filled, err
	})
	if err != nil {
		return errors.Join(err, input.restore(err))
	}
	if err := c.show(b, c.New, done); err != nil || sale.Cause(c.Cause) == sale.Lost {
		return err
	}
	if !c.JSON {
		b.say("%-9s %v (R-113)", "destroy", old.Number)
	}
	return nil
}

// input is the text of the block list, if one is named. The content of a lost card is not moved
// without it: the lost card would still pay. Nor is it moved twice.
func (c *replaceCommand) input(ctx context.Context, b *bench, old cardlayout.Number) (
	*blockInput, error,
) {
	if c.List == "" && sale.Cause(c.Cause) == sale.Lost {
		return nil, refusalIn(&sale.Refusal{
			Rule:  fare.RuleReplacement,
			Asked: fare.Say("replacing a card"),
			Why:   fare.Say("a lost card that is not blocked would pay, too"),
			Do:    fare.Say("name the text of the block list, onto which it goes (--list)"),
		},
			c.Language)
	}
	if c.List == "" {
		return nil, nil
	}
	input, err := b.blockInput(ctx, c.List)
	if err == nil && input.gone(old) {
		return nil, refusalIn(&sale.Refusal{
			Rule:  fare.RuleReplacement,
			Asked: fare.Say("replacing a card"),
			Why:   fare.Say("the list's text says that it was replaced already"),
			Do: fare.Say("look for the new card; only if nothing is on that, take the note off " +
				"the text and ask again"),
		}, c.Language)
	}
	return input, err
}

// cost shows the price of the new card.
func (c *replaceCommand) cost(b *bench, lines sale.Lines) error {
	if c.JSON {
		return b.json(receiptOf(lines))
	}
	tellReceipt(b, lines, messages.Language(c.Language))
	return nil
}
