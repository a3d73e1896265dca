package main

import (
	"context"
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/words"
)

// replaceCommand gives a new card for one that cannot be used.
type replaceCommand struct {
	Old string `arg:"" help:"What is on the old card, a file as issue reads; - reads stdin."`
	New spot   `arg:"" optional:"" help:"The new card, onto which its tickets are moved."`

	Cause   mishap `required:"" help:"Why: broken, neglected or lost."`
	Bought  string `required:"" placeholder:"DAY" help:"When the old card was bought."`
	Unknown bool   `name:"content-unknown" help:"The register does not tell what is on it."`
	List    string `placeholder:"FILE" help:"The text for list build: the old card goes onto it."`
	counter `embed:""`
}

func (*replaceCommand) examples() string {
	return `
bench replace old.txt new.img --cause lost --list lost.txt --bought 2024-01-02 --tariff terms.toml`
}

// Help implements kong.HelpProvider.
func (*replaceCommand) Help() string {
	return `Says what a new card costs in place of one that is broken, was not looked after or was
lost, and moves all that was on the old one to the new one, which must be empty and like it.
The old one is described as the register knows it, for a lost card cannot be read. Of one
that has ended the value alone moves, for as long as the terms say.

A lost card goes onto --list, the text of which list build makes the block list, before
anything is moved from it; without --list nothing is. One that is broken or was not looked
after lies on the counter: it is noted there as destroyed. Exit code 1 means that it is not
replaced, says why, and leaves the new card as it was.

The JSON has the fields before, after and receipt; without a new card it is the receipt.`
}

// mishap is a fare.Cause on the command line.
type mishap fare.Cause

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *mishap) UnmarshalText(text []byte) error {
	known := map[string]fare.Cause{"broken": fare.Broken, "neglected": fare.Neglected,
		"lost": fare.Lost}
	if known[string(text)] == 0 {
		return fmt.Errorf("%q: want broken, neglected or lost", text)
	}
	*c = mishap(known[string(text)])
	return nil
}

// Run replaces.
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
	lines, err := fare.Replace(fare.Replacement{Kind: old.Kind, Cause: fare.Cause(c.Cause),
		Bought: bought, On: t.Local(at).Day, MoveTo: c.New != "", NumberKnown: true,
		ContentKnown: !c.Unknown}, t)
	if err != nil {
		return refusal(err)
	}
	if c.New == "" {
		return c.cost(b, lines)
	}
	input, err := c.input(ctx, b)
	if err != nil {
		return err
	}
	done, on := settled{lines: lines}, t.ServiceDay(at)
	done.Loaded, err = c.change(ctx, b, c.New, func(next cardlayout.Card) (cardlayout.Card, error) {
		filled, err := fare.Renew(old, next, on, t)
		if err == nil && input != nil && fare.Cause(c.Cause) == fare.Lost {
			err = input.replaced(&old, fare.Lost, on) // before the card has what it holds
		}
		return filled, err
	})
	if err != nil {
		return err
	}
	if err := c.show(b, c.New, done); err != nil || fare.Cause(c.Cause) == fare.Lost {
		return err
	}
	if !c.JSON {
		b.say("%-9s %v (R-113)", "destroy", old.Number)
	}
	if input == nil {
		return nil
	}
	return input.replaced(&old, fare.Cause(c.Cause), on)
}

// input is the block list's, if one was named. What is on a lost card is not moved without it:
// the card would pay somewhere as well.
func (c *replaceCommand) input(ctx context.Context, b *bench) (*blockInput, error) {
	if c.List == "" && fare.Cause(c.Cause) == fare.Lost {
		return nil, refusal(&fare.Refusal{Rule: 104, Asked: "replacing a card",
			Why: "a lost card that nobody blocks would pay, too",
			Do:  "name the text of the block list, onto which it goes (--list)"})
	}
	if c.List == "" {
		return nil, nil
	}
	return b.blockInput(ctx, c.List)
}

// cost says what the new card costs.
func (c *replaceCommand) cost(b *bench, lines fare.Lines) error {
	if c.JSON {
		return b.json(receiptOf(lines))
	}
	tellReceipt(b, lines, words.Language(c.Language))
	return nil
}
