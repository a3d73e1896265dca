package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure that the right to a student's price ends as each city's terms say (R-140 to
// R-145, T-18, T-20).
func TestStudentUntil(t *testing.T) {
	full := func(change func(*sale.Studies)) sale.Studies {
		s := sale.Studies{
			Shown: faretest.Day("2025-08-20"), Dated: faretest.Day("2025-08-01"),
			Birth: faretest.Day("1999-01-01"),
			From:  faretest.Day("2025-08-11"), To: faretest.Day("2028-05-31"), FullTime: true,
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	shown := func(day string) func(*sale.Studies) {
		return func(s *sale.Studies) { s.Shown, s.Dated = faretest.Day(day), faretest.Day(day) }
	}
	period := func(from, to string) func(*sale.Studies) {
		return func(s *sale.Studies) { s.From, s.To = faretest.Day(from), faretest.Day(to) }
	}
	born := func(day string) func(*sale.Studies) {
		return func(s *sale.Studies) { s.Birth = faretest.Day(day) }
	}
	dated := func(day string) func(*sale.Studies) {
		return func(s *sale.Studies) { s.Dated = faretest.Day(day) }
	}
	for _, c := range []struct {
		name  string
		city  string
		s     sale.Studies
		until string
		rule  fare.RuleID
	}{
		{"R-143 T-18 shown in August", "jyvaskyla", full(nil), "2026-09-30", 0},
		{"R-143 shown in January", "jyvaskyla", full(shown("2026-01-02")), "2027-09-30", 0},
		{
			"R-143 without an end", "jyvaskyla", full(func(s *sale.Studies) { s.To = 0 }),
			"2026-09-30", 0,
		},
		{
			"R-143 T-20 five months", "jyvaskyla", full(period("2025-09-01", "2026-01-31")),
			"2026-01-31", 0,
		},
		{
			"R-143 a day short of eight months", "jyvaskyla",
			full(period("2025-08-11", "2026-04-09")), "2026-04-09", 0,
		},
		{
			"R-143 eight months", "jyvaskyla", full(period("2025-08-11", "2026-04-10")),
			"2026-09-30", 0,
		},
		{"R-143 ended", "jyvaskyla", full(period("2024-08-11", "2025-08-19")), "", 143},
		{"R-140 turns 25 that day", "jyvaskyla", full(born("2000-08-20")), "2026-09-30", 0},
		{"R-140 turns 25 the next", "jyvaskyla", full(born("2000-08-21")), "", 140},
		{"R-140 Oulu too", "oulu", full(born("2000-08-21")), "", 140},
		{"R-141 at any age", "lappeenranta", full(born("2008-08-21")), "2028-05-31", 0},
		{"R-141 no end known", "lappeenranta", full(func(s *sale.Studies) { s.To = 0 }), "", 143},
		{"R-142 half a year old", "jyvaskyla", full(dated("2025-02-20")), "2026-09-30", 0},
		{"R-142 older", "jyvaskyla", full(dated("2025-02-19")), "", 142},
		{
			"R-142 not full-time", "jyvaskyla", full(func(s *sale.Studies) { s.FullTime = false }),
			"", 142,
		},
		{
			"R-145 a postgraduate", "jyvaskyla",
			full(func(s *sale.Studies) { s.Excluded = "postgraduate study" }), "", 145,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			until, err := sale.StudentUntil(c.s, faretest.Terms(t, c.city))
			requireJudged(t, c.rule, err)
			if c.rule == 0 {
				require.Equal(t, c.until, until.String())
			}
		})
	}
	_, err := sale.StudentUntil(full(nil), silent(t))
	requireRule(t, 5, err)
}

// Ensure that months end on the day of the same number, or else on the last.
func TestSpan(t *testing.T) {
	for _, c := range []struct {
		span          fare.Span
		from, to, was string
		text          string
	}{
		{fare.Span{Months: 2}, "2025-12-31", "2026-02-28", "2025-10-31", "2 months"},
		{fare.Span{Months: 2}, "2026-01-15", "2026-03-15", "2025-11-15", "2 months"},
		{fare.Span{Days: 14}, "2026-02-20", "2026-03-06", "2026-02-06", "14 days"},
		{fare.Span{Months: 12}, "2024-02-29", "2025-02-28", "2023-02-28", "1 year"},
		{fare.Span{Months: 96}, "2015-01-07", "2023-01-07", "2007-01-07", "8 years"},
		{
			fare.Span{Months: 1, Days: 1},
			"2026-01-31", "2026-03-01", "2025-12-30",
			"1 month and 1 day",
		},
		{fare.Span{}, "2026-01-31", "2026-01-31", "2026-01-31", "0 days"},
	} {
		require.Equal(t, c.to, c.span.After(faretest.Day(c.from)).String(), c.text)
		require.Equal(t, c.was, c.span.Before(faretest.Day(c.from)).String(), c.text)
		require.Equal(t, c.text, c.span.String())
	}
	for day := cardlayout.Day(5000); day < 7000; day++ {
		for months := range uint16(30) {
			require.LessOrEqual(t, fare.Span{Months: months}.After(day),
				fare.Span{Months: months}.After(day+1), "a later day is no earlier end")
		}
	}
}
