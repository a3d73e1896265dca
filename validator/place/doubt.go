package place

import (
	"slices"
	"time"

	"leima/cardlayout"
)

// doubt is why a record is not sure.
func (a *Arbiter) doubt(r *Record, now time.Duration) Doubt {
	s, located := r.StopFrom.Source, a.voices[GNSS].stop.known
	_, listed := a.planned(r.Trip.ID)
	switch {
	case !a.Expected:
		return Sure
	case a.conflict(r, now):
		return Conflict
	case r.State == Diverted || a.along.beyond:
		return Diversion
	case len(a.trip.Calls) > 0 && a.foreign:
		return OffTrip
	case r.Trip.ID != "" && !listed:
		return Unknown
	case r.Stop.set() == 0:
		return NoZone
	case s == Timetable:
		return Planned
	case s == NoSource, s == Configuration:
		return NoNews
	case r.StopFrom.Kept, r.TripFrom.Kept && !located:
		return Kept
	case a.stale(r, now):
		return Stale
	}
	return Sure
}

// planned looks a trip up. Without a timetable on board every trip is as good as planned.
func (a *Arbiter) planned(id string) (Trip, bool) {
	if a.Plan == nil {
		return Trip{}, true
	}
	return a.Plan.Trip(id)
}

// stale reports whether the bus can be elsewhere than at the stop that was said last, or on the way
// from it.
func (a *Arbiter) stale(r *Record, now time.Duration) bool {
	return now-r.StopFrom.Since > a.age(r.StopFrom.Source, r) || a.mayHaveLeft(r, now)
}

// mayHaveLeft reports whether the source has become silent and the bus can be in other zones by
// now, or that nothing is known of what is ahead of it. The driver says stops one by one.
func (a *Arbiter) mayHaveLeft(r *Record, now time.Duration) bool {
	v := &a.voices[r.StopFrom.Source]
	unheard := (v.silent(now) || v.missed) && !a.seen(r, now) || r.StopFrom.Source == Driver ||
		r.StopFrom.Source == GNSS && r.Position == nil
	blind := len(a.trip.Calls)+len(a.stop.onward) == 0 && r.StopFrom.Source != Driver
	return unheard && (blind || a.reachable(r, now)&^r.Stop.set() != 0)
}

// seen reports whether satellites see the bus between the last call and the next one, or just
// arriving there.
func (a *Arbiter) seen(r *Record, now time.Duration) bool {
	if r.Position == nil || a.call < 0 || a.voices[GNSS].missed {
		return false
	}
	arrives := a.along.call == a.call+1 && now-a.voices[GNSS].stop.moved <= conflictTime
	return a.along.call == a.call || arrives
}

// conflict reports whether sources contradict each other for longer than they may.
func (a *Arbiter) conflict(r *Record, now time.Duration) bool {
	if a.torn(now) {
		return true
	}
	switch apart := a.back || a.elsewhere(r) || a.disagree(now); {
	case !apart:
		a.apart = false
	case !a.apart:
		a.apart, a.since = true, now
	}
	return a.apart && (a.back || now-a.since > conflictTime)
}

// torn reports whether two on-board computers speak as one source.
func (a *Arbiter) torn(now time.Duration) bool {
	return slices.ContainsFunc(computers[:], func(s Source) bool { return a.voices[s].isTorn(now) })
}

// elsewhere reports whether the bus is far from the stop where it is said to be, or from the way to
// the next one.
func (a *Arbiter) elsewhere(r *Record) bool {
	stop, next := r.Stop.Position, r.Next.Position
	if r.Position == nil || stop == nil || r.StopFrom.Source == GNSS {
		return false
	}
	if r.At == AtStop || next == nil {
		next = stop
	}
	return fromWay(r.Position, stop, next) > conflictsBeyond
}

