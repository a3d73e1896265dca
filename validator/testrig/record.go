package testrig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"leima/hw"
	"leima/hw/tape"
	"leima/validator"
	"leima/validator/sim"
)

// Further lines of a tape's header: the random seed of the validator, the vehicle trip, and the
// ending of the tap, as in a scenario.
const (
	headerSeed   = "seed"
	headerTrip   = "trip"
	headerEnding = "ending"
)

// Record taps the card once, as a separate journey, and records the conversation. It uses the bus's
// validator with a journal that keeps nothing: played back, the tap is the same to the byte. now
// measures the exchanges. Only for cards with the test keys.
func (s *Rig) Record(
	ctx context.Context, seed uint64, now func() time.Time,
) (*tape.Tape, error) {
	if err := s.nextJourney(); err != nil {
		return nil, err
	}
	card, err := s.Present(ctx)
	if err != nil {
		return nil, err
	}
	recorder := tape.Record(card, now)
	o := alone(s.Bus, s.place.Trip, seed).Tap(recorder)
	header := tape.Header{Keys: tape.TestKeys, At: s.Clock.Now(), Other: map[string]string{
		headerSeed: fmt.Sprint(seed), headerTrip: fmt.Sprint(s.place.Trip),
		headerEnding: sim.Describe(o),
	}}
	if known, ok := card.(hw.ReaderCard); ok {
		header.Reader = known.Reader()
	}
	return recorder.Tape(header), nil
}

// alone is the bus's validator on a vehicle trip, without a journal and a panel.
func alone(bus *sim.Bus, trip uint16, seed uint64) *validator.Validator {
	v, _ := bus.Bare(seed)
	v.Place.Trip = trip
	return v
}

// Replay repeats the tap of a tape on a new bus, without its card, and returns its ending. An error
// is a difference from the tape.
func Replay(bus *sim.Bus, t *tape.Tape) (ending string, err error) {
	seed, unseeded := strconv.ParseUint(t.Header.Other[headerSeed], 10, 64)
	trip, nowhere := strconv.ParseUint(cmp.Or(t.Header.Other[headerTrip], "1"), 10, 16)
	if unseeded != nil || nowhere != nil || t.Header.At.IsZero() {
		return "", errors.New("it does not say when and with which seed the tap was recorded: it " +
			"is no tape of a tap")
	}
	bus.Clock.Set(t.Header.At)
	player := t.Play()
	o := alone(bus, uint16(trip), seed).Tap(player)
	ending = sim.Describe(o)
	switch {
	case errors.Is(o.Err, tape.ErrDiffers):
		return ending, o.Err
	case player.Left() > 0:
		return ending, fmt.Errorf("the tape goes on for %d exchanges: %w", player.Left(),
			tape.ErrDiffers)
	case ending != t.Header.Other[headerEnding]:
		return ending, fmt.Errorf("the tap was recorded as %q: %w", t.Header.Other[headerEnding],
			tape.ErrDiffers)
	}
	return ending, nil
}
