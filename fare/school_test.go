package fare_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// aPupil's school ticket is good for two trips a day until the end of May, at Jyväskylä's
// hours; aChild has none.
const (
	aChild = "area 209, group child, born 2014-06-01, purse 10.00"
	aPupil = aChild + ", school trips=2 calendar=1 from=360 to=1050 until=2026-05-30"
)

// T-24, T-25: two trips a school day, each good for changing for sixty
// minutes from its first validation; what comes then is paid otherwise.
func TestSchoolDay(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	steps := []struct {
		at    string
		trips uint8
		then  fare.Reason
	}{
		{"2026-03-02 05:59:59", 0, fare.Value}, // not yet
		{"2026-03-02 07:10:00", 1, fare.School},
		{"2026-03-02 08:10:00", 1, fare.Transfer}, // on the instant
		{"2026-03-02 08:10:01", 2, fare.School},
		{"2026-03-02 09:00:00", 2, fare.Transfer},
		{"2026-03-02 15:10:00", 2, fare.Value}, // T-25: used up
		{"2026-03-02 17:40:00", 2, fare.Value},
		{"2026-03-03 07:10:00", 1, fare.School}, // anew
		{"2026-03-04 17:30:00", 1, fare.School}, // nothing is carried over
		{"2026-03-04 18:29:00", 1, fare.Transfer},
		{"2026-03-05 17:30:01", 1, fare.Value},
	}
	card := faretest.Card(t, aPupil)
	for n, step := range steps {
		d := fare.Decide(card, faretest.Tap(step.at, onTrip(uint16(20+n))), prices)
		require.Equal(t, step.then.String(), d.Reason.String(), step.at)
		require.Equal(t, step.then == fare.Value, d.Charge > 0, step.at)
		require.EqualValues(t, 1, d.Persons)
		require.NoError(t, d.After.Check())
		if step.then != fare.Value {
			require.Equal(t, cardlayout.BySchool, d.Source)
			require.EqualValues(t, 40, d.Product)
			require.Equal(t, step.trips, d.After.Today.SchoolTrips, step.at)
			require.Equal(t, d.Until, d.After.Record.Until)
			require.Zero(t, d.After.Ticket, "no value ticket is written")
		}
		card = asRead(d)
	}
}

// T-24 as it is printed: 07:05 is 65 minutes after 06:00, which makes it the second trip.
func TestSchoolDayAsPrinted(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, aPupil)
	for n, then := range []fare.Reason{fare.School, fare.School, fare.Value, fare.Value} {
		at := []string{"06:00:00", "07:05:00", "15:10:00", "17:40:00"}[n]
		d := fare.Decide(card, faretest.Tap("2026-03-02 "+at, onTrip(uint16(20+n))), prices)
		require.Equal(t, then.String(), d.Reason.String(), at)
		card = asRead(d)
	}
}

