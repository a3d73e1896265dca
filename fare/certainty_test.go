package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// Ensure that nothing ends, begins or is charged again by a time that is not known, but for what
// has surely ended: before the last time that was known, or by the measure since.
func TestUnknownTime(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	const (
		now    = "2026-03-02 12:00:00"
		since  = "2026-03-02 11:00:00"
		season = "season1 area=217 product=30 zones=A days=30"
		right  = "journey area=217 zones=A adult=1 by=value"
		// What the driver had chosen, and not this stop's zone.
		elsewhere = "journey area=217 zones=C adult=1 by=value"
	)
	for name, row := range map[string]struct {
		card         string
		known, guess fare.Reason
		passed       string
		then         fare.Reason // with that passed
	}{
		"past its life": {"valid 2026-02-01", fare.Expired, fare.Value, "2026-03-01 08:00:00", fare.Value},
		"a season of last month": {
			season + " from=2026-01-20 to=2026-02-18", fare.Value, fare.Season,
			"2026-02-18 12:00:00", fare.Season,
		},
		"… that had ended": {
			season + " from=2026-01-20 to=2026-02-18", fare.Value, fare.Season,
			"2026-02-19 12:00:00", fare.Value,
		},
		"a season of next month": {
			season + " from=2026-04-01 to=2026-04-30", fare.SeasonStarted,
			fare.Season, "2026-03-01 08:00:00", fare.Season,
		},
		"a season that waits": {
			season, fare.SeasonStarted, fare.Season, "2026-03-01 08:00:00",
			fare.Season,
		},
		"a right of before": {
			right + " start=2026-03-02T06:00:00Z boarded=2026-03-02T06:00:00Z minutes=60 trip=12",
			fare.Value, fare.Transfer, "2026-03-02 09:00:01", fare.Value,
		},
		"a right that had ended by our own measure": {
			right + " start=2026-03-02T09:00:00Z boarded=2026-03-02T09:00:00Z minutes=45 trip=12, last device=9 sequence=99",
			fare.Value, fare.Value, "2026-03-01 08:00:00", fare.Value,
		},
		"a right that had ended by another's measure": {
			right + " start=2026-03-02T09:00:00Z boarded=2026-03-02T09:00:00Z minutes=45 trip=12",
			fare.Value, fare.Transfer, "2026-03-01 08:00:00", fare.Transfer,
		},
		"the same trip, ages ago": {
			right + " start=2026-02-02T06:00:00Z boarded=2026-02-02T06:00:00Z minutes=60 trip=11",
			fare.Value, fare.Transfer, "2026-03-02 09:00:00", fare.Transfer,
		},
		"the same trip, tomorrow": {
			right + " start=2026-03-03T06:00:00Z boarded=2026-03-03T06:00:00Z minutes=60 trip=11",
			fare.Transfer, fare.Transfer, "2026-03-02 09:00:00", fare.Transfer,
		},
		"the same trip, tomorrow, by other zones": {
			elsewhere +
				" start=2026-03-03T06:00:00Z boarded=2026-03-03T06:00:00Z minutes=60 trip=11",
			fare.Value, fare.Transfer, "2026-03-02 09:00:00", fare.Transfer,
		},
		"the same trip, by other zones": {
			elsewhere +
				" start=2026-03-02T09:00:00Z boarded=2026-03-02T09:00:00Z minutes=60 trip=11",
			fare.Value, fare.Transfer, "2026-03-02 09:00:00", fare.Transfer,
		},
		"another trip, by other zones": {
			elsewhere +
				" start=2026-03-02T09:00:00Z boarded=2026-03-02T09:00:00Z minutes=60 trip=12",
			fare.Value, fare.Value, "2026-03-02 09:00:00", fare.Value,
		},
	} {
		t.Run(name, func(t *testing.T) {
			card := faretest.Card(t, "area 217, "+row.card)
			require.Equal(t, row.known, fare.Decide(card, faretest.Tap(now), prices).Reason)
			guessed := fare.Decide(card, faretest.Tap(now, faretest.UnknownTime(since, "")), prices)
			require.Equal(t, row.guess, guessed.Reason)
			require.Equal(t, card.Seasons, guessed.After.Seasons, "nothing begins")
			if guessed.Reason != fare.Value {
				require.Zero(t, guessed.Charge)
			}
			require.Equal(t, row.then, fare.Decide(card,
				faretest.Tap(now, faretest.UnknownTime(since, row.passed)), prices).Reason)
		})
	}
}

// Ensure that what a day's cap has counted stays counted by a time that is not known, and that
// nobody pays it again.
func TestCapByAnUnknownTime(t *testing.T) {
	prices := aTown(t, "excluded", dayCap+
		"day_counts = { is = \"from the service day\", assumed = \"a test\" }\n")
	card := faretest.Card(t, "today day=2026-03-05 spent=5.00")
	later := faretest.Tap("2026-03-02 12:00:00")
	require.Equal(t, "2.00", fare.Decide(card, later, prices).Charge.String())
	faretest.UnknownTime("2026-03-02 11:00:00", "2026-03-01 08:00:00")(&later)
	require.Equal(t, "0.00", fare.Decide(card, later, prices).Charge.String())
	faretest.UnknownTime("2026-03-02 11:00:00", "2026-03-06 08:00:00")(&later)
	require.Equal(t, "2.00", fare.Decide(card, later, prices).Charge.String(), "that day has gone")
}

// Ensure that stamps from before the time was put right are taken for this trip's, on this trip,
// and for what they say on any other.
func TestStampsOfAnotherMeasure(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	paid := asRead(fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"), prices))
	settling := func(tap *fare.Tap) { tap.Certainty.Since = cardlayout.InstantOf(tap.At.Add(-time.Minute)) }
	again := fare.Decide(paid, faretest.Tap("2026-03-02 14:00:00", settling), prices)
	require.Equal(t, fare.Transfer, again.Reason)
	require.Zero(t, again.Charge)
	require.Equal(t, fare.Value, fare.Decide(paid,
		faretest.Tap("2026-03-02 14:00:00", settling, onTrip(12)), prices).Reason)
	require.Equal(t, fare.Value, fare.Decide(paid, faretest.Tap("2026-03-02 14:00:00"),
		prices).Reason)
}
