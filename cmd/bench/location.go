package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/pcsc"
	"leima/validator/testrig"
)

// A cardLocation is the location of a card on the command line: an image, or after "reader:" the
// PC/SC reader whose name has that part.
type cardLocation string

// readerPrefix is the beginning of a location on a reader.
const readerPrefix = "reader:"

// onReader reports whether the location is on a reader, and returns its pattern.
func (s cardLocation) onReader() (pattern string, is bool) {
	return strings.CutPrefix(string(s), readerPrefix)
}

func (s cardLocation) String() string { return strings.TrimSuffix(string(s), ":") }

// usePCSC opens a reader of this machine.
func usePCSC(pattern string) (hw.Reader, error) {
	return pcsc.Open(pcsc.Options{Pattern: pattern})
}

// explainTaps completes an error that ended a series of taps.
func (s cardLocation) explainTaps(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errStopped
	case errors.Is(err, testrig.ErrLastDay):
		return refusal(fmt.Errorf("%s: %w", s, err))
	}
	return s.explain(err)
}

// explain completes an error of the card with what to do.
func (s cardLocation) explain(err error) error {
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
