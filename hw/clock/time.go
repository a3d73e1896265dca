package clock

import (
	"fmt"
	"time"
)

// A Quality says how well a time is known.
type Quality uint8

// The qualities. The zero value is that of events from before events had one.
const (
	Plausible    Quality = 0
	Synchronized Quality = 1
	Unknown      Quality = 2
)

var qualityNames = [...]string{"plausible", "kept", "not known"}

func (q Quality) String() string {
	if int(q) < len(qualityNames) {
		return qualityNames[q]
	}
	return fmt.Sprintf("quality %d", uint8(q))
}

// A Fault is the reason not to believe a clock.
type Fault uint8

// The faults.
const (
	NoFault    Fault = 0
	Impossible Fault = 1 // it shows an impossible time
	Behind     Fault = 2 // it came up behind the last event
	Ahead      Fault = 3 // it came up further ahead than a parked bus explains
	Stepped    Fault = 4 // it was set, and nothing vouches for the new time
)

var faultNames = [...]string{
	"", "the clock shows a time that cannot be",
	"the clock came up behind the last event",
	"the clock came up further ahead than a parked bus explains",
	"the clock was set, and nothing says that it is right",
}

func (f Fault) String() string {
	if int(f) < len(faultNames) {
		return faultNames[f]
	}
	return fmt.Sprintf("fault %d", uint8(f))
}

// A SyncStatus says what keeps a clock right.
type SyncStatus uint8

// The states of synchronization.
const (
	FreeRunning SyncStatus = 0 // nothing
	Relayed     SyncStatus = 1 // another device whose time is plausible
	Disciplined SyncStatus = 2 // NTP or a satellite receiver
)

// A Reading is what a clock shows, and how it is synchronized.
type Reading struct {
	Time    time.Time
	Elapsed time.Duration // by a monotonic measure that also counts while the system sleeps
	Sync    SyncStatus

	// Emulated is set for a clock that is not real: it may show anything.
	Emulated bool
}

// A Memory is what a device remembers of the times of its events.
type Memory struct {
	Last      time.Time // of the last event; zero if none
	Estimated bool      // the time of the last event was an estimate

	// LastSync is the last synchronized time. Only a synchronized time moves it.
	LastSync time.Time

	// Built is the newest time that is known to have passed (program, tariffs), but for Made, when
	// the block list in use was made. Zero if unknown.
	Built, Made time.Time
}

// A Time is the time, as far as it is known.
type Time struct {
	At      time.Time
	Quality Quality
	Fault   Fault // why it is not known

	// Since is when the measure of At began: the age of an earlier stamp is unknown. Zero: all
	// stamps are of the same measure.
	Since time.Time

	// LastSync is the last synchronized time: what ended before it has ended, whatever the clock
	// shows.
	LastSync time.Time

	// Earliest is At if that is known, and otherwise no later than a right clock would show: what
	// has expired by then has expired.
	Earliest time.Time

	// Jump is the correction of the time since the reading before.
	Jump time.Duration
}

// Known reports whether the time is known or was carried on within bounds.
func (t *Time) Known() bool { return t.Quality != Unknown }
