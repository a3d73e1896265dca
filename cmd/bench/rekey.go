package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"leima/hw"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// rekeyCommand gives an issued card the newest keys.
type rekeyCommand struct {
	Card cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Keys keyPath      `required:"" placeholder:"FILE" help:"The issuer's key file, rolled."`
}

func (*rekeyCommand) examples() string { return "bench rekey carried.img --keys next.toml" }

func (*rekeyCommand) Help() string {
	return `Changes the transport key of a card to the newest of the file, and seals its rights with
the newest keys. What the card holds stays as it is. Every bus must have the bus part of
the file before. A card that leaves too early is finished by doing it again; until then it
travels as before. A card that has the newest keys is left alone.`
}

func (c *rekeyCommand) Run(ctx context.Context, b *bench) error {
	var done servicepoint.RekeyResult
	var version uint8
	err := b.withIssuer(ctx, c.Card, c.Keys, "no card is given keys with those of a bus",
		func(at hw.Card, k oncard.Keys) (err error) {
			version = k.Version
			done, err = servicepoint.Rekey(at, k, rand.Reader)
			return err
		})
	if err != nil {
		return err
	}
	switch {
	case done.Transport:
		b.say("%s: card %v has the keys of generation %d", c.Card, done.Number, version)
	case done.Rights:
		b.say("%s: the rights of card %v are sealed with the keys of generation %d", c.Card,
			done.Number, version)
	default:
		b.say("%s: card %v has the keys of generation %d already", c.Card, done.Number,
			version)
	}
	b.tellOthers(done.Card, done.Others)
	return nil
}

// withIssuer does what needs the issuer's keys on a card, and keeps its image. It may be torn, and
// is finished by doing it again. forbidden says what the keys of a bus do not do.
func (b *bench) withIssuer(ctx context.Context, at cardLocation, path keyPath, forbidden string,
	do func(hw.Card, oncard.Keys) error,
) error {
	slot, keys, err := b.card(at, path)
	if err != nil {
		return err
	}
	defer slot.close()
	if keys.Holder == nil {
		return mistake(fmt.Errorf("the key file has no [issuer] part: %s; name the issuer's file "+
			"(--keys)", forbidden))
	}
	card, err := slot.present(ctx)
	if err != nil {
		return err
	}
	err = do(card, keys)
	if errors.Is(err, hw.ErrRemoved) {
		return fmt.Errorf("%s: %w: it travels as before; hold the same card there again, and say "+
			"the same again: that finishes it", at, err)
	}
	if err != nil {
		return at.explain(err)
	}
	return slot.keep()
}
