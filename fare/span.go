package fare

import (
	"fmt"
	"time"

	"leima/cardlayout"
)

// A Span is a length of calendar time, as terms of travel write it: "two months" are not 60 days.
type Span struct{ Months, Days uint16 }

// After is the last day of a span that begins with the day after d. A month ends on the day of the
// same number, or on its last day if it has none (Act 150/1930, section 3).
func (s Span) After(d cardlayout.Day) cardlayout.Day { return s.shift(d, 1) }

// Before is the first day of a span that ends with d.
func (s Span) Before(d cardlayout.Day) cardlayout.Day { return s.shift(d, -1) }

// shift moves a day by the span, forward (1) or back (-1).
func (s Span) shift(d cardlayout.Day, sign int) cardlayout.Day {
	if s.Months != 0 {
		year, month, day := d.Date()
		first := time.Date(year, month+time.Month(sign*int(s.Months)), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		d = cardlayout.DayOf(first.AddDate(0, 0, min(day, last)-1))
	}
	return d + cardlayout.Day(sign*int(s.Days))
}

// String writes the span as "2 months" or "14 days".
func (s Span) String() string {
	switch {
	case s.Months == 0:
		return count(s.Days, "day")
	case s.Days == 0 && s.Months%12 == 0:
		return count(s.Months/12, "year")
	case s.Days == 0:
		return count(s.Months, "month")
	}
	return count(s.Months, "month") + " and " + count(s.Days, "day")
}

func count(n uint16, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
