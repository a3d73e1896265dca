package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator"
)

// on is a record of a day, counted from the first.
func on(j *Journal, days int, change ...func(*validator.Event)) validator.Event {
	event := tap(j.Next().Sequence, 1)
	event.At = testTime.AddDate(0, 0, days)
	for _, f := range change {
		f(&event)
	}
	return event
}

// keep records an event, and lets the journal do what no tap waits for.
func keep(t *testing.T, j *Journal, event validator.Event) {
	t.Helper()
	require.NoError(t, j.Record(event))
	idle(j)
}

// still stops a journal's timer for good, and reports whether it was set: a test has tick instead.
func still(j *Journal) (was bool) {
	j.using.Lock()
	defer j.using.Unlock()
	if was = j.timer != nil; was {
		j.timer.Stop()
	}
	j.timer = time.AfterFunc(time.Hour, func() {})
	j.timer.Stop()
	return was
}

// tick has a journal do what its timer would, and reports whether more waits.
func tick(j *Journal) bool {
	j.late()
	return still(j)
}

// idle lets a journal do all that no tap waits for.
func idle(j *Journal) {
	for tick(j) {
	}
}

func guessed(e *validator.Event) { e.Estimated = true }

// what was acknowledged goes thirty days after it happened, with its segment, which
// is closed after a day, whatever room there is; what was not stays, and so does what is younger.
func TestOldEntriesGo(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]Limits{"by day": {}, "by size": {segment: 1 << 10}} {
		t.Run(name, func(t *testing.T) {
			j, err := OpenWithin(created(t), limits)
			require.NoError(t, err)
			defer j.Close()
			for n := range 40 {
				keep(t, j, on(j, n))
			}
			require.EqualValues(t, 1, j.Extent().First, "nothing was acknowledged")
			require.NoError(t, j.Acknowledge(5))
			require.LessOrEqual(t, j.Extent().First, uint64(6))
			require.Greater(t, j.Extent().First, uint64(3))
			require.NoError(t, j.Acknowledge(40))
			keep(t, j, on(j, 42))
			first, oldest := entries(t, j)[0].Event.At, testTime.AddDate(0, 0, 12)
			require.False(t, first.After(oldest), "%v is younger than thirty days", first)
			require.False(t, first.Before(oldest.AddDate(0, 0, -1)), "%v should have gone", first)
			require.NoError(t, j.Verify(nil))
			require.NoError(t, j.Extent().Trouble)
		})
	}
}

// Ensure that a time which was not known makes nothing old, neither a segment nor an entry, and
// that an entry of such a time is as old as those around it.
func TestOldByAnUnknownTime(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	keep(t, j, on(j, 0))
	keep(t, j, on(j, 900, guessed))
	require.Len(t, j.segments, 1)
	keep(t, j, on(j, 1))
	require.Len(t, j.segments, 2)
	require.NoError(t, j.Acknowledge(3))
	keep(t, j, on(j, 5000, guessed))
	require.EqualValues(t, 1, j.Extent().First)
	keep(t, j, on(j, 31))
	require.EqualValues(t, 1, j.Extent().First, "its last entry is of that day")
	keep(t, j, on(j, 33))
	require.EqualValues(t, 4, j.Extent().First)
	require.NoError(t, j.Verify(nil))
}

// Ensure that an entry goes when it is older than the limit by a second, and not when it is as old.
func TestOldToTheSecond(t *testing.T) {
	t.Parallel()
	for late, first := range map[time.Duration]uint64{0: 1, time.Second: 3} {
		j := open(t, created(t))
		keep(t, j, on(j, 0))
		keep(t, j, on(j, 1))
		require.NoError(t, j.Acknowledge(2))
		last := on(j, 31)
		last.At = entries(t, j)[1].Event.At.Add(30*day + late)
		keep(t, j, last)
		require.Equal(t, first, j.Extent().First, late)
	}
}

// Ensure that the state of open intents, of numbers, times and payments outlives the entries that
// went.
func TestOldEntriesLeaveTheirState(t *testing.T) {
	t.Parallel()
	j, err := OpenWithin(created(t), Limits{Doubt: 365 * day})
	require.NoError(t, err)
	require.NoError(t, j.Begin(paidLoad(1, "A", 0)))
	keep(t, j, on(j, 1))
	require.NoError(t, j.Acknowledge(2))
	keep(t, j, on(j, 100))
	require.EqualValues(t, 3, j.Extent().First)
	require.NoError(t, j.Close())
	j = open(t, j.path)
	require.Len(t, j.Pending(card(1)), 1)
	require.EqualValues(t, 2, j.Extent().Acknowledged)
	j = requirePaid(t, j, "A", 1, true)
	require.NoError(t, j.Settle(id(1), testReceipt))
	require.EqualValues(t, 4, j.Next().Sequence)
	require.NoError(t, j.Verify(nil))
}

// Ensure that once none is old it is looked again after a day, for a look reads what it finds.
func TestOldEntriesGoOnceADay(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	for n := range 6 {
		keep(t, j, on(j, n))
	}
	require.NoError(t, j.Acknowledge(6))
	keep(t, j, on(j, 35))
	require.EqualValues(t, 5, j.Extent().First)
	late := on(j, 36)
	late.At = late.At.Add(-time.Second)
	keep(t, j, late)
	require.EqualValues(t, 5, j.Extent().First)
	keep(t, j, on(j, 36))
	require.EqualValues(t, 7, j.Extent().First)
}

// Ensure that old entries go also where one of their segments is damaged: all were acknowledged.
func TestDamagedOldEntriesGo(t *testing.T) {
	t.Parallel()
	for n := range 2 {
		j := daily(t)
		require.NoError(t, os.WriteFile(segmentFile(j.path, j.segments[n]), []byte("rubbish"), 0o600))
		keep(t, j, on(j, 60))
		require.NoError(t, j.Extent().Trouble)
		require.EqualValues(t, 21, j.Extent().First)
		require.NoError(t, j.Verify(nil))
	}
}

// Ensure that a segment that cannot be dropped is told, stays, and stops no tap.
func TestOldEntriesThatStay(t *testing.T) {
	t.Parallel()
	j := daily(t)
	name := segmentFile(j.path, j.segments[0])
	require.NoError(t, os.Remove(name))
	require.NoError(t, os.MkdirAll(filepath.Join(name, "full"), 0o700))
	keep(t, j, on(j, 60))
	require.ErrorContains(t, j.Extent().Trouble, "pruning")
	require.EqualValues(t, 1, j.Extent().First)
	require.EqualValues(t, 22, j.Next().Sequence)
}

// daily is a journal of twenty days that were acknowledged.
func daily(t *testing.T) *Journal {
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	j := open(t, path)
	for n := range 20 {
		keep(t, j, on(j, n))
	}
	require.NoError(t, j.Acknowledge(20))
	idle(j)
	return j
}

// Ensure that old entries go also where no tap is refused: a second after a boarding.
func TestOldEntriesGoAfterBoardings(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	for _, days := range []int{0, 1, 2, 40} {
		boarding := on(j, days)
		require.NoError(t, j.Begin(boarding))
		require.NoError(t, j.Settle(boarding.ID, testReceipt))
		idle(j)
		if days == 2 {
			require.NoError(t, j.Acknowledge(4))
		}
	}
	require.EqualValues(t, 5, j.Extent().First)
	require.NoError(t, j.Verify(nil))
}
