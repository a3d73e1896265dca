// Package faretest has the tariffs, cards and taps that the tests of rules share.
package faretest

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// parsed is what a text of a test means.
func parsed[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Day is a date like 2026-03-02.
func Day(text string) cardlayout.Day { return parsed(cardlayout.ParseDay(text)) }

// Zones are those of a text like A-B.
func Zones(text string) cardlayout.Zones { return parsed(cardlayout.ParseZones(text)) }

// Time is a local time like 2026-03-02 08:00:00.
func Time(text string) time.Time {
	zone := parsed(time.LoadLocation("Europe/Helsinki"))
	return parsed(time.ParseInLocation(time.DateTime, text, zone))
}

// Instant is a local time as a card keeps it.
func Instant(text string) cardlayout.Instant { return cardlayout.InstantOf(Time(text)) }

// Card is an adult's personal card with ten euros and what text adds.
func Card(t testing.TB, text string) cardlayout.Card {
	t.Helper()
	c := cardlayout.Card{}
	require.NoError(t, c.ParseCard("number 924699 0011 2345 6787, kind personal, area 227, "+
		"group adult, born 1980-05-17, issued 2024-01-02, valid 2032-01-02, ev 2, purse 10.00, "+
		"counter 7, last device=3 sequence=40"))
	require.NoError(t, c.ParseCard(text))
	require.NoError(t, c.Check())
	return c
}

// Tap is a tap in zone A, on trip 11, with what change does to it.
func Tap(at string, change ...func(*fare.Tap)) fare.Tap {
	tap := fare.Tap{
		At:      Time(at),
		Event:   cardlayout.EventID{Device: 9, Sequence: 100},
		Vehicle: 42, Direction: 1, Trip: 11, Zone: 1, Zones: Zones("A"),
	}
	for _, f := range change {
		f(&tap)
	}
	return tap
}

// InZones sets the zones of a tap, which is in the first of them.
func InZones(text string) func(*fare.Tap) {
	return func(t *fare.Tap) { t.Zones, t.Zone = Zones(text), Zones(text).First() }
}

// UnknownTime makes a tap's time one that is not known: its stamps are of one measure since a
// time, and the last that was known has passed; "": there is none.
func UnknownTime(since, passed string) func(*fare.Tap) {
	return func(t *fare.Tap) {
		t.Certainty = fare.Certainty{Unknown: true, Since: Instant(since)}
		if passed != "" {
			t.Certainty.LastKnown = Instant(passed)
		}
	}
}
