package validator

import (
	"context"

	"leima/fare"
)

// Do does something as soon as no tap is running.
func (v *Validator) Do(what func() error) error { return v.DoWithin(context.Background(), what) }

// DoWithin is Do for a caller who cannot wait: if ctx ends before its turn, nothing is done and the
// error is ctx's. What has begun is done.
func (v *Validator) DoWithin(ctx context.Context, what func() error) error {
	if err := v.turn.TakeWithin(ctx); err != nil {
		return err
	}
	defer v.turn.Leave()
	return what()
}

// Move sets, between two taps, the vehicle's place.
func (v *Validator) Move(to Place) error {
	if err := to.Check(); err != nil {
		return fare.Say("moving to stop %q: %v", to.Stop, err)
	}
	was := v.Place
	if v.Place = to; to != was {
		v.ShowIdle()
	}
	return nil
}

// Pause takes the validator out of service, or puts it back, between two taps.
func (v *Validator) Pause(out bool) {
	v.paused = out
	v.ShowIdle()
}

// ShowIdle shows the idle panel, between two taps.
func (v *Validator) ShowIdle() { v.show(v.idle()) }

// Paused reports whether the validator is out of service by command.
func (v *Validator) Paused() bool { return v.paused }
