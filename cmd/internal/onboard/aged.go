package onboard

import (
	"time"

	"leima/hw/clock"
	"leima/validator/place"
)

// News is at most so old when it comes, by clocks that may be wrong by some minutes; and not so old
// that it is the source's clock that is wrong.
const (
	oldNews    = 10 * time.Minute
	wrongClock = 365 * 24 * time.Hour
)

// aged takes what a source said long ago for kept, though it comes as news: so a bridge between
// brokers delivers what it has kept while its link was down. The source's time tells it, if ours is
// right.
func aged(r place.Report, now clock.Time) place.Report {
	old := now.At.Sub(r.Said)
	r.Kept = r.Kept || r.Source == place.Ruter && !r.Said.IsZero() &&
		now.Quality == clock.Synchronized && old > oldNews && old < wrongClock
	return r
}