// T-27: which days and hours a school ticket is good for.
func TestWhenASchoolTicketHolds(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	rows := []struct {
		name, card, at string
		then           fare.Reason
	}{
		{"a school day", "", "2026-03-02 07:00:00", fare.School},
		{"05:59", "", "2026-03-02 05:59:00", fare.Value},
		{"06:00", "", "2026-03-02 06:00:00", fare.School},
		{"17:30", "", "2026-03-02 17:30:00", fare.School},
		{"17:31", "", "2026-03-02 17:31:00", fare.Value},
		{"Saturday", "", "2026-03-07 07:00:00", fare.Value},
		{"Saturday with school", "", "2026-05-30 07:00:00", fare.School},
		{"T-27 Good Friday", "", "2026-04-03 07:00:00", fare.Value},
		{"May Day", "", "2026-05-01 07:00:00", fare.Value},
		{"autumn break", "", "2025-10-15 07:00:00", fare.Value},
		{
			"summer", "school trips=2 calendar=1 from=360 to=1050 until=2027-05-30",
			"2026-06-15 07:00:00", fare.Value,
		},
		{
			"after its end", "school trips=2 calendar=1 from=360 to=1050 until=2026-03-01",
			"2026-03-02 07:00:00", fare.Value,
		},
		{
			"on its last day", "school trips=2 calendar=1 from=360 to=1050 until=2026-03-02",
			"2026-03-02 07:00:00", fare.School,
		},
		{"without an end", "school trips=2 calendar=1 from=360 to=1050", "2026-03-02 07:00:00", fare.School},
		{
			"R-165 without hours", "school trips=2 calendar=1 until=2026-05-30",
			"2026-03-02 20:00:00", fare.School,
		},
		{
			"R-165 tailored to four", "school trips=4 calendar=1 until=2026-05-30, today day=2026-03-02 trips=3",
			"2026-03-02 20:00:00", fare.School,
		},
		{
			"R-165 and used", "school trips=4 calendar=1 until=2026-05-30, today day=2026-03-02 trips=4",
			"2026-03-02 20:00:00", fare.Value,
		},
		{"another calendar", "school trips=2 calendar=2 until=2026-05-30", "2026-03-02 07:00:00", fare.Value},
		{"R-042 another area's", "area 227", "2026-03-02 07:00:00", fare.Value},
		{"counted by a clock ahead", "today day=2026-03-03 trips=2", "2026-03-02 07:00:00", fare.Value},
		{"counted yesterday", "today day=2026-03-01 trips=2", "2026-03-02 07:00:00", fare.School},
	}
	for _, row := range rows {
		text := aPupil
		switch {
		case strings.HasPrefix(row.card, "school"):
			text = aChild + ", " + row.card
		case row.card != "":
			text += ", " + row.card
		}
		d := fare.Decide(faretest.Card(t, text), faretest.Tap(row.at), prices)
		require.Equal(t, row.then.String(), d.Reason.String(), row.name)
	}
}

// T-25, T-26: first the school ticket, then a season, then value.
func TestSchoolTicketFirst(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	season := ", season1 area=209 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30"
	used := ", today day=2026-03-02 trips=2"
	for _, row := range []struct {
		card string
		then fare.Reason
	}{
		{aPupil + season, fare.School},
		{aPupil + season + used, fare.Season},
		{aPupil + used, fare.Value},
		{aPupil + used + ", purse 0.00", fare.BalanceLow},
	} {
		card := faretest.Card(t, row.card)
		d := fare.Decide(card, faretest.Tap("2026-03-02 12:00:00"), prices)
		require.Equal(t, row.then.String(), d.Reason.String(), row.card)
		require.Equal(t, row.then == fare.Value, d.After.Purse < card.Purse, "T-26: value untouched")
	}
	d := fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 12:00:00"), prices)
	require.Equal(t, []fare.RuleID{161, 166}, d.Rules())
}

// A school trip may be changed wherever the way to school goes.
func TestSchoolTripIntoAnotherZone(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := asRead(fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00"),
		prices))
	require.Equal(t, faretest.Zones("A-D"), card.Journey.Zones)
	d := fare.Decide(card, faretest.Tap("2026-03-02 07:30:00", onTrip(12), faretest.InZones("C")),
		prices)
	require.Equal(t, fare.Transfer, d.Reason)
	require.EqualValues(t, 1, d.After.Today.SchoolTrips)
}

// in Oulu the transfer time is that of the zones, and there may be more calendars.
func TestSchoolTransferByZones(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	prices.School.Minutes = 0
	for run, minutes := range map[string]uint16{"A": 60, "A-B": 60, "A-C": 120} {
		d := fare.Decide(faretest.Card(t, aPupil),
			faretest.Tap("2026-03-02 07:00:00", faretest.InZones(run)), prices)
		require.Equal(t, minutes, d.After.Journey.Minutes, run)
	}
	prices.School.Minutes = 60
	d := fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00",
		faretest.InZones("A-C")), prices)
	require.EqualValues(t, 60, d.After.Journey.Minutes)
}

// Anyone who is along with a pupil pays, and the pupil's trip is counted once, also if they
// come only when the pupil changes.
func TestPartyWithAPupil(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	d := fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00", party(2)),
		prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "1.05", d.Charge.String())
	require.EqualValues(t, 2, d.Persons)
	require.EqualValues(t, 1, d.After.Today.SchoolTrips)
	require.Equal(t, []fare.RuleID{161, 166, 4, 51}, d.Rules())
	again := fare.Decide(asRead(d), faretest.Tap("2026-03-02 07:30:00", onTrip(12)), prices)
	require.Equal(t, fare.Transfer, again.Reason)
	require.EqualValues(t, 2, again.Persons)

	alone := asRead(fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00"),
		prices))
	d = fare.Decide(alone, faretest.Tap("2026-03-02 07:30:00", onTrip(12), party(2)), prices)
	require.Equal(t, "1.05", d.Charge.String())
	require.EqualValues(t, 1, d.After.Today.SchoolTrips)

	poor := faretest.Card(t, aPupil+", purse 1.00")
	d = fare.Decide(poor, faretest.Tap("2026-03-02 07:00:00", party(2)), prices)
	require.Equal(t, fare.BalanceLow, d.Reason)
	require.Equal(t, poor, d.After, "and no trip is counted")
}

