package main

import (
	"context"
	"crypto/rand"

	"leima/hw/desfire"
	"leima/validator/servicepoint"
)

// eraseCommand makes one of our cards blank.
type eraseCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Keys keyPath      `placeholder:"FILE" help:"Key file with the issuer's part, or the test keys."`
	Yes  bool         `help:"Erase also a card that was not issued with the test keys."`
}

func (*eraseCommand) examples() string { return `bench erase aino.img` }

func (*eraseCommand) Help() string {
	return `Deletes our application from a card and gives the card an AES key of zeros, so that it
can be issued again. Its content is lost; other applications stay. A torn erasure
is repeated.

A card is erased with the keys it was issued with. Other keys than the test keys need
--yes: the card may be in use.`
}

func (c *eraseCommand) Run(ctx context.Context, b *bench) error {
	if err := confirmCard(c.Keys, c.Yes); err != nil {
		return err
	}
	slot, keys, err := b.card(c.Card, c.Keys)
	if err != nil {
		return err
	}
	defer slot.close()
	card, err := slot.present(ctx)
	if err != nil {
		return err
	}
	session, err := desfire.Connect(card)
	if err == nil {
		err = servicepoint.Erase(card, keys, rand.Reader)
	}
	if err != nil {
		return c.Card.explain(err)
	}
	if err := slot.keep(); err != nil {
		return err
	}
	b.say("%s: uid %x is blank", c.Card, session.UID())
	return nil
}
