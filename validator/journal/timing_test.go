package journal

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/clock"
)

// Ensure that the journal tells what is known of the time of its last event, and of the mark,
// before and after it is opened anew; and that an event without a time is passed over.
func TestTimingIsKept(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	require.Equal(t, clock.Memory{}, j.Timing())
	check := func(want clock.Memory) {
		t.Helper()
		require.Equal(t, want, j.Timing())
		require.NoError(t, j.Close())
		j = openSmall(t, j.path)
		require.Equal(t, want, j.Timing())
	}
	kept := tap(1, 1)
	kept.Synchronized = true
	require.NoError(t, j.Record(kept))
	check(clock.Memory{Last: kept.At, LastSync: kept.At})

	plain := tap(2, 1)
	plain.At, plain.LastSync = kept.At.Add(-time.Hour), kept.At
	require.NoError(t, j.Record(plain))
	check(clock.Memory{Last: plain.At, LastSync: kept.At}) // it is the last event's, not the latest

	guessed := tap(3, 1)
	guessed.Estimated, guessed.LastSync = true, kept.At
	require.NoError(t, j.Begin(guessed))
	require.NoError(t, j.Settle(id(3), testReceipt))
	check(clock.Memory{Last: guessed.At, Estimated: true, LastSync: kept.At})

	none := tap(4, 1)
	none.At = time.Time{}
	require.NoError(t, j.Record(none))
	check(clock.Memory{Last: guessed.At, Estimated: true, LastSync: kept.At})
}

// Ensure that the time of the last event is known where a segment has just begun.
func TestTimingInTheHeader(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	settled(t, j, 40)
	last := tap(41, 1)
	last.LastSync, last.Estimated = testTime, true
	require.NoError(t, j.Record(last))
	require.NoError(t, j.roll())
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.Equal(t, clock.Memory{Last: last.At, LastSync: testTime, Estimated: true}, j.Timing())
}
