package clock_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/clock"
)

var day = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return day.Add(d) }

const weeks = 7 * 24 * time.Hour

// A turn is a reading after so much of the measure, and what it must be judged as.
type turn struct {
	measured time.Duration
	shows    time.Time
	report   clock.SyncStatus
	at       time.Time
	quality  clock.Quality
	fault    clock.Fault
}

// Ensure that a run's readings are judged as doc.go has it, in the run and at its start, and
// that a wrong one leaves nothing behind when the clock is right again.
func TestEstimator(t *testing.T) {
	known := clock.Memory{Last: day, Built: after(-40 * 24 * time.Hour)}
	for name, row := range map[string]struct {
		memory   clock.Memory
		emulated bool
		turns    []turn
	}{
		"goes on": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.FreeRunning, after(time.Hour), clock.Plausible, clock.NoFault},
			{time.Minute, after(61 * time.Minute), clock.FreeRunning, after(61 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"kept, and no more": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.Disciplined, after(time.Hour), clock.Synchronized, clock.NoFault},
			{time.Minute, after(61 * time.Minute), clock.FreeRunning, after(61 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"steps, and comes back": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.FreeRunning, after(time.Hour), clock.Plausible, clock.NoFault},
			{time.Minute, after(9 * time.Hour), clock.FreeRunning, after(61 * time.Minute), clock.Unknown, clock.Stepped},
			{2 * time.Minute, after(62 * time.Minute), clock.FreeRunning, after(62 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"kept, steps and is kept": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.Disciplined, after(time.Hour), clock.Synchronized, clock.NoFault},
			{time.Minute, after(-time.Hour), clock.FreeRunning, after(61 * time.Minute), clock.Unknown, clock.Stepped},
			{2 * time.Minute, after(-58 * time.Minute), clock.Disciplined, after(-58 * time.Minute), clock.Synchronized, clock.NoFault},
		}},
		"drifts": {memory: known, turns: []turn{
			{0, day, clock.FreeRunning, day, clock.Plausible, clock.NoFault},
			{24 * time.Hour, after(24*time.Hour + 80*time.Second), clock.FreeRunning, after(24*time.Hour + 80*time.Second), clock.Plausible, clock.NoFault},
			{48 * time.Hour, after(48*time.Hour + 290*time.Second), clock.FreeRunning, after(48*time.Hour + 80*time.Second), clock.Unknown, clock.Stepped},
		}},
		"suspended": {memory: known, turns: []turn{
			{0, day, clock.FreeRunning, day, clock.Plausible, clock.NoFault},
			{15 * time.Hour, after(15 * time.Hour), clock.FreeRunning, after(15 * time.Hour), clock.Plausible, clock.NoFault},
		}},
		"came up behind": {memory: known, turns: []turn{
			{0, after(-5 * time.Minute), clock.FreeRunning, day, clock.Unknown, clock.Behind},
			{time.Hour, after(55 * time.Minute), clock.FreeRunning, after(time.Hour), clock.Unknown, clock.Behind},
			{80 * 24 * time.Hour, after(80*24*time.Hour - 5*time.Minute), clock.FreeRunning, after(80 * 24 * time.Hour), clock.Unknown, clock.Behind},
			{81 * 24 * time.Hour, after(82 * 24 * time.Hour), clock.Disciplined, after(82 * 24 * time.Hour), clock.Synchronized, clock.NoFault},
		}},
		"came up too far ahead": {memory: known, turns: []turn{
			{0, after(clock.Parked + time.Second), clock.FreeRunning, day, clock.Unknown, clock.Ahead},
			{time.Minute, after(clock.Parked + 61*time.Second), clock.FreeRunning, after(time.Minute), clock.Unknown, clock.Ahead},
		}},
		"after a month in the workshop": {memory: known, turns: []turn{
			{0, after(clock.Parked), clock.FreeRunning, after(clock.Parked), clock.Plausible, clock.NoFault},
		}},
		"1024 weeks back, kept": {memory: known, turns: []turn{
			{0, after(-1024 * weeks), clock.Disciplined, day, clock.Unknown, clock.Impossible},
			{time.Minute, after(time.Hour), clock.Disciplined, after(time.Hour), clock.Synchronized, clock.NoFault},
			{2 * time.Minute, after(1024 * weeks), clock.Disciplined, after(61 * time.Minute), clock.Unknown, clock.Impossible},
			{3 * time.Minute, after(62 * time.Minute), clock.FreeRunning, after(62 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"a day before the list, and more": {memory: clock.Memory{Last: after(-48 * time.Hour), Made: day}, turns: []turn{
			{0, after(-24 * time.Hour), clock.Disciplined, after(-24 * time.Hour), clock.Synchronized, clock.NoFault},
			{0, after(-24*time.Hour - time.Second), clock.Disciplined, day, clock.Unknown, clock.Impossible},
		}},
		"three years after the build, and more": {memory: clock.Memory{Built: day}, turns: []turn{
			{0, day.AddDate(3, 0, 0), clock.Disciplined, day.AddDate(3, 0, 0), clock.Synchronized, clock.NoFault},
			{0, day.AddDate(3, 0, 0).Add(time.Second), clock.Disciplined, day.AddDate(3, 0, 0), clock.Unknown, clock.Impossible},
		}},
		"never had the time": {memory: clock.Memory{Built: day}, turns: []turn{
			{0, time.Unix(0, 0), clock.FreeRunning, day, clock.Unknown, clock.Impossible},
		}},
		"an event of a clock that could not be": {memory: clock.Memory{Last: day.AddDate(12, 0, 0), Built: day}, turns: []turn{
			{0, after(time.Hour), clock.FreeRunning, after(time.Hour), clock.Plausible, clock.NoFault},
		}},
		"emulated, years after the tariffs": {emulated: true, memory: clock.Memory{Built: day.AddDate(-8, 0, 0)}, turns: []turn{
			{0, day, clock.FreeRunning, day, clock.Plausible, clock.NoFault},
		}},
		"emulated, before the tariffs": {emulated: true, memory: clock.Memory{Built: day}, turns: []turn{
			{0, time.Unix(600, 0), clock.FreeRunning, time.Unix(600, 0), clock.Unknown, clock.Impossible},
			{time.Second, day, clock.FreeRunning, day, clock.Plausible, clock.NoFault},
		}},
		"told by another device": {memory: known, turns: []turn{
			{0, after(-time.Hour), clock.Relayed, after(-time.Hour), clock.Plausible, clock.NoFault},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var judge clock.Estimator
			for n, turn := range row.turns {
				got := judge.Now(clock.Reading{
					Time: turn.shows, Elapsed: turn.measured,
					Sync: turn.report, Emulated: row.emulated,
				}, row.memory)
				require.Equal(t, turn.at.UTC(), got.At.UTC(), "turn %d", n)
				require.Equal(t, turn.quality, got.Quality, "turn %d", n)
				require.Equal(t, turn.fault, got.Fault, "turn %d", n)
				require.Equal(t, turn.quality != clock.Unknown, got.Known())
				require.NotEmpty(t, got.Quality.String())
			}
		})
	}
}

// Ensure that only a kept time moves the mark, also back, and that the memory has it after the
// next start.
func TestMark(t *testing.T) {
	var judge clock.Estimator
	memory := clock.Memory{Last: day, LastSync: after(-time.Hour)}
	now := func(measured time.Duration, shows time.Time, report clock.SyncStatus) clock.Time {
		return judge.Now(clock.Reading{Time: shows, Elapsed: measured, Sync: report}, memory)
	}
	require.Equal(t, after(-time.Hour), now(0, after(time.Hour), clock.FreeRunning).LastSync)
	require.Equal(t, after(time.Hour), now(time.Second, after(time.Hour), clock.Disciplined).LastSync)
	require.Equal(t, after(time.Hour), now(time.Minute, after(9*time.Hour), clock.FreeRunning).LastSync)
	require.Equal(t, after(time.Minute), now(2*time.Minute, after(time.Minute), clock.Disciplined).LastSync,
		"a clock that was kept wrong leaves nothing")
}

// Ensure that stamps of another measure are told apart for as long as it matters: while the time
// is not known, and for an hour after it was put right.
func TestSince(t *testing.T) {
	var judge clock.Estimator
	memory := clock.Memory{Last: day}
	now := func(measured time.Duration, shows time.Time, report clock.SyncStatus) clock.Time {
		return judge.Now(clock.Reading{Time: shows, Elapsed: measured, Sync: report}, memory)
	}
	require.Zero(t, now(0, day, clock.FreeRunning).Since)
	require.Equal(t, after(time.Minute), now(time.Minute, after(-time.Hour), clock.FreeRunning).Since)
	got := now(2*time.Minute, after(6*time.Hour), clock.Disciplined)
	require.Equal(t, after(6*time.Hour), got.Since)
	require.Equal(t, 6*time.Hour-2*time.Minute, got.Jump)
	require.NotZero(t, now(time.Hour, after(6*time.Hour+58*time.Minute), clock.Disciplined).Since)
	got = now(63*time.Minute, after(7*time.Hour+time.Minute), clock.Disciplined)
	require.Zero(t, got.Since)
	require.Zero(t, got.Jump)

	judge, memory.Estimated = clock.Estimator{}, true
	require.Equal(t, after(time.Hour), now(0, after(time.Hour), clock.Disciplined).Since,
		"the last run did not know the time")
}

// Ensure that what is sent to a device must have outlived no more than a right clock would show.
func TestEarliest(t *testing.T) {
	memory := clock.Memory{Last: day, Built: after(-40 * 24 * time.Hour)}
	kept := memory
	kept.LastSync = after(-2 * time.Hour)
	for name, row := range map[string]struct {
		memory clock.Memory
		shows  time.Time
		want   time.Time
	}{
		"known":                         {memory, after(time.Hour), after(time.Hour)},
		"years ahead":                   {memory, day.AddDate(12, 0, 0), day},
		"behind, and may be right":      {memory, after(-time.Hour), after(-time.Hour)},
		"behind the mark":               {kept, after(-3 * time.Hour), after(-2 * time.Hour)},
		"at its beginning":              {memory, time.Unix(0, 0), day},
		"at its beginning, with a mark": {kept, time.Unix(0, 0), after(-2 * time.Hour)},
	} {
		var judge clock.Estimator
		got := judge.Now(clock.Reading{Time: row.shows}, row.memory)
		require.Equal(t, row.want.UTC(), got.Earliest.UTC(), name)
	}
}
