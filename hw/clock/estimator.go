package clock

import "time"

const (
	// Parked is the longest time that a bus stands without an event: a month in the workshop.
	Parked = 30 * 24 * time.Hour

	// A clock may be mostEarly before, and mostLate years after, the newest time that has surely
	// passed.
	mostEarly = 24 * time.Hour
	mostLate  = 3

	// settling is how long events from before a correction of the clock are marked as such.
	settling = time.Hour

	// A clock may differ from the measure by slack and by a drift-th of the time gone by. An
	// estimate must be closer.
	slack         = 15 * time.Second
	estimateSlack = 2 * time.Second
	drift         = 1000
)

// An Estimator estimates the time during one run of a device, from its start to its end.
type Estimator struct {
	begun   bool
	base    time.Time     // the time at which the measure began to count
	from    time.Duration // its count then
	trusted bool          // base was believed
	first   Fault         // … or the reason why not

	drifted  bool // the clock has left the measure
	lastSync time.Time

	since   time.Time // since when the measure has counted as now
	sinceAt time.Duration
}

// Now is the time that a reading amounts to.
func (e *Estimator) Now(r Reading, m Memory) Time {
	r.Time = r.Time.Round(0) // only the wall clock: the measure is handed in
	if m.Last.Before(m.lowest()) || m.tooLate(m.Last, r) {
		m.Last = time.Time{} // a clock with an impossible time has written it
	}
	if e.lastSync.IsZero() && !m.tooLate(m.LastSync, r) {
		e.lastSync = m.LastSync
	}
	if fault := e.fault(r, m); fault != NoFault {
		return e.holdover(r, m, fault)
	}
	return e.accept(r, m)
}

// fault is the reason not to believe a reading.
func (e *Estimator) fault(r Reading, m Memory) Fault {
	off := r.Time.Sub(e.expected(r))
	switch {
	case r.Time.Before(m.lowest()), m.tooLate(r.Time, r):
		return Impossible
	case r.Sync != FreeRunning, !e.begun && m.Last.IsZero():
		return NoFault
	case !e.begun && r.Time.Truncate(time.Second).Before(m.Last):
		return Behind
	case !e.begun && r.Time.After(m.Last.Add(Parked)):
		return Ahead
	case !e.begun || off.Abs() <= e.tolerance(r):
		return NoFault
	case !e.trusted:
		return e.first
	}
	return Stepped
}

// lowest is the earliest time that a clock may show.
func (m *Memory) lowest() time.Time { return latest(m.Built, m.Made).Add(-mostEarly) }

// newest is the latest time that has surely passed. For an emulated clock the age of program and
// tariffs does not count.
func (m *Memory) newest(r Reading) time.Time {
	if r.Emulated {
		return m.Made
	}
	return latest(m.Built, m.Made)
}

// tooLate reports whether a time is later than any that the clock may show.
func (m *Memory) tooLate(t time.Time, r Reading) bool {
	newest := m.newest(r)
	return !newest.IsZero() && t.After(newest.AddDate(mostLate, 0, 0))
}

// expected is the time by the measure.
func (e *Estimator) expected(r Reading) time.Time { return e.base.Add(r.Elapsed - e.from) }

// tolerance is how far the clock may be off the measure.
func (e *Estimator) tolerance(r Reading) time.Duration {
	if !e.trusted {
		return estimateSlack
	}
	return slack + (r.Elapsed-e.from)/drift
}

// accept takes the reading as the time.
func (e *Estimator) accept(r Reading, m Memory) Time {
	t := Time{At: r.Time, Earliest: r.Time}
	if jump := r.Time.Sub(e.expected(r)); e.begun && jump.Abs() > e.tolerance(r) {
		t.Jump = jump
	}
	switch {
	case t.Jump != 0 || !e.begun && m.Estimated:
		e.since, e.sinceAt = r.Time, r.Elapsed
	case e.drifted || !e.trusted:
		e.since = time.Time{}
	}
	e.begun, e.base, e.from, e.trusted, e.drifted = true, r.Time, r.Elapsed, true, false
	if r.Sync == Disciplined {
		t.Quality, e.lastSync = Synchronized, r.Time
	}
	if r.Elapsed-e.sinceAt < settling {
		t.Since = e.since
	}
	t.LastSync = e.lastSync
	return t
}

// holdover continues from the last known time by the measure. If there is none, only the clock is
// left, until a time is known.
func (e *Estimator) holdover(r Reading, m Memory, fault Fault) Time {
	newest := m.newest(r)
	switch {
	case !e.begun && m.Last.IsZero() && newest.IsZero():
		return Time{At: r.Time, Quality: Unknown, Fault: fault, Since: r.Time, Earliest: r.Time}
	case !e.begun:
		e.first = fault
		e.restart(latest(m.Last, newest), r)
	case !e.drifted && e.trusted:
		e.drifted, e.since = true, e.expected(r)
	}
	if e.expected(r).Before(newest) {
		e.restart(newest, r)
	}
	at := e.expected(r)
	return Time{
		At: at, Quality: Unknown, Fault: fault, Since: e.since, LastSync: e.lastSync,
		Earliest: e.earliest(r, m, at),
	}
}

// restart has the measure count from an estimated time.
func (e *Estimator) restart(at time.Time, r Reading) {
	e.begun, e.base, e.from, e.trusted, e.drifted = true, at, r.Elapsed, false, false
	e.since = at
}

// earliest is the earliest possible time: the clock may be right after all, unless it shows an
// impossible time.
func (e *Estimator) earliest(r Reading, m Memory, at time.Time) time.Time {
	can := !r.Time.Before(m.lowest()) && !m.tooLate(r.Time, r)
	switch {
	case can && r.Time.Before(at):
		return latest(r.Time, e.lastSync)
	case !can && !e.lastSync.IsZero():
		return e.lastSync
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
