package api

import "leima/hw/clock"

// How far the time of a State is known.
const (
	ClockKept      = "kept"      // kept right by somebody who knows it
	ClockPlausible = "plausible" // by nobody, and nothing speaks against it
	ClockUnknown   = "unknown"   // State.Now is an estimate
)

var clocks = map[clock.Quality]string{clock.Kept: ClockKept, clock.Plausible: ClockPlausible,
	clock.NotKnown: ClockUnknown}

// clockFaults are why a clock is not believed.
var clockFaults = map[clock.Fault]string{clock.Absurd: "absurd", clock.Behind: "behind",
	clock.Ahead: "ahead", clock.Stepped: "stepped"}
