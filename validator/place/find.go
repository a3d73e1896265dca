package place

import (
	"cmp"
	"slices"
	"time"

	"leima/cardlayout"
)

// first returns the source whose word counts: of the first rank of which one is fit, the one that
// has changed last; NoSource if none is.
func first(order [][]Source, fit func(Source) bool, moved func(Source) time.Duration) Source {
	chosen := NoSource
	for _, rank := range order {
		for _, s := range rank {
			if fit(s) && (chosen == NoSource || moved(s) > moved(chosen)) {
				chosen = s
			}
		}
		if chosen != NoSource {
			break
		}
	}
	return chosen
}

// findTrip takes the trip.
func (a *Arbiter) findTrip(r *Record, now time.Duration) {
	moved := func(s Source) time.Duration { return a.voices[s].trip.moved }
	s := cmp.Or(
		first(tripOrder, func(s Source) bool { return a.tripLives(s, now) }, moved),
		first(tripOrder, func(s Source) bool { return a.voices[s].trip.known }, moved),
	)
	c := &a.voices[s].trip
	r.Trip, r.TripFrom = a.lookUp(c.value), Origin{s, c.since, c.kept}
	if len(r.Trip.Calls) == 0 {
		r.Trip.Calls = a.callsOf(r.Trip.Line)
	}
	if !a.begun || !r.Trip.same(&a.trip) || !sameWay(r.Trip.Calls, a.trip.Calls) {
		a.begin(r.Trip, c.moved)
	}
	a.tripFrom = s
}

// sameWay reports whether calls are at the same stops.
func sameWay(a, b []Call) bool {
	return slices.EqualFunc(a, b, func(a, b Call) bool { return a.ID == b.ID })
}

// callsOf are the calls of the trip of a line that the on-board computer says, if the driver has
// signed on to a departure that the timetable does not have: its number is another company's.
func (a *Arbiter) callsOf(line string) []Call {
	for _, s := range computers {
		c := &a.voices[s].trip
		if t := a.lookUp(c.value); c.known && t.Line == line {
			return t.Calls
		}
	}
	return nil
}

// tripLives reports whether a source's trip counts. The driver's word holds until the on-board
// computer begins another trip.
func (a *Arbiter) tripLives(s Source, now time.Duration) bool {
	c := &a.voices[s].trip
	switch {
	case !c.known || c.kept:
		return false
	case s == Configuration:
		return !a.Expected
	case s != Driver:
		return now-c.since <= tripAge || !a.voices[s].silent(now)
	}
	for _, computer := range computers {
		other := &a.voices[computer].trip
		if begun := other.moved > other.first; begun && !other.kept && other.moved > c.since {
			return false
		}
	}
	return !a.Expected || now-c.since <= tripAge
}

// lookUp adds what the timetable on board knows of a trip.
func (a *Arbiter) lookUp(t Trip) Trip {
	if a.Plan == nil {
		return t
	}
	planned, known := a.Plan.Trip(t.ID)
	if !known && t.ID == "" {
		planned, known = a.Plan.Numbered(t.Number)
		known = known && (t.Line == "" || t.Line == planned.Line) // else another company's
	}
	if !known {
		return t
	}
	t.Number, t.Line, t.Direction = planned.Number, planned.Line, planned.Direction
	if len(t.Calls) == 0 || sameWay(t.Calls, planned.Calls) { // which have times
		t.Calls = planned.Calls
	}
	return t
}

// begin begins a trip. What was said of stops before it, if another one was driven, is of that one;
// if it is the same and only known better, as once the timetable is read, it is not.
func (a *Arbiter) begin(t Trip, said time.Duration) {
	better := t.ID != "" && t.ID == a.trip.ID || t.Ref != "" && t.Ref == a.trip.Ref
	if a.tripFrom > Configuration && !better {
		a.turned = said
	}
	a.begun, a.trip, a.call, a.behind, a.foreign = true, t, -1, "", false
	a.along = along{call: -1}
	a.voices[GNSS].stop = claim[stopping]{}
}

func (a *Arbiter) findState(r *Record, now time.Duration) {
	for _, s := range stateOrder {
		v := &a.voices[s]
		if v.state.known && !v.state.kept && !v.silent(now) {
			r.State = v.state.value
		}
		if v.door.known && !v.door.kept && !v.silent(now) {
			r.Door = v.door.value
		}
	}
	if p := &a.voices[GNSS].position; p.known && !p.kept && now-p.since <= positionAge {
		r.Position = &p.value
	}
}

// findStop takes the stop; if nobody says it any more, the one that the bus should have reached.
func (a *Arbiter) findStop(r *Record, now time.Duration) {
	moved := func(s Source) time.Duration { return a.voices[s].stop.moved }
	lives := func(s Source) bool { return a.stopLives(s, r, now) }
	speaks := func(s Source) bool { return lives(s) && !a.voices[s].silent(now) }
	s := cmp.Or(first(stopOrder[:said], speaks, moved), first(stopOrder, lives, moved))
	live := s != NoSource
	if !live {
		known := func(s Source) bool { return a.voices[s].stop.known }
		heard := func(s Source) bool { return known(s) && !a.voices[s].stop.kept }
		s = cmp.Or(first(stopOrder[:len(stopOrder)-1], heard, moved),
			first(stopOrder, known, moved))
	}
	a.takeStop(s, r)
	if call := a.shouldBe(now); !live && call > a.call {
		r.Stop, r.Next, r.At = a.trip.Calls[call].Stop, Stop{}, UnknownAt
		r.StopFrom.Source, r.Call = Timetable, call
		a.complete(r, call)
	}
}

