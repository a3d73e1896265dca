package machine

import (
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that the commit's time is read as the go command writes it, and that a build without
// one, or with rubbish, says nothing.
func TestBuilt(t *testing.T) {
	for value, want := range map[string]time.Time{
		"2026-11-28T08:00:00Z": time.Date(2026, time.November, 28, 8, 0, 0, 0, time.UTC),
		"yesterday":            {}, "": {},
	} {
		require.Equal(t, want, builtOf([]debug.BuildSetting{
			{Key: "vcs.revision", Value: "abc"},
			{Key: "vcs.time", Value: value},
		}), value)
	}
	require.Zero(t, builtOf(nil))
}

// Ensure that the measure never goes back.
func TestElapsed(t *testing.T) {
	first := Elapsed()
	require.GreaterOrEqual(t, Elapsed(), first)
	require.Positive(t, first)
}
