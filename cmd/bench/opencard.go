package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// An openCardLocation is an open location. Changes of an image are stored by keep.
type openCardLocation struct {
	cardLocation

	// present activates the card as if it had just come: without authentication and without
	// uncommitted writes.
	present func(context.Context) (hw.Card, error)

	// removed waits until the last activated card has left.
	removed func(context.Context) error

	keep  func() error
	close func() error
}

// open opens the location.
func (s cardLocation) open(b *bench) (*openCardLocation, error) {
	pattern, is := s.onReader()
	if is {
		return s.onPCSC(b, pattern)
	}
	card, err := openCard(string(s))
	if err != nil {
		return nil, err
	}
	return s.onImage(card), nil
}

// card opens a location and reads the keys for its card.
func (b *bench) card(at cardLocation, path keyPath) (*openCardLocation, oncard.Keys, error) {
	slot, err := at.open(b)
	if err != nil {
		return nil, oncard.Keys{}, err
	}
	keys, err := path.read(b, at)
	if err != nil {
		_ = slot.close() // nothing was written
		return nil, oncard.Keys{}, err
	}
	return slot, keys, nil
}

// inspect reads all of a card that the keys open.
func (s *openCardLocation) inspect(ctx context.Context, keys oncard.Keys) (
	servicepoint.Contents, error,
) {
	card, err := s.present(ctx)
	if err != nil {
		return servicepoint.Contents{}, err
	}
	contents, err := servicepoint.Inspect(card, keys, rand.Reader)
	return contents, s.explain(err)
}

// onImage is the open location of an emulated card, stored as the location's image.
func (s cardLocation) onImage(card *emu.Card) *openCardLocation {
	return &openCardLocation{
		cardLocation: s,
		present: func(context.Context) (hw.Card, error) {
			return emu.Air{}.Present(card),
				nil
		},
		removed: func(context.Context) error { return nil },
		keep:    func() error { return saveCard(string(s), card) },
		close:   func() error { return nil },
	}
}

// onPCSC is an open location on a PC/SC reader.
func (s cardLocation) onPCSC(b *bench, pattern string) (*openCardLocation, error) {
	reader, err := b.open(pattern)
	if err != nil {
		return nil, err
	}
	c := &pcscCard{bench: b, reader: reader}
	return &openCardLocation{
		cardLocation: s, present: c.present, removed: c.removed,
		keep: func() error { return nil }, close: reader.Close,
	}, nil
}

// A pcscCard is the state of a location on a reader.
type pcscCard struct {
	bench  *bench
	reader hw.Reader
	last   hw.Card // the one on the reader
	found  bool    // a card was found, so the reader is the right one
}

// present waits for a card. One that is there already loses its power first.
func (c *pcscCard) present(ctx context.Context) (hw.Card, error) {
	if lying, ok := c.last.(hw.PowerCutter); ok {
		lying.Cut()
	}
	waiting, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	if reader, ok := c.reader.(hw.TroubleReporter); ok {
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

// ask asks for a card, unless one is there.
func (c *pcscCard) ask() {
	if c.last == nil {
		c.bench.remark("hold a card to the reader; Ctrl-C gives up")
	}
}

// complaint returns a function that shows the trouble of the reader. A reader that has never had a
// card, and is missing for longer than the bench's patience, is given up: its name is another, or
// pcscd does not run.
func (c *pcscCard) complaint(giveUp context.CancelCauseFunc) func(error) {
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

// removed waits until no card is there.
func (c *pcscCard) removed(ctx context.Context) error {
	c.last = nil
	err := c.reader.WaitRemoved(ctx)
	if ctx.Err() != nil {
		return errStopped
	}
	return err
}

// presenter is a servicepoint.Presenter at the location.
func (s *openCardLocation) presenter(b *bench) servicepoint.Presenter {
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
