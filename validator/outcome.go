package validator

import (
	"errors"
	"time"

	"leima/fare"
	"leima/hw"
)

// An Outcome is how a tap ended.
type Outcome struct {
	Ending   Ending
	Decision fare.Decision // zero if the tap did not come that far
	Event    Event
	Look     *Look // of a card that was only looked at
	Took     time.Duration
	Err      error // what went wrong, also where the passenger need not know
}

// Ending is what a tap comes to for the passenger.
type Ending uint8

// The endings of a tap. The first two come from the decision, the others from the
// world.
const (
	Accepted  Ending = 1 // the card carries the event, or needs none
	Refused   Ending = 2
	TryAgain  Ending = 3 // the card is unchanged
	Uncertain Ending = 4 // the card may have committed: the same card again tells
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

// decided ends a tap as it was decided.
func decided(event Event, d fare.Decision) Outcome {
	o := Outcome{Ending: Refused, Decision: d, Event: event}
	if d.Reason.Done() {
		o.Ending = Accepted
	}
	return o
}

// uncertain ends a tap whose commit was not answered. A refusal stands whether or
// not the card has noted it.
func uncertain(event Event, d fare.Decision, err error) Outcome {
	o := decided(event, d).note(err)
	if o.Ending == Accepted {
		o.Ending = Uncertain
	}
	return o
}

// tryAgain ends a tap before its commit. Where the reader has failed, another try
// would fail alike.
func tryAgain(event Event, err error) Outcome {
	o := Outcome{Ending: TryAgain, Event: event, Err: err}
	if errors.Is(err, hw.ErrReader) {
		o.Ending = Fault
	}
	return o
}

// note adds what went wrong beside the ending.
func (o Outcome) note(err error) Outcome {
	o.Err = errors.Join(o.Err, err)
	return o
}