// the same card again at once is not a second trip.
func TestPupilsCardAgain(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	first := faretest.Tap("2026-03-02 07:00:00")
	d := fare.Decide(faretest.Card(t, aPupil), first, prices)
	again := fare.Decide(asRead(d), faretest.Tap("2026-03-02 07:01:00"), prices)
	require.Equal(t, fare.AlreadyStamped, again.Reason)
	require.Equal(t, d.Until, again.Until)
	require.Equal(t, d.Product, again.Product)

	tap := faretest.Tap("2026-03-02 07:00:05")
	tap.Unconfirmed = fare.Unconfirmed{Event: first.Event, At: cardlayout.InstantOf(first.At), Trip: 11}
	require.Equal(t, fare.Recovered, fare.Decide(asRead(d), tap, prices).Reason)
}

// an inspector finds a pupil on a school ticket.
func TestCheckOfASchoolTicket(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := asRead(fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00"),
		prices))
	v := fare.Check(card, faretest.Tap("2026-03-02 07:30:00", faretest.InZones("C")), prices)
	require.True(t, v.Valid(), v.Finding.String())
	require.Equal(t, cardlayout.BySchool, v.Source)
	require.EqualValues(t, 40, v.Product)
	later := faretest.Tap("2026-03-02 12:30:00", onTrip(12))
	v = fare.Check(card, later, prices)
	require.Equal(t, fare.RightEnded, v.Finding)
}

// Ensure that a pupil's day does not depend on the clock being changed: both nights of
// the year leave the school hours what the clock shows.
func TestSchoolHoursAtTheChangeOfClocks(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	for _, date := range []string{"2026-03-30", "2025-10-27"} {
		d := fare.Decide(faretest.Card(t, aPupil), faretest.Tap(date+" 06:00:00"), prices)
		require.Equal(t, fare.School, d.Reason, date)
		early := faretest.Tap(date + " 06:00:00")
		early.At = early.At.Add(-time.Second)
		require.Equal(t, fare.Value, fare.Decide(faretest.Card(t, aPupil), early, prices).Reason,
			date)
	}
}

// a pupil who takes a friend keeps the school trip and its transfer right; the
// friend pays once and changes with them.
func TestPupilWithAFriend(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	steps := []struct {
		at      string
		persons uint8
		then    fare.Reason
		charge  cardlayout.Cents
		trips   uint8
	}{
		{"07:00:00", 2, fare.Value, 105, 1},
		{"07:00:20", 2, fare.Transfer, 0, 1},
		{"07:20:00", 0, fare.Transfer, 0, 1},
		{"07:40:00", 3, fare.Value, 105, 1}, // a second friend
		{"07:50:00", 3, fare.Transfer, 0, 1},
		{"08:00:00", 1, fare.Transfer, 0, 1},
		{"15:20:00", 0, fare.School, 0, 2}, // home
		{"15:30:00", 2, fare.Value, 105, 2},
		{"15:40:00", 0, fare.Transfer, 0, 2},
	}
	card := faretest.Card(t, aPupil)
	for n, step := range steps {
		d := fare.Decide(card, faretest.Tap("2026-03-02 "+step.at, party(step.persons),
			onTrip(uint16(20+n))), prices)
		require.Equal(t, step.then.String(), d.Reason.String(), step.at)
		require.Equal(t, step.charge, d.Charge, step.at)
		require.Equal(t, step.trips, d.After.Today.SchoolTrips, step.at)
		require.Equal(t, cardlayout.BySchool, d.After.Journey.Source, step.at)
		if d.Charge > 0 {
			require.Equal(t, faretest.Zones("A"), d.After.Ticket.Zones,
				"the friend's ticket is for the zones paid")
		}
		card = asRead(d)
	}
}
