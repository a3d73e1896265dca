package main

import (
	"context"
	"crypto/rand"

	"leima/hw"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// migrateCommand moves an issued card to the newest layout.
type migrateCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Keys keyPath      `placeholder:"FILE" help:"The issuer's key file; else the test keys."`
}

func (*migrateCommand) examples() string { return "bench migrate carried.img --keys keys.toml" }

func (*migrateCommand) Help() string {
	return `Moves a card to the newest layout, which a bus reads in one command. What the card holds
stays as it is. Every bus must have a program that knows the layout before: an older one
refuses the card from then on. A card that leaves too early is finished by doing it again;
until then it travels as before. A card of the newest layout is left alone.`
}

func (c *migrateCommand) Run(ctx context.Context, b *bench) error {
	var card servicepoint.Contents
	var moved bool
	err := b.withIssuer(ctx, c.Card, c.Keys, "no card is moved with the keys of a bus",
		func(at hw.Card, k oncard.Keys) (err error) {
			card, moved, err = servicepoint.Migrate(at, k, rand.Reader)
			return err
		})
	if err != nil {
		return err
	}
	already := ""
	if !moved {
		already = " already"
	}
	b.say("%s: card %v has layout %d%s", c.Card, card.Card.Number, card.Card.Layout, already)
	b.tellOthers(card.Card, card.Others)
	return nil
}
