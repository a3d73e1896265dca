package clock

import (
	"fmt"
	"time"
)

// A Quality is how far a time is known.
type Quality uint8

// The qualities. The zero value is what events were before they had one.
const (
	Plausible Quality = 0
	Kept      Quality = 1
	NotKnown  Quality = 2
)

var qualityNames = [...]string{"plausible", "kept", "not known"}

func (q Quality) String() string {
	if int(q) < len(qualityNames) {
		return qualityNames[q]
	}
	return fmt.Sprintf("quality %d", uint8(q))
}

// A Fault is why a clock is not believed.
type Fault uint8

// The faults.
const (
	NoFault Fault = 0
	Absurd  Fault = 1 // it shows what cannot be
	Behind  Fault = 2 // it came up behind the last event
	Ahead   Fault = 3 // it came up further ahead than a parked bus explains
	Stepped Fault = 4 // somebody has set it, and nobody says that it is right now
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

// A Report is what is said of a clock.
type Report uint8

// The reports.
const (
	Free   Report = 0 // nobody keeps it right
	Told   Report = 1 // it goes by that of another device, whose time is plausible
	Synced Report = 2 // it is kept right by somebody who knows the time
)

// A Reading is what a clock shows, and what is said of it.
type Reading struct {
	Time    time.Time
	Elapsed time.Duration // by a measure that nobody sets, and that counts while all sleeps
	Report  Report

	// Emulated says that it is no real clock: it may show anything.
	Emulated bool
}

// A Memory is what a device remembers of the times of its events.
type Memory struct {
	Last    time.Time // of the last event; zero: there was none
	Guessed bool      // that was not known

	// Kept is the mark: the last time that was kept. Only a kept time moves it.
	Kept time.Time

	// Built is the newest of what must have been before now, but for Made, the making of the
	// block list in use; zero: nothing is known.
	Built, Made time.Time
}

// A Time is what time it is, as far as that is known.
type Time struct {
	At      time.Time
	Quality Quality
	Fault   Fault // why it is not known

	// Since is from when on stamps and At are of one measure: how old an earlier one is
	// nobody knows. Zero: all are.
	Since time.Time

	// Kept is the mark: what ended before it has ended, whatever the clock shows.
	Kept time.Time

	// Earliest is At, where that is known, and otherwise no later than a right clock would
	// show: what has expired by then has expired.
	Earliest time.Time

	// Jump is how far the time has been put right since the reading before.
	Jump time.Duration
}

// Known tells whether it is the time, as far as anybody can tell.
func (t *Time) Known() bool { return t.Quality != NotKnown }
