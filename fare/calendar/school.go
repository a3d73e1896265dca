package calendar

import (
	"leima/cardlayout"
	"leima/fare"
)

// A Span is a run of days, both ends included.
type Span struct{ First, Last cardlayout.Day }

// Holds reports whether a day is in the span.
func (s Span) Holds(day cardlayout.Day) bool { return s.First <= day && day <= s.Last }

// A School is the published school calendar of a municipality.
type School struct {
	Terms   []Span
	Breaks  []Span           // within the terms
	Extra   []cardlayout.Day // even on a Saturday, a holiday or within a break
	Missing []cardlayout.Day
}

// Days are the school days: the weekdays of the terms except holidays and breaks, with the extra
// and without the missing days.
func (s School) Days() (days fare.DaySet) {
	traffic := Traffic()
	for _, term := range s.Terms {
		for day := term.First; day <= term.Last; day++ {
			days.Put(day, traffic.Kind(day) == fare.Weekday)
		}
	}
	for _, pause := range s.Breaks {
		for day := pause.First; day <= pause.Last; day++ {
			days.Put(day, false)
		}
	}
	for _, day := range s.Missing {
		days.Put(day, false)
	}
	for _, day := range s.Extra {
		days.Put(day, true)
	}
	return days
}
