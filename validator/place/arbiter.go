package place

import (
	"slices"
	"time"

	"leima/cardlayout"
)

// An Arbiter makes one record of all that the sources say. Its exported fields are set before the
// first call; it is for one goroutine.
type Arbiter struct {
	// Expected: something else than configuration and driver is to say where the bus is. If
	// nothing is, what the driver says holds until the driver says otherwise.
	Expected bool

	// Plan is the timetable on board; nil: none.
	Plan Plan

	voices [sources]voice
	along  along // own detection

	// The record's trip and stop, and the trip's last call that was said, and when; -1: none.
	begun    bool
	trip     Trip
	tripFrom Source
	turned   time.Duration // when the trip took the place of another
	stop     stopping
	from     Origin
	call     int
	called   time.Duration
	foreign  bool // the stop is none of the trip's

	behind string             // the stop to which a source has gone back
	back   bool               // it says that stop still
	apart  bool               // sources contradict each other …
	since  time.Duration      // … since then
	zones  cardlayout.ZoneSet // of the last sure record
}

// A Plan knows trips and stops by their ids, and trips by their numbers.
type Plan interface {
	Trip(id string) (Trip, bool)
	Numbered(number uint16) (Trip, bool)
	Stop(id string) (Stop, bool)
}

// A voice is what one source has said last.
type voice struct {
	trip     claim[Trip]
	stop     claim[stopping]
	at       claim[At]
	door     claim[Door]
	state    claim[State]
	position claim[Position]

	left   Trip          // the trip before this one, and …
	leftAt stopping      // … its last stop
	torn   time.Duration // when it came back at once; 0: it has not

	alive  time.Duration // when anything live was heard
	lost   bool          // its connection has ended
	missed bool          // … and no stop was heard since: one may have been missed
}

// A stopping is a stop with what follows it.
type stopping struct {
	Stop
	next   Stop
	onward []Stop
}

// A claim is what was said of one fact.
type claim[T any] struct {
	value T
	known bool
	kept  bool          // a broker kept it
	since time.Duration // when it was news
	first time.Duration // when anything was said first
	moved time.Duration // when the value changed last
	said  time.Time     // by the source's own clock
}

// hear takes what a report says. What was kept does not take the place of what is live, and a
// repetition makes nothing younger, but for the first live one of what was kept. The driver says
// nothing just to repeat it.
func (c *claim[T]) hear(value T, r *Report, same bool) {
	same = same && r.Source != Driver
	newer := !r.Said.IsZero() && r.Said.After(c.said)
	repeated := c.known && same && !newer && (r.Kept || !c.kept)
	if repeated || c.known && r.Kept && !c.kept && !newer {
		return
	}
	if !c.known {
		c.first = r.Heard
	}
	if !c.known || !same {
		c.moved = r.Heard
	}
	c.value, c.known, c.kept, c.said = value, true, r.Kept, r.Said
	c.since = r.Heard - min(max(r.Late, 0), tripAge) // older is too old for everything
}

// Hear takes a report.
func (a *Arbiter) Hear(r Report) {
	v := &a.voices[r.Source%sources]
	if r.Position != nil && !r.Said.IsZero() && r.Said.Equal(v.position.said) {
		return // the receiver hangs
	}
	if !r.Kept {
		v.missed = v.missed || v.silent(r.Heard)
		v.alive, v.lost = r.Heard, false
	}
	if r.Trip != nil {
		v.turn(&r)
		v.trip.hear(*r.Trip, &r, v.trip.value.same(r.Trip))
	}
	if r.Door != UnknownDoor {
		v.door.hear(r.Door, &r, v.door.value == r.Door)
	}
	if r.State != UnknownState {
		v.state.hear(r.State, &r, v.state.value == r.State)
	}
	if r.Stop != nil && !r.Kept {
		v.missed = false
	}
	if r.Stop != nil || r.Next != nil || r.Onward != nil {
		was := v.stop.value
		v.hearStop(&r)
		if s := &v.stop.value; !s.same(&was) || s.next.ID != was.next.ID {
			v.at = claim[At]{}
		}
	}
	if r.At != UnknownAt {
		v.at.hear(r.At, &r, v.at.value == r.At)
	}
	if r.Position != nil {
		v.position.hear(*r.Position, &r, false)
		if !r.Kept {
			a.detect(&r)
		}
	}
}

// turn notes that a source turns to another trip, and whether it comes back at once to the one that
// it has left.
func (v *voice) turn(r *Report) {
	c := &v.trip
	if r.Kept || !c.known || c.kept || c.value.same(r.Trip) {
		return
	}
	if c.moved > c.first && v.left.same(r.Trip) && r.Heard-c.moved <= silence {
		v.torn = r.Heard
	}
	v.left, v.leftAt = c.value, v.stop.value
}

// isTorn reports whether two speak as one, each of a trip of its own.
func (v *voice) isTorn(now time.Duration) bool { return v.torn > 0 && now-v.torn <= silence }

// Lose takes that a source's connection has ended: what it has said grows old from now on.
func (a *Arbiter) Lose(s Source) {
	v := &a.voices[s%sources]
	v.lost, v.missed = true, true
}

func (t *Trip) same(other *Trip) bool {
	return t.ID == other.ID && t.Number == other.Number && t.Line == other.Line &&
		t.Block == other.Block && t.Direction == other.Direction
}

func (s *stopping) same(other *stopping) bool {
	return s.ID == other.ID && s.CallRef == other.CallRef && slices.Equal(s.Zones, other.Zones)
}

// hearStop takes a stop or what follows it. Some sources say them one by one: a next stop without a
// stop belongs to the last one.
func (v *voice) hearStop(r *Report) {
	said := v.stop.value
	if r.Stop != nil {
		said = stopping{Stop: *r.Stop}
		if said.ID == v.stop.value.ID {
			said.next, said.onward = v.stop.value.next, v.stop.value.onward
		}
	}
	if r.Next != nil {
		said.next = *r.Next
	}
	if r.Onward != nil {
		said.onward = r.Onward
	}
	same := said.same(&v.stop.value)
	if same && r.Stop == nil { // no news of the stop itself
		if !r.Kept || v.stop.kept || !v.stop.known {
			v.stop.value = said
		}
		return
	}
	before := v.stop.moved
	v.stop.hear(said, r, same)
	if same && v.stop.moved == before && (!r.Kept || v.stop.kept) {
		v.stop.value = said
	}
}

// Where is the record of where the bus is now.
func (a *Arbiter) Where(now time.Duration) Record {
	var r Record
	a.findTrip(&r, now)
	a.findState(&r, now)
	a.findStop(&r, now)
	r.Doubt = a.doubt(&r, now)
	if r.Sure() {
		a.zones = r.Stop.set()
	} else {
		r.Question = a.question(&r, now)
	}
	return r
}

// silent reports whether nothing has come from a source for so long that it may have ended.
func (v *voice) silent(now time.Duration) bool {
	return v.lost || now-v.alive > silence
}

// silence is longer than a source takes to repeat itself: on-board computers say their journey
// every 30 seconds (VALS), and services of VDV 301 their data every 60.
const silence = 75 * time.Second
