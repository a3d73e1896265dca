package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/pcsc"
	"leima/validator/stand"
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

// usePCSC is how a bench opens the readers of this machine.
func usePCSC(pattern string) (hw.Reader, error) {
	return pcsc.Open(pcsc.Options{Pattern: pattern})
}

// explainTaps completes an error that ended one tap after the other.
func (s spot) explainTaps(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errStopped
	case errors.Is(err, stand.ErrLastDay):
		return refusal(fmt.Errorf("%s: %w", s, err))
	}
	return s.explain(err)
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