// disagree reports whether two on-board computers say different stops of the trip, or stops that
// have no zone in common.
func (a *Arbiter) disagree(now time.Duration) bool {
	one, zones := -1, cardlayout.ZoneSet(0)
	for _, s := range computers {
		v := &a.voices[s]
		if !v.stop.known || v.stop.kept || v.silent(now) || now-v.stop.since > movingAge {
			continue
		}
		call, set := a.trip.find(&v.stop.value, a.call), a.zonesOf(v.stop.value.Stop)
		both := one >= 0 && call >= 0
		if both && call != one || !both && zones != 0 && set != 0 && zones&set == 0 {
			return true
		}
		one, zones = max(one, call), zones|set
	}
	return false
}

// question is the set of the zones in question.
func (a *Arbiter) question(r *Record, now time.Duration) cardlayout.ZoneSet {
	set := r.Stop.set()
	switch r.Doubt {
	case Conflict, Diversion, NoZone:
		set |= a.reachable(r, now) | a.nearby(r) | a.said(now)
	case OffTrip:
		set |= a.nearby(r)
		if r.Stop.set() == 0 {
			set |= a.reachable(r, now)
		}
	case NoNews, Kept:
		if r.StopFrom.Kept || r.StopFrom.Source <= Configuration {
			set |= a.reachable(r, now)
		}
	}
	if r.Doubt == Planned || a.stale(r, now) { // whatever the weightier doubt
		set |= a.reachable(r, now)
	}
	if set == 0 {
		set = a.zones
	}
	if set == 0 {
		set = a.voices[Configuration].stop.value.set()
	}
	return set
}

// reachable is the set of the zones where the bus can be by now: at most so much faster than
// planned as table.go says, and on another trip once this one is over. One that has left its way
// and is not seen any more can be anywhere. Of a trip whose calls are not known it is all that the
// source said was coming.
func (a *Arbiter) reachable(r *Record, now time.Duration) cardlayout.ZoneSet {
	set := r.Stop.set()
	if r.At != AtStop {
		set |= r.Next.set()
	}
	if a.from.Kept { // since when is not known: the bus may be where it begins, too
		set |= a.voices[Configuration].stop.value.set()
	}
	if a.call < 0 || a.from.Kept {
		for _, call := range a.trip.Calls {
			set |= call.set()
		}
		for _, stop := range a.stop.onward {
			set |= a.zonesOf(stop)
		}
		return set | r.Next.set()
	}
	elapsed := now - a.called
	from, reach := a.trip.Calls[a.call].Planned, fastest*elapsed
	if elapsed > conflictTime {
		reach += ahead
	}
	last := len(a.trip.Calls) - 1
	astray := a.along.beyond && r.Position == nil
	over := elapsed > conflictTime && a.trip.Calls[last].Planned-from < reach &&
		(a.trip.timed() || a.call == last)
	for n, call := range a.trip.Calls {
		if astray || over || n >= a.call && call.Planned-from <= reach {
			set |= call.set()
		}
	}
	return set
}

// nearby is the set of the zones of the trip's stop that is nearest to the bus.
func (a *Arbiter) nearby(r *Record) (set cardlayout.ZoneSet) {
	if r.Position == nil {
		return 0
	}
	nearest := -1.0
	for n := range a.trip.Calls {
		call := &a.trip.Calls[n]
		if call.Position == nil {
			continue
		}
		if far := Metres(r.Position, call.Position); nearest < 0 || far < nearest {
			nearest, set = far, call.set()
		}
	}
	return set
}

// said is the set of the zones of all stops that are said now.
func (a *Arbiter) said(now time.Duration) (set cardlayout.ZoneSet) {
	for s := range a.voices {
		v := &a.voices[s]
		if v.stop.known && !v.stop.kept && now-v.stop.since <= movingAge {
			set |= a.zonesOf(v.stop.value.Stop)
		}
		if v.isTorn(now) {
			set |= a.zonesOf(v.leftAt.Stop)
		}
	}
	return set
}
