package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/hw/pcsc"
	"leima/validator/desk"
)

// A spot is where a card lies, as the command line names it: in an image, or after
// "reader:" on the PC/SC reader whose name has that part.
type spot string

// inReader is what a spot on a reader begins with.
const inReader = "reader:"

// onReader tells whether the spot is on a reader, and on which.
func (s spot) onReader() (pattern string, is bool) {
	return strings.CutPrefix(string(s), inReader)
}

func (s spot) String() string { return strings.TrimSuffix(string(s), ":") }

// A stand is a spot with its card before a command. What a command changes of an image is
// there to stay only after keep.
type stand struct {
	spot

	// present activates the card as if it had just come: nothing is authenticated, and
	// nothing that was not committed is left.
	present func(context.Context) (hw.Card, error)

	// removed waits until the card has left that was activated last.
	removed func(context.Context) error

	keep  func() error
	close func() error
}

// stand opens the spot.
func (s spot) stand(b *bench) (*stand, error) {
	if pattern, is := s.onReader(); is {
		return s.reader(b, pattern)
	}
	card, err := openCard(string(s))
	if err != nil {
		return nil, err
	}
	return s.image(card), nil
}

// image is a stand of an emulated card, to be kept as the spot's image.
func (s spot) image(card *emu.Card) *stand {
	return &stand{
		spot:    s,
		present: func(context.Context) (hw.Card, error) { return emu.Air{}.Present(card), nil },
		removed: func(context.Context) error { return nil },
		keep:    func() error { return saveCard(string(s), card) },
		close:   func() error { return nil },
	}
}

// reader is a stand on a PC/SC reader.
func (s spot) reader(b *bench, pattern string) (*stand, error) {
	reader, err := b.open(pattern)
	if err != nil {
		return nil, err
	}
	var last hw.Card
	return &stand{
		spot: s,
		present: func(ctx context.Context) (hw.Card, error) {
			if lying, ok := last.(interface{ Cut() }); ok {
				lying.Cut()
			} else {
				b.remark("hold a card to the reader; Ctrl-C gives up")
			}
			card, err := reader.Wait(ctx)
			if ctx.Err() != nil {
				return nil, errStopped
			}
			last = card
			return card, err
		},
		removed: func(ctx context.Context) error {
			last = nil
			return reader.WaitRemoved(ctx)
		},
		keep:  func() error { return nil },
		close: reader.Close,
	}, nil
}

// visit is a desk.Visit at the stand.
func (s *stand) visit(b *bench) desk.Visit {
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
		if err := s.removed(ctx); ctx.Err() != nil {
			return nil, errStopped
		} else if err != nil {
			return nil, err
		}
		return s.present(ctx)
	}
}

// usePCSC is how a bench opens the readers of this machine.
func usePCSC(pattern string) (hw.Reader, error) {
	return pcsc.Open(pcsc.Options{Pattern: pattern})
}

// explain completes an error of the card with what to do.
func (s spot) explain(err error) error {
	_, real := s.onReader()
	var said failure
	switch {
	case errors.Is(err, desfire.ErrCommitUnknown):
		return fmt.Errorf("%s: %w: the card may hold the load: inspect it, and do not load it "+
			"again before", s, err)
	case err == nil, errors.Is(err, errStopped), errors.As(err, &said):
		return err
	case real && errors.Is(err, hw.ErrRemoved):
		return fmt.Errorf("%s: %w: hold it still, and try again", s, err)
	}
	return fmt.Errorf("%s: %w: %s", s, err, advice(err, real))
}
