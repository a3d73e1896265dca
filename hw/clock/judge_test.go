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
	report   clock.Report
	at       time.Time
	quality  clock.Quality
	fault    clock.Fault
}

// Ensure that a run's readings are judged as doc.go has it, in the run and at its start, and
// that a wrong one leaves nothing behind when the clock is right again.
func TestJudge(t *testing.T) {
	known := clock.Memory{Last: day, Built: after(-40 * 24 * time.Hour)}
	for name, row := range map[string]struct {
		memory   clock.Memory
		emulated bool
		turns    []turn
	}{
		"goes on": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.Free, after(time.Hour), clock.Plausible, clock.NoFault},
			{time.Minute, after(61 * time.Minute), clock.Free, after(61 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"kept, and no more": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.Synced, after(time.Hour), clock.Kept, clock.NoFault},
			{time.Minute, after(61 * time.Minute), clock.Free, after(61 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"steps, and comes back": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.Free, after(time.Hour), clock.Plausible, clock.NoFault},
			{time.Minute, after(9 * time.Hour), clock.Free, after(61 * time.Minute), clock.NotKnown, clock.Stepped},
			{2 * time.Minute, after(62 * time.Minute), clock.Free, after(62 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"kept, steps and is kept": {memory: known, turns: []turn{
			{0, after(time.Hour), clock.Synced, after(time.Hour), clock.Kept, clock.NoFault},
			{time.Minute, after(-time.Hour), clock.Free, after(61 * time.Minute), clock.NotKnown, clock.Stepped},
			{2 * time.Minute, after(-58 * time.Minute), clock.Synced, after(-58 * time.Minute), clock.Kept, clock.NoFault},
		}},
		"drifts": {memory: known, turns: []turn{
			{0, day, clock.Free, day, clock.Plausible, clock.NoFault},
			{24 * time.Hour, after(24*time.Hour + 80*time.Second), clock.Free, after(24*time.Hour + 80*time.Second), clock.Plausible, clock.NoFault},
			{48 * time.Hour, after(48*time.Hour + 290*time.Second), clock.Free, after(48*time.Hour + 80*time.Second), clock.NotKnown, clock.Stepped},
		}},
		"suspended": {memory: known, turns: []turn{
			{0, day, clock.Free, day, clock.Plausible, clock.NoFault},
			{15 * time.Hour, after(15 * time.Hour), clock.Free, after(15 * time.Hour), clock.Plausible, clock.NoFault},
		}},
		"came up behind": {memory: known, turns: []turn{
			{0, after(-5 * time.Minute), clock.Free, day, clock.NotKnown, clock.Behind},
			{time.Hour, after(55 * time.Minute), clock.Free, after(time.Hour), clock.NotKnown, clock.Behind},
			{80 * 24 * time.Hour, after(80*24*time.Hour - 5*time.Minute), clock.Free, after(80 * 24 * time.Hour), clock.NotKnown, clock.Behind},
			{81 * 24 * time.Hour, after(82 * 24 * time.Hour), clock.Synced, after(82 * 24 * time.Hour), clock.Kept, clock.NoFault},
		}},
		"came up too far ahead": {memory: known, turns: []turn{
			{0, after(clock.Parked + time.Second), clock.Free, day, clock.NotKnown, clock.Ahead},
			{time.Minute, after(clock.Parked + 61*time.Second), clock.Free, after(time.Minute), clock.NotKnown, clock.Ahead},
		}},
		"after a month in the workshop": {memory: known, turns: []turn{
			{0, after(clock.Parked), clock.Free, after(clock.Parked), clock.Plausible, clock.NoFault},
		}},
		"1024 weeks back, kept": {memory: known, turns: []turn{
			{0, after(-1024 * weeks), clock.Synced, day, clock.NotKnown, clock.Absurd},
			{time.Minute, after(time.Hour), clock.Synced, after(time.Hour), clock.Kept, clock.NoFault},
			{2 * time.Minute, after(1024 * weeks), clock.Synced, after(61 * time.Minute), clock.NotKnown, clock.Absurd},
			{3 * time.Minute, after(62 * time.Minute), clock.Free, after(62 * time.Minute), clock.Plausible, clock.NoFault},
		}},
		"a day before the list, and more": {memory: clock.Memory{Last: after(-48 * time.Hour), Made: day}, turns: []turn{
			{0, after(-24 * time.Hour), clock.Synced, after(-24 * time.Hour), clock.Kept, clock.NoFault},
			{0, after(-24*time.Hour - time.Second), clock.Synced, day, clock.NotKnown, clock.Absurd},
		}},
		"three years after the build, and more": {memory: clock.Memory{Built: day}, turns: []turn{
			{0, day.AddDate(3, 0, 0), clock.Synced, day.AddDate(3, 0, 0), clock.Kept, clock.NoFault},
			{0, day.AddDate(3, 0, 0).Add(time.Second), clock.Synced, day.AddDate(3, 0, 0), clock.NotKnown, clock.Absurd},
		}},
		"never had the time": {memory: clock.Memory{Built: day}, turns: []turn{
			{0, time.Unix(0, 0), clock.Free, day, clock.NotKnown, clock.Absurd},
		}},
		"an event of a clock that could not be": {memory: clock.Memory{Last: day.AddDate(12, 0, 0), Built: day}, turns: []turn{
			{0, after(time.Hour), clock.Free, after(time.Hour), clock.Plausible, clock.NoFault},
		}},
		"emulated, years after the tariffs": {emulated: true, memory: clock.Memory{Built: day.AddDate(-8, 0, 0)}, turns: []turn{
			{0, day, clock.Free, day, clock.Plausible, clock.NoFault},
		}},
		"emulated, before the tariffs": {emulated: true, memory: clock.Memory{Built: day}, turns: []turn{
			{0, time.Unix(600, 0), clock.Free, time.Unix(600, 0), clock.NotKnown, clock.Absurd},
			{time.Second, day, clock.Free, day, clock.Plausible, clock.NoFault},
		}},
		"told by another device": {memory: known, turns: []turn{
			{0, after(-time.Hour), clock.Told, after(-time.Hour), clock.Plausible, clock.NoFault},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var judge clock.Judge
			for n, turn := range row.turns {
				got := judge.Now(clock.Reading{Time: turn.shows, Elapsed: turn.measured,
					Report: turn.report, Emulated: row.emulated}, row.memory)
				require.Equal(t, turn.at.UTC(), got.At.UTC(), "turn %d", n)
				require.Equal(t, turn.quality, got.Quality, "turn %d", n)
				require.Equal(t, turn.fault, got.Fault, "turn %d", n)
				require.Equal(t, turn.quality != clock.NotKnown, got.Known())
				require.NotEmpty(t, got.Quality.String())
			}
		})
	}
}

// Ensure that only a kept time moves the mark, also back, and that the memory has it after the
// next start.
func TestMark(t *testing.T) {
	var judge clock.Judge
	memory := clock.Memory{Last: day, Kept: after(-time.Hour)}
	now := func(measured time.Duration, shows time.Time, report clock.Report) clock.Time {
		return judge.Now(clock.Reading{Time: shows, Elapsed: measured, Report: report}, memory)
	}
	require.Equal(t, after(-time.Hour), now(0, after(time.Hour), clock.Free).Kept)
	require.Equal(t, after(time.Hour), now(time.Second, after(time.Hour), clock.Synced).Kept)
	require.Equal(t, after(time.Hour), now(time.Minute, after(9*time.Hour), clock.Free).Kept)
	require.Equal(t, after(time.Minute), now(2*time.Minute, after(time.Minute), clock.Synced).Kept,
		"a clock that was kept wrong leaves nothing")
}

// Ensure that stamps of another measure are told apart for as long as it matters: while the time
// is not known, and for an hour after it was put right.
func TestSince(t *testing.T) {
	var judge clock.Judge
	memory := clock.Memory{Last: day}
	now := func(measured time.Duration, shows time.Time, report clock.Report) clock.Time {
		return judge.Now(clock.Reading{Time: shows, Elapsed: measured, Report: report}, memory)
	}
	require.Zero(t, now(0, day, clock.Free).Since)
	require.Equal(t, after(time.Minute), now(time.Minute, after(-time.Hour), clock.Free).Since)
	got := now(2*time.Minute, after(6*time.Hour), clock.Synced)
	require.Equal(t, after(6*time.Hour), got.Since)
	require.Equal(t, 6*time.Hour-2*time.Minute, got.Jump)
	require.NotZero(t, now(time.Hour, after(6*time.Hour+58*time.Minute), clock.Synced).Since)
	got = now(63*time.Minute, after(7*time.Hour+time.Minute), clock.Synced)
	require.Zero(t, got.Since)
	require.Zero(t, got.Jump)

	judge, memory.Guessed = clock.Judge{}, true
	require.Equal(t, after(time.Hour), now(0, after(time.Hour), clock.Synced).Since,
		"the last run did not know the time")
}

// Ensure that what is sent to a device must have outlived no more than a right clock would show.
func TestEarliest(t *testing.T) {
	memory := clock.Memory{Last: day, Built: after(-40 * 24 * time.Hour)}
	kept := memory
	kept.Kept = after(-2 * time.Hour)
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
		var judge clock.Judge
		got := judge.Now(clock.Reading{Time: row.shows}, row.memory)
		require.Equal(t, row.want.UTC(), got.Earliest.UTC(), name)
	}
}