// stopLives reports whether a source's stop counts. The driver's word holds until a source says
// another stop.
func (a *Arbiter) stopLives(s Source, r *Record, now time.Duration) bool {
	c, driver := &a.voices[s].stop, &a.voices[Driver].stop
	overruled := s != Driver && driver.known && driver.since > c.moved
	young := s != Configuration && now-c.since <= a.age(s, r)
	return c.known && !c.kept && !overruled && (young || !a.Expected)
}

// takeStop takes a source's stop into the record.
func (a *Arbiter) takeStop(s Source, r *Record) {
	v := &a.voices[s]
	said, from := v.stop.value, Origin{s, v.stop.since, v.stop.kept}
	call, former := a.trip.find(&said, a.onFrom(&said)), v.stop.moved < a.turned
	if a.tooSoon(call, from.Since) {
		call = a.trip.find(&said, 0) // of a loop, which ends where it begins
	}
	if former {
		call = -1
	}
	a.back = s != Driver && !a.from.Kept && call >= 0 && call < a.call && a.goesBack(said.ID)
	if !a.back {
		a.stop, a.from, a.foreign = said, from, call < 0 && !former
		if v.at.known && v.at.kept == from.Kept {
			r.At = v.at.value
		}
		if call >= a.call {
			a.behind = ""
		}
		if call >= 0 {
			a.call, a.called = call, from.Since
		}
	}
	r.Stop, r.Next, r.StopFrom, r.Call = a.stop.Stop, a.stop.next, a.from, a.call
	if a.foreign {
		r.Call = -1
	}
	a.complete(r, a.call)
}

// shouldBe is the call that the bus should have reached since the last one that was said, by the
// timetable; -1 if none was.
func (a *Arbiter) shouldBe(now time.Duration) int {
	call := a.call
	if call < 0 || a.from.Kept || !a.trip.timed() {
		return -1
	}
	gone := now - a.called + a.trip.Calls[call].Planned
	for call+1 < len(a.trip.Calls) && a.trip.Calls[call+1].Planned <= gone {
		call++
	}
	return call
}

// goesBack reports whether a stop before the last one is not to be believed: an on-board computer
// that starts again says the first one. If it goes on from there, it is believed.
func (a *Arbiter) goesBack(stop string) bool {
	if a.behind == "" {
		a.behind = stop
	}
	return a.behind == stop
}

// tooSoon reports whether the bus cannot have reached a call by then.
func (a *Arbiter) tooSoon(call int, now time.Duration) bool {
	calls := a.trip.Calls
	return a.call >= 0 && call > a.call &&
		calls[call].Planned-calls[a.call].Planned > fastest*(now-a.called)+ahead
}

// timed reports whether it is known when the trip is at its calls.
func (t *Trip) timed() bool { return len(t.Calls) > 0 && t.Calls[len(t.Calls)-1].Planned > 0 }

// onFrom is the call from which a stop is looked for: the last one, or the one after it if the
// source names another call at the same stop.
func (a *Arbiter) onFrom(s *stopping) int {
	if s.ID == a.stop.ID && s.CallRef != "" && a.stop.CallRef != "" && s.CallRef != a.stop.CallRef {
		return a.call + 1
	}
	return a.call
}

// age is the age from which a source's stop is too old.
func (a *Arbiter) age(s Source, r *Record) time.Duration {
	stands := r.Position != nil && r.Position.Speed < standing
	at := &a.voices[s].at
	if stands || r.Door == DoorOpen || at.value == AtStop && !at.kept {
		return standingAge
	}
	return movingAge
}

// find returns the call that a source means: the next one of that stop, going forward, with the
// same stop after it if that is known; or else an earlier one, or -1. A trip may call at a stop
// twice.
func (t *Trip) find(s *stopping, from int) int {
	means := func(n int, exactly bool) bool {
		return t.Calls[n].ID == s.ID &&
			(!exactly || s.next.ID == "" || n+1 < len(t.Calls) && t.Calls[n+1].ID == s.next.ID)
	}
	for _, exactly := range []bool{true, false} {
		for n := range t.Calls {
			if forward := (max(from, 0) + n) % len(t.Calls); means(forward, exactly) {
				return forward
			}
		}
	}
	return -1
}

// complete adds the zones and the next stop, of which the source may not speak.
func (a *Arbiter) complete(r *Record, call int) {
	if r.Next.ID == "" && call >= 0 && call+1 < len(a.trip.Calls) &&
		a.trip.Calls[call].ID == r.Stop.ID {
		r.Next = a.trip.Calls[call+1].Stop
	}
	for n, stop := range []*Stop{&r.Stop, &r.Next} {
		if call >= 0 && call+n < len(a.trip.Calls) && a.trip.Calls[call+n].ID == stop.ID {
			stop.fill(a.trip.Calls[call+n].Stop)
		}
		a.plan(stop)
		stop.Zones = stop.known()
	}
}

// plan adds what the timetable on board knows of a stop.
func (a *Arbiter) plan(s *Stop) {
	if a.Plan == nil {
		return
	}
	if known, ok := a.Plan.Stop(s.ID); ok {
		s.fill(known)
	}
}

// zonesOf is the set of the zones of a stop, of which the source may not speak.
func (a *Arbiter) zonesOf(s Stop) cardlayout.ZoneSet {
	a.plan(&s)
	return s.set()
}

// fill adds what another source knows of a stop.
func (s *Stop) fill(by Stop) {
	if len(s.known()) == 0 {
		s.Zones = by.Zones
	}
	if s.Position == nil {
		s.Position = by.Position
	}
	if s.Name == "" {
		s.Name = by.Name
	}
}
