package calendar_test

import (
	"testing"
	"time"

	"github.com/rickar/cal/v2/fi"
	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/calendar"
)

func day(t testing.TB, text string) cardlayout.Day {
	d, err := cardlayout.ParseDay(text)
	require.NoError(t, err)
	return d
}

// Ensure that every year's holidays are those that somebody else computes, and no more.
func TestHolidaysAgreeWithAnotherList(t *testing.T) {
	for year := 2000; year <= 2100; year++ {
		want, got := map[string]bool{}, map[string]bool{}
		for _, h := range fi.Holidays {
			actual, _ := h.Calc(year)
			want[cardlayout.DayOf(actual).String()] = true
		}
		for _, h := range calendar.Holidays(year) {
			got[h.Day.String()] = true
		}
		require.Equal(t, want, got)
	}
}

// Ensure that the movable holidays fall on the days that calendars in print say.
func TestMovableHolidays(t *testing.T) {
	for _, row := range []struct{ easter, midsummer, allSaints string }{
		{"2024-03-31", "2024-06-22", "2024-11-02"},
		{"2025-04-20", "2025-06-21", "2025-11-01"},
		{"2026-04-05", "2026-06-20", "2026-10-31"},
		{"2027-03-28", "2027-06-26", "2027-11-06"},
		{"2028-04-16", "2028-06-24", "2028-11-04"},
	} {
		found := map[string]cardlayout.Day{}
		year, _, _ := day(t, row.easter).Date()
		for _, h := range calendar.Holidays(year) {
			found[h.Name] = h.Day
		}
		easter := day(t, row.easter)
		require.Equal(t, map[string]cardlayout.Day{
			"pitkäperjantai": easter - 2, "pääsiäispäivä": easter, "toinen pääsiäispäivä": easter + 1,
			"helatorstai": easter + 39, "helluntai": easter + 49,
			"juhannusaatto": day(t, row.midsummer) - 1, "juhannuspäivä": day(t, row.midsummer),
			"pyhäinpäivä": day(t, row.allSaints), "uudenvuodenpäivä": found["uudenvuodenpäivä"],
			"loppiainen": found["loppiainen"], "vappu": found["vappu"],
			"itsenäisyyspäivä": found["itsenäisyyspäivä"], "jouluaatto": found["jouluaatto"],
			"joulupäivä": found["joulupäivä"], "tapaninpäivä": found["tapaninpäivä"],
		}, found)
	}
}

// Ensure that every day has its kind: a holiday on a Sunday is a Sunday, one from Monday
// to Saturday an arkipyhä, and Christmas Eve on a Saturday is the weekend's.
func TestKindsOfDay(t *testing.T) {
	traffic := calendar.Traffic()
	for text, want := range map[string]fare.DayKind{
		"2026-03-02": fare.Weekday, "2026-03-06": fare.Weekday, "2026-03-07": fare.Saturday,
		"2026-03-08": fare.Sunday, "2026-04-03": fare.Holiday, "2026-04-05": fare.Sunday,
		"2026-04-06": fare.Holiday, "2026-05-01": fare.Holiday, "2026-05-14": fare.Holiday,
		"2026-05-15": fare.Weekday, "2026-06-19": fare.Eve, "2026-06-20": fare.Holiday,
		"2026-10-31": fare.Holiday, "2026-12-06": fare.Sunday, "2024-12-06": fare.Holiday,
		"2026-12-24": fare.Eve, "2023-12-24": fare.Sunday, "2022-12-24": fare.Saturday,
		"2026-12-25": fare.Holiday, "2026-12-31": fare.Weekday, "1997-01-01": fare.Holiday,
		"2041-11-02": fare.Holiday, "2041-11-09": fare.Saturday,
	} {
		require.Equal(t, want.String(), traffic.Kind(day(t, text)).String(), text)
	}
	require.Equal(t, fare.Weekday, traffic.Kind(-1))
	require.Equal(t, fare.Weekday, traffic.Kind(cardlayout.MaxDay+1))
	require.Equal(t, fare.Weekday, (*fare.Calendar)(nil).Kind(day(t, "2026-03-08")))
}

