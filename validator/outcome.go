package validator

import (
	"errors"
	"time"

	"leima/hw"
)

// An Outcome is the result of a tap.
type Outcome struct {
	Ending   Ending
	Decision Decision // zero if the tap ended before
	Event    Event
	Took     time.Duration
	Err      error // even if the passenger need not know
}

// Ending is the end of a tap for the passenger.
type Ending uint8

// The endings. The first two come from the decision, the others from the world.
const (
	Accepted  Ending = 1 // the card carries the event, or needs none
	Refused   Ending = 2
	TryAgain  Ending = 3 // the card is unchanged
	Uncertain Ending = 4 // the card may have committed: presented again, it tells
	Fault     Ending = 5 // the device cannot serve; the card is unchanged
)

func (e Ending) String() string {
	switch e {
	case Accepted:
		return "accepted"
	case Refused:
		return "refused"
	case TryAgain:
		return "try again"
	case Uncertain:
		return "uncertain"
	case Fault:
		return "fault"
	}
	return "unknown ending"
}

// outcomeOf is the outcome of a decided tap.
func outcomeOf(event Event, d Decision) Outcome {
	o := Outcome{Ending: Refused, Decision: d, Event: event}
	if d.Reason.Done() {
		o.Ending = Accepted
	}
	return o
}

// uncertain ends a tap whose commit was not answered. A refusal stands even if the card has not
// noted it.
func uncertain(event Event, d Decision, err error) Outcome {
	o := outcomeOf(event, d).note(err)
	if o.Ending == Accepted {
		o.Ending = Uncertain
	}
	return o
}

// tryAgain ends a tap before its commit. If the reader has failed, another try would fail too.
func tryAgain(event Event, err error) Outcome {
	o := Outcome{Ending: TryAgain, Event: event, Err: err}
	if errors.Is(err, hw.ErrReader) {
		o.Ending = Fault
	}
	return o
}

// note adds an error to the outcome.
func (o Outcome) note(err error) Outcome {
	o.Err = errors.Join(o.Err, err)
	return o
}
