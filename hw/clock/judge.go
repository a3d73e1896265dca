package clock

import "time"

const (
	// Parked is the longest that a bus stands without an event: a month in the workshop.
	Parked = 30 * 24 * time.Hour

	// Early, and Late in years, are how far a clock may be from the newest of what was
	// before now.
	Early = 24 * time.Hour
	Late  = 3

	// settling is how long stamps from before the time was put right are looked at as such.
	settling = time.Hour

	// A clock may be off its measure by slack, and a part of drift of the time gone by. An
	// estimate it must meet closer.
	slack = 15 * time.Second
	near  = 2 * time.Second
	drift = 1000
)

// A Judge judges the time in one run of a device, from its start to its end.
type Judge struct {
	begun bool
	base  time.Time     // from where the measure counts
	from  time.Duration // what it had counted then
	sound bool          // base was believed
	first Fault         // … or why it was not

	astray bool // the clock has left the measure
	kept   time.Time

	since   time.Time // from when the measure counts as it does now
	sinceAt time.Duration
}

// Now judges a reading.
func (j *Judge) Now(r Reading, m Memory) Time {
	r.Time = r.Time.Round(0) // the wall's time alone: the measure is handed in
	if m.Last.Before(m.lowest()) || m.tooLate(m.Last, r) {
		m.Last = time.Time{} // it was written by a clock that showed what cannot be
	}
	if j.kept.IsZero() && !m.tooLate(m.Kept, r) {
		j.kept = m.Kept
	}
	if fault := j.fault(r, m); fault != NoFault {
		return j.guess(r, m, fault)
	}
	return j.believe(r, m)
}

// fault is why a reading is not believed.
func (j *Judge) fault(r Reading, m Memory) Fault {
	off := r.Time.Sub(j.measured(r))
	switch {
	case r.Time.Before(m.lowest()), m.tooLate(r.Time, r):
		return Absurd
	case r.Report != Free, !j.begun && m.Last.IsZero():
		return NoFault
	case !j.begun && r.Time.Truncate(time.Second).Before(m.Last):
		return Behind
	case !j.begun && r.Time.After(m.Last.Add(Parked)):
		return Ahead
	case !j.begun || off.Abs() <= j.tolerance(r):
		return NoFault
	case !j.sound:
		return j.first
	}
	return Stepped
}

// lowest is the earliest that a clock may show.
func (m *Memory) lowest() time.Time { return latest(m.Built, m.Made).Add(-Early) }

// newest is the latest time that has surely been. By how old its program and its tariffs are
// an emulated clock is not judged.
func (m *Memory) newest(r Reading) time.Time {
	if r.Emulated {
		return m.Made
	}
	return latest(m.Built, m.Made)
}

// tooLate tells whether a time is later than any that the clock may show.
func (m *Memory) tooLate(t time.Time, r Reading) bool {
	newest := m.newest(r)
	return !newest.IsZero() && t.After(newest.AddDate(Late, 0, 0))
}

// measured is the time that the measure has come to.
func (j *Judge) measured(r Reading) time.Time { return j.base.Add(r.Elapsed - j.from) }

// tolerance is how far the clock may be off the measure.
func (j *Judge) tolerance(r Reading) time.Duration {
	if !j.sound {
		return near
	}
	return slack + (r.Elapsed-j.from)/drift
}

// believe takes a reading for the time.
func (j *Judge) believe(r Reading, m Memory) Time {
	t := Time{At: r.Time, Earliest: r.Time}
	if jump := r.Time.Sub(j.measured(r)); j.begun && jump.Abs() > j.tolerance(r) {
		t.Jump = jump
	}
	switch {
	case t.Jump != 0 || !j.begun && m.Guessed:
		j.since, j.sinceAt = r.Time, r.Elapsed
	case j.astray || !j.sound:
		j.since = time.Time{}
	}
	j.begun, j.base, j.from, j.sound, j.astray = true, r.Time, r.Elapsed, true, false
	if r.Report == Synced {
		t.Quality, j.kept = Kept, r.Time
	}
	if r.Elapsed-j.sinceAt < settling {
		t.Since = j.since
	}
	t.Kept = j.kept
	return t
}

// guess goes on from what is known by the measure alone. Where nothing is, there is but the
// clock, until something is.
func (j *Judge) guess(r Reading, m Memory, fault Fault) Time {
	newest := m.newest(r)
	switch {
	case !j.begun && m.Last.IsZero() && newest.IsZero():
		return Time{At: r.Time, Quality: NotKnown, Fault: fault, Since: r.Time, Earliest: r.Time}
	case !j.begun:
		j.first = fault
		j.restart(latest(m.Last, newest), r)
	case !j.astray && j.sound:
		j.astray, j.since = true, j.measured(r)
	}
	if j.measured(r).Before(newest) {
		j.restart(newest, r)
	}
	at := j.measured(r)
	return Time{At: at, Quality: NotKnown, Fault: fault, Since: j.since, Kept: j.kept,
		Earliest: j.earliest(r, m, at)}
}

// restart has the measure count on from a time that is a guess.
func (j *Judge) restart(at time.Time, r Reading) {
	j.begun, j.base, j.from, j.sound, j.astray = true, at, r.Elapsed, false, false
	j.since = at
}

// earliest is the earliest that it can be now: the clock may be right after all, unless it
// shows what cannot be.
func (j *Judge) earliest(r Reading, m Memory, at time.Time) time.Time {
	can := !r.Time.Before(m.lowest()) && !m.tooLate(r.Time, r)
	switch {
	case can && r.Time.Before(at):
		return latest(r.Time, j.kept)
	case !can && !j.kept.IsZero():
		return j.kept
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
