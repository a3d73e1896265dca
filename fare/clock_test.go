package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// Ensure that a service day lasts from its first bus until the next one's, on nights in
// which the clock is changed too.
func TestServiceDay(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	for at, want := range map[string]string{
		"2026-03-02 04:29:59": "2026-03-01", "2026-03-02 04:30:00": "2026-03-02",
		"2026-03-02 23:59:59": "2026-03-02", "2026-03-03 00:00:00": "2026-03-02",
		"2026-03-29 02:59:59": "2026-03-28", "2026-03-29 04:00:00": "2026-03-28",
		"2026-03-29 04:30:00": "2026-03-29", "2026-10-25 03:30:00": "2026-10-24",
		"2026-10-25 04:30:00": "2026-10-25", "2026-01-01 01:00:00": "2025-12-31",
		"2024-02-29 12:00:00": "2024-02-29", "2024-03-01 04:00:00": "2024-02-29",
	} {
		require.Equal(t, want, prices.ServiceDay(faretest.Time(at)).String(), at)
	}
	// The second 03:30 of the October night.
	again := faretest.Time("2026-10-25 02:30:00").Add(2 * time.Hour)
	require.Equal(t, "03:30", prices.Local(again).Clock())
	require.Equal(t, "2026-10-24", prices.ServiceDay(again).String())
}

// a season is good until the last bus of its last service day.
func TestLastNightOfASeason(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	rows := []struct {
		last, at string
		then     fare.Reason
	}{
		{"2026-03-10", "2026-03-10 23:59:59", fare.Season},
		{"2026-03-10", "2026-03-11 04:29:59", fare.Season},
		{"2026-03-10", "2026-03-11 04:30:00", fare.Value},
		{"2026-03-28", "2026-03-29 04:29:59", fare.Season}, // the clock is put forward
		{"2026-03-28", "2026-03-29 04:30:00", fare.Value},
		{"2026-10-24", "2026-10-25 04:29:59", fare.Season}, // and back
		{"2026-10-24", "2026-10-25 04:30:00", fare.Value},
	}
	for _, row := range rows {
		card := faretest.Card(t,
			"area 217, season1 area=217 product=30 zones=A days=30 from=2026-02-01 to="+row.last)
		require.Equal(t, row.then, fare.Decide(card, faretest.Tap(row.at), prices).Reason, "%v",
			row)
	}
}

// R-032, T-14: a card issued on 7.1.2015 for eight years is refused on 8.1.2023, from the
// first bus of that day.
func TestEndOfTheTechnicalLife(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := faretest.Card(t, "issued 2015-01-07, valid 2023-01-07")
	for at, want := range map[string]fare.Reason{
		"2023-01-07 23:59:59": fare.Value, "2023-01-08 04:29:59": fare.Value,
		"2023-01-08 04:30:00": fare.Expired, "2023-01-08 08:00:00": fare.Expired,
	} {
		require.Equal(t, want, fare.Decide(card, faretest.Tap(at), prices).Reason, at)
	}
}

// the transfer right is so many minutes of time, whatever the clock shows, and both
// settings of the limit hold in both nights.
func TestTransferInBothNights(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	for _, night := range []struct{ start, end string }{
		{"2026-03-29 02:15:00", "2026-03-29T04:45"},
		{"2026-10-25 02:45:00", "2026-10-25T03:15"},
		{"2026-03-02 23:00:00", "2026-03-03T00:30"},
	} {
		paid := fare.Decide(faretest.Card(t, ""), faretest.Tap(night.start), prices)
		require.Equal(t, stamp(night.end), paid.Until)
		for seconds, want := range map[int][2]fare.Reason{
			90*60 - 1: {fare.Transfer, fare.Transfer},
			90 * 60:   {fare.Value, fare.Transfer},
			90*60 + 1: {fare.Value, fare.Value},
		} {
			for n, included := range []bool{false, true} {
				prices.LimitIncluded = included
				tap := faretest.Tap(night.start, onTrip(12))
				tap.At = tap.At.Add(time.Duration(seconds) * time.Second)
				require.Equal(t, want[n], fare.Decide(asRead(paid), tap, prices).Reason,
					"%s, %d s, %v", night.start, seconds, included)
			}
		}
	}
}

// night hours are what the clock shows: an hour less in spring, one more in autumn.
func TestNightHoursInBothNights(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	prices.LimitIncluded = false
	for evening, hours := range map[string]int{"2026-03-28": 4, "2026-03-02": 5, "2026-10-24": 6} {
		charged := 0
		for at := faretest.Time(evening + " 22:30:00"); ; at = at.Add(time.Hour) {
			price, sold := prices.ValuePrice(cardlayout.Adult, faretest.Zones("A"), at)
			require.True(t, sold)
			if price == 310 {
				charged++
			} else if charged > 0 {
				break
			}
		}
		require.Equal(t, hours, charged, evening)
	}
}

// A day's counters begin anew with the service day, or at midnight, and a bus whose clock
// is ahead of ours at the turn of the day does not lose them.
func TestTurnOfTheDay(t *testing.T) {
	for _, row := range []struct {
		midnight bool
		held, at string
		charge   string
	}{
		{false, "2026-03-02", "2026-03-03 04:29:59", "1.00"},
		{false, "2026-03-02", "2026-03-03 04:30:00", "2.00"}, // and no supplement
		{true, "2026-03-02", "2026-03-02 23:59:59", "1.00"},
		{true, "2026-03-02", "2026-03-03 00:00:00", "3.00"},
		{true, "2026-03-03", "2026-03-02 23:59:59", "1.00"},
		{true, "2026-03-04", "2026-03-02 23:59:59", "3.00"},
		{false, "2026-10-24", "2026-10-25 04:29:59", "1.00"},
		{false, "2026-10-24", "2026-10-25 04:30:00", "2.00"},
	} {
		setting := "from the service day"
		if row.midnight {
			setting = "from midnight"
		}
		prices := aTown(t, "excluded", dayCap+
			"day_counts = { is = \""+setting+"\", assumed = \"a test\" }\n")
		card := faretest.Card(t, "today day="+row.held+" spent=5.00")
		d := fare.Decide(card, faretest.Tap(row.at), prices)
		require.Equal(t, row.charge, d.Charge.String(), "%v", row)
	}
}
