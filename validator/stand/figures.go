package stand

import (
	"slices"
	"time"

	"leima/validator"
)

// Sorted returns what the accepted taps took, the whole tap and each step, shortest first.
func (s *Soaking) Sorted() (whole []time.Duration, steps [Steps][]time.Duration) {
	for _, t := range s.Taps {
		if t.Ending != validator.Accepted {
			continue
		}
		whole = append(whole, t.Whole)
		for n, took := range t.Steps {
			steps[n] = append(steps[n], took)
		}
	}
	slices.Sort(whole)
	for n := range steps {
		slices.Sort(steps[n])
	}
	return whole, steps
}

// Percentile is the duration that so many per cent of the sorted ones do not exceed; 0 of
// none.
func Percentile(sorted []time.Duration, percent float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(percent / 100 * float64(len(sorted)))
	return sorted[min(rank, len(sorted)-1)]
}

// A Bin is how many taps took so long.
type Bin struct {
	From, To time.Duration // to, but not including
	Count    int
}

// Histogram counts sorted durations in so many bins up to p99.9, and one more for the rest.
func Histogram(sorted []time.Duration, bins int) []Bin {
	if len(sorted) == 0 {
		return nil
	}
	low, most := sorted[0], Percentile(sorted, 99.9)
	step := max((most-low)/time.Duration(bins), 1)
	all := make([]Bin, bins+1)
	for n := range all {
		all[n].From = low + step*time.Duration(n)
		all[n].To = all[n].From + step
	}
	for _, took := range sorted {
		all[min(int((took-low)/step), bins)].Count++
	}
	all[bins].To = max(all[bins].To, sorted[len(sorted)-1]+1)
	return all
}

// A Piece is a part of a soak, by its accepted taps.
type Piece struct{ Median, Worst time.Duration }

// Course is how the taps went one after the other, in so many pieces at most.
func (s *Soaking) Course(most int) (pieces []Piece) {
	count := min(most, len(s.Taps)/10+1, len(s.Taps))
	for n := range count {
		part := Soaking{Taps: s.Taps[len(s.Taps)*n/count : len(s.Taps)*(n+1)/count]}
		whole, _ := part.Sorted()
		pieces = append(pieces, Piece{Percentile(whole, 50), Percentile(whole, 100)})
	}
	return pieces
}
