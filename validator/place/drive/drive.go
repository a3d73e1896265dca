// Package drive plays a trip as if a bus drove it: for tests, for the bench, and for an emulated
// bus.
package drive

import (
	"time"

	"leima/validator/place"
)

// A Moment is what is to be seen of a bus at an instant of its trip.
type Moment struct {
	After    time.Duration // since the departure from the first stop that is planned
	Call     int           // the stop where it is, or which it has left last
	At       place.At
	Door     place.Door
	Position *place.Position // nil: the stops' places are not known
}

// A bus stands for so long where it stops, but for a third of the way to the next stop at most.
const stands = 20 * time.Second

// shortest is the time between two stops that a timetable in whole minutes gives as none.
const shortest = 30 * time.Second

// Moments calls yield for each moment of a trip, one in every so long, until it returns false. The
// bus is at its first stop a minute before the departure, and at its last for a minute.
func Moments(t place.Trip, every time.Duration, yield func(Moment) bool) {
	at := -time.Minute
	for n := range t.Calls {
		here, leaves, arrives := t.Calls[n].Position, time.Duration(0), time.Duration(0)
		if n+1 < len(t.Calls) {
			gap := max(t.Calls[n+1].Planned-t.Calls[n].Planned, shortest)
			leaves = t.Calls[n].Planned + min(stands, gap/3)
			arrives = t.Calls[n].Planned + gap
		} else {
			leaves = t.Calls[n].Planned + time.Minute
			arrives = leaves
		}
		for ; at < leaves; at += every {
			door := place.DoorOpen
			if leaves-at <= every {
				door = place.DoorsClosed
			}
			if !yield(Moment{at, n, place.AtStop, door, here}) {
				return
			}
		}
		for ; at < arrives; at += every {
			share := float64(at-leaves) / float64(arrives-leaves)
			moment := Moment{at, n, place.Between, place.DoorsClosed, nil}
			if next := t.Calls[n+1].Position; here != nil && next != nil {
				moment.Position = between(here, next, share, arrives-leaves)
			}
			if !yield(moment) {
				return
			}
		}
	}
}

// between is a share of the straight way from one place to another, which takes some time.
func between(from, to *place.Position, share float64, takes time.Duration) *place.Position {
	return &place.Position{
		Latitude:  from.Latitude + share*(to.Latitude-from.Latitude),
		Longitude: from.Longitude + share*(to.Longitude-from.Longitude),
		Speed:     place.Metres(from, to) / takes.Seconds(),
		Accuracy:  5,
	}
}
