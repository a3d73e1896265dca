package place

import (
	"math"
	"time"
)

// along is own detection: which of the trip's calls the bus has reached, by its positions. It goes
// forward only, so that a loop and a stop that is called at twice do no harm.
type along struct {
	call   int           // reached last; -1: none yet
	heard  time.Duration // the last position
	off    bool          // the way
	since  time.Duration // off it since then
	beyond bool          // so long that any call further on may be the next
}

// window is how many calls ahead are looked at: a bus passes a stop where nobody waits.
const window = 3

// strayTime is how long a bus may be off its way, or without a position.
const strayTime = time.Minute

// detect looks where on its trip the bus is.
func (a *Arbiter) detect(r *Report) {
	l, calls := &a.along, a.trip.Calls
	if len(calls) == 0 {
		return
	}
	if reached := a.reached(r); reached >= 0 {
		l.call, l.off, l.beyond = reached, false, false
	} else if l.call >= 0 {
		l.stray(r, calls)
	}
	if l.call < 0 || l.beyond {
		return
	}
	v := &a.voices[GNSS]
	if v.missed = !l.near(r.Position, calls); v.missed {
		return
	}
	if c := &v.stop; !c.known || a.trip.find(&c.value, 0) != l.call {
		c.moved = r.Heard
	}
	said := stopping{Stop: calls[l.call].Stop}
	if l.call+1 < len(calls) {
		said.next = calls[l.call+1].Stop
	}
	v.stop = claim[stopping]{
		value: said, known: true, since: r.Heard, first: v.stop.first, moved: v.stop.moved,
	}
	at := AtStop
	if stop := calls[l.call].Position; stop == nil || Metres(r.Position, stop) > leftBeyond {
		at = Between
	}
	v.at.hear(at, r, v.at.value == at)
}

// near reports whether a point is on the way from the last call to the next one. A bus that is
// elsewhere may have called at stops that were not noticed.
func (l *along) near(p *Position, calls []Call) bool {
	from, to := calls[l.call].Position, calls[min(l.call+1, len(calls)-1)].Position
	if to == nil {
		to = from
	}
	return fromWay(p, from, to) <= strayedBeyond
}

// reached returns the call that the bus has reached; -1: none.
func (a *Arbiter) reached(r *Report) int {
	l, calls := &a.along, a.trip.Calls
	first, last := max(l.call, 0), len(calls)-1
	blind := r.Heard-l.heard > strayTime // as in a tunnel
	l.heard = r.Heard
	if l.call >= 0 && !l.beyond && !blind {
		last = min(l.call+window, last)
	}
	if l.call < 0 {
		first = max(a.call, 0) // as far as another source has known
	}
	within := float64(reachedWithin)
	if r.Position.Speed < slow || r.Door == DoorOpen {
		within = max(within, min(r.Position.Accuracy, leftBeyond)+reachedSlowly)
	}
	for n := first; n <= last; n++ {
		if stop := calls[n].Position; stop != nil && Metres(r.Position, stop) <= within {
			return n
		}
	}
	return -1
}

// stray notes how long the bus has been off the way between its calls.
func (l *along) stray(r *Report, calls []Call) {
	nearest := math.Inf(1)
	for n := l.call; n < min(l.call+window, len(calls)-1); n++ {
		if from, to := calls[n].Position, calls[n+1].Position; from != nil && to != nil {
			nearest = min(nearest, fromWay(r.Position, from, to))
		}
	}
	switch off := nearest > strayedBeyond && !math.IsInf(nearest, 1); {
	case !off:
		l.off = false
	case !l.off:
		l.off, l.since = true, r.Heard
	case r.Heard-l.since > strayTime:
		l.beyond = true
	}
}

// fromWay is the distance of a point from the straight way between two others, in metres.
func fromWay(p, from, to *Position) float64 {
	whole := Metres(from, to)
	if whole == 0 {
		return Metres(p, from)
	}
	a, b := Metres(from, p), Metres(to, p)
	along := (a*a - b*b + whole*whole) / (2 * whole)
	along = min(max(along, 0), whole)
	share := along / whole
	return Metres(p, &Position{
		Latitude:  from.Latitude + share*(to.Latitude-from.Latitude),
		Longitude: from.Longitude + share*(to.Longitude-from.Longitude),
	})
}
