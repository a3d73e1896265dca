package api

import "leima/hw/clock"

// How well the time of a State is known.
const (
	ClockSynchronized = "kept"      // kept right by a source that knows it
	ClockPlausible    = "plausible" // not kept right, but nothing contradicts it
	ClockUnknown      = "unknown"   // State.Now is an estimate
)

var clocks = map[clock.Quality]string{
	clock.Synchronized: ClockSynchronized,
	clock.Plausible:    ClockPlausible, clock.Unknown: ClockUnknown,
}

// clockFaults are why a clock is not believed.
var clockFaults = map[clock.Fault]string{
	clock.Impossible: "absurd", clock.Behind: "behind",
	clock.Ahead: "ahead", clock.Stepped: "stepped",
}
