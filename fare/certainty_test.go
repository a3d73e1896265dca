package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// unknown makes a tap's time one that is not known: its stamps are of one measure since a time,
// and the last that was known has passed; "": there is none.
func unknown(since, passed string) func(*fare.Tap) {
	return func(t *fare.Tap) {
		t.Certainty = fare.Certainty{Unknown: true, Since: instant(since)}
		if passed != "" {
			t.Certainty.Passed = instant(passed)
		}
	}
}

// Ensure that nothing ends, begins or is charged again by a time that is not known, but for what
// has surely ended: before the last time that was known, or by the measure since.
func TestUnknownTime(t *testing.T) {
	prices := published(t, "kotka-2025")
	const (
		now    = "2026-03-02 12:00:00"
		since  = "2026-03-02 11:00:00"
		season = "season1 area=217 product=30 zones=A days=30"
		right  = "journey area=217 zones=A adult=1 by=value"
	)
	for name, row := range map[string]struct {
		card         string
		known, guess fare.Reason
		passed       string
		then         fare.Reason // with that passed
	}{
		"past its life": {"valid 2026-02-01", fare.Expired, fare.Value, "2026-03-01 08:00:00", fare.Value},
		"a season of last month": {season + " from=2026-01-20 to=2026-02-18", fare.Value, fare.Season,
			"2026-02-18 12:00:00", fare.Season},
		"… that had ended": {season + " from=2026-01-20 to=2026-02-18", fare.Value, fare.Season,
			"2026-02-19 12:00:00", fare.Value},
		"a season of next month": {season + " from=2026-04-01 to=2026-04-30", fare.SeasonStarted,
			fare.Season, "2026-03-01 08:00:00", fare.Season},
		"a season that waits": {season, fare.SeasonStarted, fare.Season, "2026-03-01 08:00:00",
			fare.Season},
		"a right of before": {right + " start=2026-03-02T06:00:00Z boarded=2026-03-02T06:00:00Z minutes=60 trip=12",
			fare.Value, fare.Transfer, "2026-03-02 09:00:01", fare.Value},
		"a right that had ended by our own measure": {
			right + " start=2026-03-02T09:00:00Z boarded=2026-03-02T09:00:00Z minutes=45 trip=12, last device=9 sequence=99",
			fare.Value, fare.Value, "2026-03-01 08:00:00", fare.Value},
		"a right that had ended by another's measure": {
			right + " start=2026-03-02T09:00:00Z boarded=2026-03-02T09:00:00Z minutes=45 trip=12",
			fare.Value, fare.Transfer, "2026-03-01 08:00:00", fare.Transfer},
		"the same trip, ages ago": {right + " start=2026-02-02T06:00:00Z boarded=2026-02-02T06:00:00Z minutes=60 trip=11",
			fare.Value, fare.Transfer, "2026-03-02 09:00:00", fare.Transfer},
		"the same trip, tomorrow": {right + " start=2026-03-03T06:00:00Z boarded=2026-03-03T06:00:00Z minutes=60 trip=11",
			fare.Transfer, fare.Transfer, "2026-03-02 09:00:00", fare.Transfer},
	} {
		t.Run(name, func(t *testing.T) {
			card := aCard(t, "area 217, "+row.card)
			require.Equal(t, row.known, fare.Decide(card, aTap(now), prices).Reason)
			guessed := fare.Decide(card, aTap(now, unknown(since, "")), prices)
			require.Equal(t, row.guess, guessed.Reason)
			require.Equal(t, card.Seasons, guessed.After.Seasons, "nothing begins")
			if guessed.Reason != fare.Value {
				require.Zero(t, guessed.Charge)
			}
			require.Equal(t, row.then, fare.Decide(card, aTap(now, unknown(since, row.passed)), prices).Reason)
		})
	}
}

// Ensure that a card past its life is loaded at the driver's by a time that is not known.
func TestLoadByAnUnknownTime(t *testing.T) {
	prices := published(t, "mikkeli-2025")
	card := aCard(t, "valid 2026-02-01")
	errand := func(tap *fare.Tap) {
		tap.Errand = &fare.Errand{Sale: fare.Sale{Channel: fare.DriverDesk}, Amount: 2000}
	}
	require.Equal(t, fare.Expired, fare.Decide(card, aTap("2026-03-02 08:00:00", errand), prices).Reason)
	d := fare.Decide(card, aTap("2026-03-02 08:00:00", errand, unknown("2026-03-02 08:00:00", "")), prices)
	require.Equal(t, fare.ValueLoaded, d.Reason)
}

// Ensure that what a day's cap has counted stays counted by a time that is not known, and that
// nobody pays it again.
func TestCapByAnUnknownTime(t *testing.T) {
	prices := aTown(t, "excluded", dayCap+
		"day_counts = { is = \"from the service day\", assumed = \"a test\" }\n")
	card := aCard(t, "today day=2026-03-05 spent=5.00")
	later := aTap("2026-03-02 12:00:00")
	require.Equal(t, "2.00", fare.Decide(card, later, prices).Charge.String())
	unknown("2026-03-02 11:00:00", "2026-03-01 08:00:00")(&later)
	require.Equal(t, "0.00", fare.Decide(card, later, prices).Charge.String())
	unknown("2026-03-02 11:00:00", "2026-03-06 08:00:00")(&later)
	require.Equal(t, "2.00", fare.Decide(card, later, prices).Charge.String(), "that day has gone")
}

// Ensure that stamps from before the time was put right are taken for this trip's, on this trip,
// and for what they say on any other.
func TestStampsOfAnotherMeasure(t *testing.T) {
	prices := published(t, "mikkeli-2025")
	paid := asRead(fare.Decide(aCard(t, ""), aTap("2026-03-02 08:00:00"), prices))
	settling := func(tap *fare.Tap) { tap.Certainty.Since = cardlayout.InstantOf(tap.At.Add(-time.Minute)) }
	again := fare.Decide(paid, aTap("2026-03-02 14:00:00", settling), prices)
	require.Equal(t, fare.Transfer, again.Reason)
	require.Zero(t, again.Charge)
	require.Equal(t, fare.Value, fare.Decide(paid, aTap("2026-03-02 14:00:00", settling, onTrip(12)), prices).Reason)
	require.Equal(t, fare.Value, fare.Decide(paid, aTap("2026-03-02 14:00:00"), prices).Reason)
}
