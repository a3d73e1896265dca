package place_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator/place"
)

// anything is a report that may come from anybody: of a source, at a time, whatever it says.
func anything(r *rand.Rand, heard time.Duration) place.Report {
	ids := []string{"", "s1", "s2", "s4", "s6", "s8", "x9"}
	report := place.Report{
		Source: place.Driver + place.Source(r.IntN(7)), Heard: heard, Kept: r.IntN(4) == 0,
		At: place.At(r.IntN(4)), Door: place.Door(r.IntN(4)), State: place.State(r.IntN(6)),
	}
	stop := func() *place.Stop {
		s := &place.Stop{ID: ids[r.IntN(len(ids))], CallRef: ids[r.IntN(3)]}
		for range r.IntN(4) {
			s.Zones = append(s.Zones, uint8(r.IntN(13)))
		}
		return s
	}
	if r.IntN(3) == 0 {
		report.Trip = &place.Trip{ID: []string{"", "T201", "T202", "T901", "extra"}[r.IntN(5)]}
		for range r.IntN(4) {
			report.Trip.Calls = append(report.Trip.Calls, place.Call{Stop: *stop()})
		}
	}
	if r.IntN(2) == 0 {
		report.Stop = stop()
	}
	if r.IntN(4) == 0 {
		report.Next = stop()
	}
	if r.IntN(2) == 0 {
		report.Position = north(float64(r.IntN(6000) - 500))
		report.Position.Speed = float64(r.IntN(20))
	}
	if r.IntN(8) == 0 {
		report.Said = time.Unix(int64(r.IntN(1000)), 0)
	}
	return report
}

// Ensure that whatever comes, in whatever order, a record that is sure has live zones that can be,
// and one that is not has zones in question.
func TestWhateverComes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, now := arbiter(), time.Duration(0)
		for range 200 {
			now += time.Duration(r.IntN(120)) * time.Second
			if r.IntN(20) == 0 {
				a.Lose(place.Driver + place.Source(r.IntN(7)))
			} else {
				a.Hear(anything(r, now-time.Duration(r.IntN(3))*time.Second))
			}
			record := a.Where(now)
			if record.Sure() {
				require.NotZero(t, cardlayout.ZonesOf(record.Stop.Zones...), "seed %d: %+v", seed, record)
				require.False(t, record.StopFrom.Kept, "seed %d: %+v", seed, record)
				require.Greater(t, record.StopFrom.Source, place.Configuration)
			} else {
				require.NotZero(t, record.Question, "seed %d: %+v", seed, record)
			}
			require.Less(t, record.Call, len(record.Trip.Calls)+1)
		}
	}
}

// Ensure that what is kept or repeated never makes a stop younger, and never makes it sure.
func TestNothingGetsYounger(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 2))
		a := arbiter()
		first := at(0, place.BoB, "trip=T201 stop=s3:A").report
		first.Kept = r.IntN(2) == 0
		a.Hear(first)
		since := a.Where(0).StopFrom.Since
		for n := range 50 {
			now := time.Duration(n) * 20 * time.Second
			again := first
			again.Heard, again.Kept = now, first.Kept || r.IntN(2) == 0
			a.Hear(again)
			record := a.Where(now)
			require.Equal(t, since, record.StopFrom.Since, "seed %d", seed)
			require.False(t, first.Kept && record.Sure(), "seed %d", seed)
		}
	}
}
