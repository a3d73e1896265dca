package testrig

import (
	"slices"
	"time"

	"leima/validator"
)

// Sorted returns the durations of the accepted taps, the whole tap and each step, shortest first.
func (s *SoakResult) Sorted() (whole []time.Duration, steps [Steps][]time.Duration) {
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

// Percentile is the duration that so many per cent of the sorted ones do not exceed; 0 if there are
// none.
func Percentile(sorted []time.Duration, percent float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(percent / 100 * float64(len(sorted)))
	return sorted[min(rank, len(sorted)-1)]
}

// A Bin is the number of taps with a duration in its range.
type Bin struct {
	From, To time.Duration // To is not included
	Count    int
}

// Histogram counts sorted durations in bins up to p99.9, and one more for the rest.
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

// A Segment is a part of a soak, by its accepted taps.
type Segment struct{ Median, Worst time.Duration }

// Course splits the taps in their order into at most most segments.
func (s *SoakResult) Course(most int) (pieces []Segment) {
	count := min(most, len(s.Taps)/10+1, len(s.Taps))
	for n := range count {
		part := SoakResult{Taps: s.Taps[len(s.Taps)*n/count : len(s.Taps)*(n+1)/count]}
		whole, _ := part.Sorted()
		pieces = append(pieces, Segment{Percentile(whole, 50), Percentile(whole, 100)})
	}
	return pieces
}
