package main

import (
	"context"
	"crypto/rand"

	"leima/hw/desfire"
	"leima/validator/desk"
)

// eraseCommand makes a blank card of one of ours.
type eraseCommand struct {
	Card spot    `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Keys keyPath `placeholder:"FILE" help:"Key file with the issuer's part; else the test keys."`
	Yes  bool    `help:"Erase also a card that was not issued with the test keys."`
}

func (*eraseCommand) examples() string { return `bench erase aino.img` }

// Help implements kong.HelpProvider.
func (*eraseCommand) Help() string {
	return `Deletes our application from a card and gives the card an AES key of zeros, so that it
can be issued again. Whatever was on it is lost; applications of others stay. What was
torn is erased by doing it again.

A card is erased with the keys it was issued with. With other keys than those of the
tests --yes must be said: it may be somebody's.`
}

// Run erases.
func (c *eraseCommand) Run(ctx context.Context, b *bench) error {
	if err := sure(c.Keys, c.Yes); err != nil {
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
		err = desk.Erase(card, keys, rand.Reader)
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
