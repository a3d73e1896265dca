package stand

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

// What the header of a tape says besides: the randomness of the validator, the vehicle trip,
// and how the tap ended, as a scenario has it.
const (
	headerSeed   = "seed"
	headerTrip   = "trip"
	headerEnding = "ending"
)

// Record taps the card once, as a journey of its own, and keeps the conversation. The
// validator is the bus's own but for its journal, which keeps nothing: played back, the tap
// is the same to the byte. now measures the exchanges. Only for cards with the test keys.
func (s *Stand) Record(
	ctx context.Context, seed uint64, now func() time.Time,
) (*tape.Tape, error) {
	if err := s.travelOn(); err != nil {
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
	if known, ok := card.(hw.Announced); ok {
		header.Reader = known.Reader()
	}
	return recorder.Tape(header), nil
}

// alone is the bus's validator on a vehicle trip, with nothing around it.
func alone(bus *sim.Bus, trip uint16, seed uint64) *validator.Validator {
	v, _ := bus.Bare(seed)
	v.Place.Trip = trip
	return v
}

// Replay does the tap of a tape again on a newly made bus, without its card, and tells how
// it ended. An error is what differs from the tape.
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
