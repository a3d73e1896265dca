package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// whatever day the cap counts by, school trips are those of the service day on which
// there is school. A card that holds both has one day for them, and mixes them up at no hour.
func TestSchoolTripsAndCap(t *testing.T) {
	prices := capped(t)
	for zones := range prices.DayCap[cardlayout.Child] {
		prices.DayCap[cardlayout.Child][zones] = 150
	}
	card := faretest.Card(t, "kind personal, born 2014-05-17, area 229, group child, purse 20.00, "+
		"school trips=2 calendar=1 until=2024-06-01")
	steps := []struct {
		at     string
		reason fare.Reason
		charge string
	}{
		{"2024-03-12 07:30:00", fare.School, "0.00"},
		{"2024-03-12 14:00:00", fare.School, "0.00"},
		{"2024-03-12 16:00:00", fare.Value, "0.60"},
		{"2024-03-12 18:00:00", fare.Value, "0.60"},
		{"2024-03-12 20:00:00", fare.Value, "0.30"}, // the cap of Tuesday
		{"2024-03-12 22:00:00", fare.Value, "0.00"},
		{"2024-03-13 00:30:00", fare.Value, "0.60"}, // Wednesday's date: another cap
		{"2024-03-13 02:00:00", fare.Value, "0.60"}, // and Tuesday's trips, still used up
		{"2024-03-13 07:30:00", fare.School, "0.00"},
		{"2024-03-13 09:00:00", fare.School, "0.00"},
		{"2024-03-13 11:00:00", fare.Value, "0.30"}, // what the night has left of the cap
		{"2024-03-13 13:00:00", fare.Value, "0.00"},
	}
	for n, step := range steps {
		d := fare.Decide(card, faretest.Tap(step.at, onTrip(uint16(100+n))), prices)
		require.Equal(t, step.reason, d.Reason, step.at)
		require.Equal(t, step.charge, d.Charge.String(), step.at)
		require.NoError(t, d.After.Check())
		card = asRead(d)
	}
	require.Equal(t, cardlayout.Today{Day: faretest.Day("2024-03-13"), SchoolTrips: 2, Spent: 150},
		card.Today)
}

// Ensure that a bus whose clock is ahead at the turn of the day takes nothing away: neither the
// trips nor what was spent is counted anew.
func TestTodayOfAClockAhead(t *testing.T) {
	prices := capped(t)
	card := faretest.Card(t, "kind personal, born 2014-05-17, area 229, group child, purse 20.00, "+
		"school trips=1 calendar=1 until=2024-06-01, today day=2024-03-13 trips=1 spent=0.60")
	d := fare.Decide(card, faretest.Tap("2024-03-12 23:58:00"), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, cardlayout.Today{Day: faretest.Day("2024-03-13"), SchoolTrips: 1, Spent: 120},
		d.After.Today)
}
