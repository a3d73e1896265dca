package journal

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/clock"
)

// Ensure that the journal tells what is known of the time of its last event, and of the mark,
// before and after it is opened anew: also where the last entries were archived, and where those
// are damaged; and that an event without a time is passed over.
func TestTimingIsKept(t *testing.T) {
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
	kept.Kept = true
	require.NoError(t, j.Record(kept))
	check(clock.Memory{Last: kept.At, Kept: kept.At})

	plain := tap(2, 1)
	plain.At, plain.LastKept = kept.At.Add(-time.Hour), kept.At
	require.NoError(t, j.Record(plain))
	check(clock.Memory{Last: plain.At, Kept: kept.At}) // it is the last event's, not the latest

	guessed := tap(3, 1)
	guessed.Estimated, guessed.LastKept = true, kept.At
	require.NoError(t, j.Begin(guessed))
	require.NoError(t, j.Settle(id(3), testReceipt))
	check(clock.Memory{Last: guessed.At, Guessed: true, Kept: kept.At})

	none := tap(4, 1)
	none.At = time.Time{}
	require.NoError(t, j.Record(none))
	check(clock.Memory{Last: guessed.At, Guessed: true, Kept: kept.At})
}

// Ensure that the time of the last event is found where all entries have just been archived, and
// that of an archive that cannot be read the latest time of all is known.
func TestTimingInTheArchive(t *testing.T) {
	j := openSmall(t, created(t))
	settled(t, j, 40)
	last := tap(41, 1)
	last.LastKept = testTime
	require.NoError(t, j.Record(last))
	j.limits.segment = 1 // each entry is old enough
	for j.logSize > 0 {
		require.NoError(t, j.archive())
	}
	want := clock.Memory{Last: last.At, Kept: testTime}
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.Zero(t, j.logSize)
	require.Equal(t, want, j.Timing())

	newest := j.archives[len(j.archives)-1].file(j.path)
	require.NoError(t, j.Close())
	whole, err := os.ReadFile(newest)
	require.NoError(t, err)
	require.NoError(t, os.Remove(newest))
	j = openSmall(t, j.path)
	require.Equal(t, clock.Memory{Last: last.At}, j.Timing())
	require.NoError(t, os.WriteFile(newest, whole, 0o600))
}
