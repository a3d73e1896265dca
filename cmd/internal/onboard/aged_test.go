package onboard

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/clock"
	"leima/validator/place"
)

// Ensure that what a computer said long ago is kept, though it comes as news, unless one of the two
// clocks may be wrong; and that nothing that is kept becomes news.
func TestAged(t *testing.T) {
	now := clock.Time{
		At: time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC), Quality: clock.Synchronized,
	}
	ago := func(d time.Duration) place.Report {
		return place.Report{Source: place.Ruter, Said: now.At.Add(-d)}
	}
	unknown := now
	unknown.Quality = clock.Unknown
	for name, c := range map[string]struct {
		report place.Report
		now    clock.Time
		kept   bool
	}{
		"news":                             {ago(0), now, false},
		"a clock that is some minutes off": {ago(10 * time.Minute), now, false},
		"of before the last break":         {ago(11 * time.Minute), now, true},
		"of yesterday":                     {ago(20 * time.Hour), now, true},
		"of a bus that stood for a month":  {ago(31 * 24 * time.Hour), now, true},
		"of 1970":                          {place.Report{Source: place.Ruter, Said: time.Unix(0, 0)}, now, false},
		"of 2038":                          {place.Report{Source: place.Ruter, Said: time.Unix(1<<31-1, 0)}, now, false},
		"our own clock is not right":       {ago(20 * time.Hour), unknown, false},
		"no time":                          {place.Report{Source: place.Ruter}, now, false},
		"a time that has no zone":          {place.Report{Source: place.BoB, Said: now.At.Add(-time.Hour)}, now, false},
		"kept, and of now":                 {place.Report{Source: place.Ruter, Said: now.At, Kept: true}, now, true},
	} {
		require.Equal(t, c.kept, aged(c.report, c.now).Kept, name)
	}
}
