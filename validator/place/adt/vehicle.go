package adt

import (
	"fmt"

	"leima/validator/place/payload"
)

// alike is how many stops in a row have to be one vehicle's until it is believed again.
const alike = 8

// vehicles tells whose messages are heard: another bus's computer on our network says its own
// place. Which of the two is ours is not known: neither is believed until one of them has gone.
type vehicles struct {
	last string // "": none yet
	two  bool
	row  int // messages in a row of last
}

// hear takes whose message it is, and reports whether a second vehicle begins to speak.
func (v *vehicles) hear(vehicle string) (second bool) {
	vehicle = payload.Text(vehicle)
	if second = v.last != "" && vehicle != v.last; second {
		v.two, v.row = true, 0
	}
	v.last = vehicle
	if v.row++; v.row >= alike {
		v.two = false
	}
	return second
}

// check refuses a message while two vehicles speak.
func (v *vehicles) check() error {
	if v.two {
		return fmt.Errorf("vehicle %q and another one speak here: neither is believed, until %d "+
			"stops in a row are one vehicle's", v.last, alike)
	}
	return nil
}
