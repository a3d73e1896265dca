package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator/desk"
)

// A slot is a spot that a command has opened. What the command changes of an image is
// there to stay only after keep.
type slot struct {
	spot

	// present activates the card as if it had just come: nothing is authenticated, and
	// nothing that was not committed is left.
	present func(context.Context) (hw.Card, error)

	// removed waits until the card has left that was activated last.
	removed func(context.Context) error

	keep  func() error
	close func() error
}

// open opens the spot.
func (s spot) open(b *bench) (*slot, error) {
	pattern, is := s.onReader()
	if is {
		return s.reader(b, pattern)
	}
	card, err := openCard(string(s))
	if err != nil {
		return nil, err
	}
	return s.image(card), nil
}

// card opens a spot and reads the keys for its card.
func (b *bench) card(at spot, path keyPath) (*slot, desk.Keys, error) {
	slot, err := at.open(b)
	if err != nil {
		return nil, desk.Keys{}, err
	}
	keys, err := path.read(b)
	if err != nil {
		slot.close()
		return nil, desk.Keys{}, err
	}
	return slot, keys, nil
}

// look reads all of a card that the keys open.
func (s *slot) look(ctx context.Context, keys desk.Keys) (desk.Contents, error) {
	card, err := s.present(ctx)
	if err != nil {
		return desk.Contents{}, err
	}
	contents, err := desk.Inspect(card, keys, rand.Reader)
	return contents, s.explain(err)
}

// image is the slot of an emulated card, to be kept as the spot's image.
func (s spot) image(card *emu.Card) *slot {
	return &slot{
		spot:    s,
		present: func(context.Context) (hw.Card, error) { return emu.Air{}.Present(card), nil },
		removed: func(context.Context) error { return nil },
		keep:    func() error { return saveCard(string(s), card) },
		close:   func() error { return nil },
	}
}

// reader is a slot on a PC/SC reader.
func (s spot) reader(b *bench, pattern string) (*slot, error) {
	reader, err := b.open(pattern)
	if err != nil {
		return nil, err
	}
	c := &cable{bench: b, reader: reader}
	return &slot{
		spot: s, present: c.present, removed: c.removed,
		keep: func() error { return nil }, close: reader.Close,
	}, nil
}

// A cable is what a slot on a reader knows of it.
type cable struct {
	bench  *bench
	reader hw.Reader
	last   hw.Card // the one that lies there
	found  bool    // a card was found, so that the reader is the right one
}

// present waits for a card. One that lies there already loses its power first.
func (c *cable) present(ctx context.Context) (hw.Card, error) {
	if lying, ok := c.last.(hw.Severable); ok {
		lying.Cut()
	}
	waiting, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	if reader, ok := c.reader.(hw.Troubled); ok {
		defer reader.OnTrouble(nil)
		reader.OnTrouble(c.complaint(giveUp))
	} else {
		c.ask()
	}
	card, err := c.reader.Wait(waiting)
	switch {
	case ctx.Err() != nil:
		return nil, errStopped
	case waiting.Err() != nil:
		return nil, context.Cause(waiting)
	case err == nil:
		c.last, c.found = card, true
	}
	return card, err
}

// ask asks for a card, unless one lies there.
func (c *cable) ask() {
	if c.last == nil {
		c.bench.remark("hold a card to the reader; Ctrl-C gives up")
	}
}

// complaint hears what is the matter with the reader, and tells of it. A reader that has
// never had a card, and is not there within the bench's patience, is given up: it has
// another name, or pcscd does not run.
func (c *cable) complaint(giveUp context.CancelCauseFunc) func(error) {
	var patience *time.Timer
	return func(trouble error) {
		if patience != nil {
			patience.Stop()
		}
		switch {
		case trouble == nil:
			c.ask()
		case !c.found && errors.Is(trouble, hw.ErrReader):
			patience = time.AfterFunc(c.bench.patience, func() { giveUp(trouble) })
		default:
			c.bench.remark("%s", strings.TrimPrefix(trouble.Error(), "pcsc: "))
		}
	}
}

// removed waits until no card lies there.
func (c *cable) removed(ctx context.Context) error {
	c.last = nil
	err := c.reader.WaitRemoved(ctx)
	if ctx.Err() != nil {
		return errStopped
	}
	return err
}

// visit is a desk.Visit at the slot.
func (s *slot) visit(b *bench) desk.Visit {
	said := ""
	return func(ctx context.Context, again error) (hw.Card, error) {
		if again == nil {
			return s.present(ctx)
		}
		if text := again.Error(); text != said {
			b.remark("%s: %s", s, text)
			b.remark("the card left before it had answered: hold the same card to the reader again")
			said = text
		}
		if err := s.removed(ctx); err != nil {
			return nil, err
		}
		return s.present(ctx)
	}
}
