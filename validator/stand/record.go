package sim

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"leima/hw"
	"leima/hw/tape"
)

// What the header of a tape says besides: the randomness of the validator and how the tap
// ended, as a scenario has it.
const (
	headerSeed   = "seed"
	headerEnding = "ending"
)

// Record taps the card once and keeps the conversation. The validator is the bus's own but
// for its journal, which keeps nothing: played back, the tap is the same to the byte. Only
// for cards with the test keys.
func (b *Bus) Record(card hw.Card, seed uint64, now func() time.Time) *tape.Tape {
	v, _ := b.bare(seed)
	recorder := tape.Record(card, now)
	o := v.Tap(recorder)
	header := tape.Header{Keys: tape.TestKeys, At: b.Clock.Now(), Other: map[string]string{
		headerSeed: fmt.Sprint(seed), headerEnding: describe(o),
	}}
	if known, ok := card.(hw.Announced); ok {
		header.Reader = known.Reader()
	}
	return recorder.Tape(header)
}

// Replay does the tap of a tape again, without its card, and tells how it ended. An error
// is what differs from the tape.
func (b *Bus) Replay(t *tape.Tape) (ending string, err error) {
	seed, err := strconv.ParseUint(t.Header.Other[headerSeed], 10, 64)
	if err != nil || t.Header.At.IsZero() {
		return "", errors.New("it does not say when and with which seed the tap was recorded: it " +
			"is no tape of a tap")
	}
	b.Clock.Set(t.Header.At)
	v, _ := b.bare(seed)
	player := t.Play()
	o := v.Tap(player)
	ending = describe(o)
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
