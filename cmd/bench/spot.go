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
	keep    func() error
	close   func() error
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
		keep:  func() error { return nil },
		close: reader.Close,
	}, nil
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
	case err == nil, errors.Is(err, errStopped), errors.As(err, &said):
		return err
	case errors.Is(err, desfire.ErrCommitUnknown):
		return fmt.Errorf("%s: %w: the card holds either what it held or what it was to hold: "+
			"inspect it", s, err)
	case real && errors.Is(err, hw.ErrRemoved):
		return fmt.Errorf("%s: %w: hold it still, and try again", s, err)
	}
	return fmt.Errorf("%s: %w: %s", s, err, advice(err, real))
}
