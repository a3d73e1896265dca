package terminal

import (
	"fmt"
	"time"

	"leima/validator"
)

// Move sets the vehicle's place.
type Move struct{ Place validator.Place }

// Follow sets the vehicle's place as sources on the bus say it, and when it was heard. It asks once
// nothing else is done: it is no driver's word.
type Follow func() (place validator.Place, heard time.Duration)

// Pause takes the validator out of service; Resume puts it back.
type (
	Pause  struct{}
	Resume struct{}
)

func (m Move) apply(t *Terminal) (r Result, err error) {
	was := t.Validator.Place
	if err = t.moveTo(m.Place); err == nil && t.Moved != nil {
		t.Moved(was, m.Place)
	}
	return r, err
}

func (f Follow) apply(t *Terminal) (r Result, err error) {
	place, heard := f()
	t.Validator.PlaceHeard = heard
	return r, t.moveTo(place)
}

// moveTo moves the vehicle. An order that was for the last trip ends.
func (t *Terminal) moveTo(place validator.Place) error {
	was := t.Validator.Place
	if err := t.Validator.Move(place); err != nil {
		return err
	}
	if !place.SameTrip(was) && t.order.Sale == nil {
		t.order = order{}
		t.Validator.ShowIdle()
	}
	return nil
}

func (m Move) String() string {
	return fmt.Sprintf("moved to line %s, stop %s, trip %d, zones %v", m.Place.Line, m.Place.Stop,
		m.Place.Trip, m.Place.ZonesHere())
}

func (Pause) String() string  { return "paused" }
func (Resume) String() string { return "resumed" }

func (Pause) apply(t *Terminal) (r Result, err error) {
	t.Validator.Pause(true)
	return r, nil
}

func (Resume) apply(t *Terminal) (r Result, err error) {
	t.Validator.Pause(false)
	return r, nil
}