// Ensure that every day of the table has the week's day that the standard library says.
func TestEveryDayOfTheWeek(t *testing.T) {
	traffic := calendar.Traffic()
	for d := cardlayout.Day(0); d <= cardlayout.MaxDay; d++ {
		year, month, date := d.Date()
		is := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Weekday()
		require.Equal(t, is == time.Sunday, traffic.Kind(d) == fare.Sunday, "%v", d)
		if traffic.Kind(d) == fare.Saturday {
			require.Equal(t, time.Saturday, is, "%v", d)
		}
	}
}

func span(t testing.TB, first, last string) calendar.Span {
	return calendar.Span{First: day(t, first), Last: day(t, last)}
}

// Ensure that published school years have the published number of days:
// 188 in 2025-26 and 189 in 2026-27 (peda.net, 2025). Where a term ends on a Saturday
// there is school on it.
func TestSchoolYears(t *testing.T) {
	first := calendar.School{
		Terms: []calendar.Span{
			span(t, "2025-08-06", "2025-12-19"), span(t, "2026-01-07", "2026-05-30"),
		},
		Breaks: []calendar.Span{
			span(t, "2025-10-13", "2025-10-17"), span(t, "2026-02-23", "2026-03-01"),
		},
		Extra: []cardlayout.Day{day(t, "2026-05-30")},
	}
	days := first.Days()
	require.Equal(t, 188, days.Count(0, cardlayout.MaxDay))
	for text, want := range map[string]bool{
		"2025-08-05": false, "2025-08-06": true, "2025-10-12": false, "2025-10-17": false,
		"2025-10-20": true, "2025-11-01": false, "2025-12-22": false, "2026-01-06": false,
		"2026-01-07": true, "2026-02-23": false, "2026-04-03": false, "2026-05-01": false,
		"2026-05-14": false, "2026-05-15": true, "2026-05-30": true, "2026-05-31": false,
	} {
		require.Equal(t, want, days.Has(day(t, text)), text)
	}
	second := calendar.School{
		Terms: []calendar.Span{
			span(t, "2026-08-12", "2026-12-19"), span(t, "2027-01-07", "2027-06-05"),
		},
		Breaks: []calendar.Span{
			span(t, "2026-10-12", "2026-10-18"), span(t, "2027-03-01", "2027-03-07"),
		},
		Extra: []cardlayout.Day{day(t, "2026-12-19"), day(t, "2027-06-05")},
	}
	days = second.Days()
	require.Equal(t, 189, days.Count(0, cardlayout.MaxDay))
}

// Ensure that what a municipality decided otherwise goes before everything else: school
// on a holiday or within a break, none on the Friday after Ascension Day.
func TestExtraAndMissingSchoolDays(t *testing.T) {
	days := calendar.School{
		Terms:   []calendar.Span{span(t, "2026-05-11", "2026-05-22")},
		Breaks:  []calendar.Span{span(t, "2026-05-18", "2026-05-20")},
		Extra:   []cardlayout.Day{day(t, "2026-05-14"), day(t, "2026-05-16"), day(t, "2026-05-19")},
		Missing: []cardlayout.Day{day(t, "2026-05-15")},
	}.Days()
	require.Equal(t, 3+1+1+1+2, days.Count(0, cardlayout.MaxDay))
	require.False(t, days.Has(day(t, "2026-05-15")))
	require.True(t, days.Has(day(t, "2026-05-16")))
	require.False(t, days.Has(-1))
	require.False(t, days.Has(cardlayout.MaxDay+1))
	require.False(t, days.Empty())
	none := calendar.School{}.Days()
	require.True(t, none.Empty())
}
