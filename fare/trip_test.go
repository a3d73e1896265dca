package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// a boarding is of a vehicle on a departure. The card tells vehicle and direction of a
// value ticket, a season and a school trip; a number alone decides where nobody can tell.
func TestSameTrip(t *testing.T) {
	prices := faretest.Published(t, "jyvaskyla-2018")
	on := func(vehicle uint16, direction uint8) func(*fare.Tap) {
		return func(tap *fare.Tap) {
			tap.Vehicle, tap.Direction, tap.Trip = vehicle, direction, 201
			tap.Event = cardlayout.EventID{Device: 9, Sequence: 1}
		}
	}
	const first, again = "2026-03-02 08:00:00", "2026-03-02 08:05:00"
	for name, text := range map[string]string{
		"value":  "area 209, purse 20.00",
		"season": "area 209, season1 area=209 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30",
		"school": "area 209, group child, school trips=2 calendar=1 until=2026-05-30",
	} {
		stamped := fare.Decide(faretest.Card(t, text), faretest.Tap(first, on(11, 0)), prices)
		require.True(t, stamped.Accept(), name)
		read := asRead(stamped)
		boarding := stamped.After.Ticket.Boarding
		for _, c := range []struct {
			vehicle   uint16
			direction uint8
			change    func(*fare.Tap)
			same      bool
		}{
			{11, 0, func(*fare.Tap) {}, true},
			{12, 0, func(*fare.Tap) {}, false},
			{11, 1, func(*fare.Tap) {}, false},
			{0, 1, func(*fare.Tap) {}, true}, // nobody says which vehicle it is
			{11, 0, func(tap *fare.Tap) { tap.OtherTrip = true }, false},
			{11, 0, func(tap *fare.Tap) { tap.Trip = 202 }, false},
		} {
			tap := faretest.Tap(again, on(c.vehicle, c.direction))
			tap.LastBoarding = boarding
			c.change(&tap)
			d := fare.Decide(read, tap, prices)
			require.Equal(t, c.same, d.Reason == fare.AlreadyStamped, "%s: %+v: %v", name, c, d.Reason)
			found := fare.Check(read, tap, prices).Finding
			require.Equal(t, c.same, found == fare.Travels, "%s: %+v: %v", name, c, found)
		}
		// A boarding of another minute is an earlier one, and says nothing.
		old := faretest.Tap(again, on(12, 0))
		old.LastBoarding = boarding
		old.LastBoarding.At.Minute--
		read.SeasonBoarding.At.Minute--
		require.Equal(t, fare.AlreadyStamped, fare.Decide(read, old, prices).Reason, name)
	}
}

// what was committed and not heard is told as such on its own trip, and to anyone who is at
// the reader still.
func TestUnconfirmedElsewhere(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	tap := faretest.Tap("2026-03-02 08:00:00", onTrip(201))
	tap.Event = cardlayout.EventID{Device: 9, Sequence: 1}
	stamped := fare.Decide(faretest.Card(t, "area 227, purse 20.00"), tap, prices)
	for at, want := range map[string]fare.Reason{
		"2026-03-02 08:01:00": fare.Recovered,
		"2026-03-02 08:01:01": fare.Transfer,
	} {
		later := faretest.Tap(at, onTrip(201))
		later.OtherTrip = true
		later.Unconfirmed = fare.Unconfirmed{
			Event: tap.Event, At: cardlayout.InstantOf(tap.At), Trip: 201,
			Charge: 251, Elsewhere: true,
		}
		require.Equal(t, want, fare.Decide(asRead(stamped), later, prices).Reason, at)
	}
}

// a season begins on the date of its first use, and never before it was loaded; its last
// day counts to the end of its service day, in every area that has seasons.
func TestSeasonBeginsOnItsDate(t *testing.T) {
	for area, days := range map[string]struct {
		code cardlayout.Area
		days string
	}{
		"kotka-2025": {217, "90"}, "jyvaskyla-2018": {209, "180"}, "lappeenranta-2019": {225, "30"},
		"oulu-2024-12": {229, "180"}, "joensuu-2023": {207, "30"},
	} {
		prices := faretest.Published(t, area)
		card := faretest.Card(t,
			"purse 20.00, season1 product="+days.days+" zones=A days="+days.days)
		card.Area, card.Seasons[0].Area = days.code, days.code
		for at, want := range map[string]string{
			"2026-03-16 23:59:59": "2026-03-16",
			"2026-03-17 00:00:00": "2026-03-17", "2026-03-17 00:30:00": "2026-03-17",
			"2026-03-17 04:29:59": "2026-03-17", "2026-03-17 04:30:00": "2026-03-17",
		} {
			d := fare.Decide(card, faretest.Tap(at), prices)
			require.Equal(t, fare.SeasonStarted, d.Reason, area)
			s := d.After.Seasons[0]
			require.Equal(t, want, s.First.String(), "%s at %s", area, at)
			require.EqualValues(t, int(s.Days)-1, int(s.Last-s.First), area)
			last := faretest.Tap(s.Last.String() + " 23:00:00")
			require.Equal(t, fare.Season, fare.Decide(asRead(d), last, prices).Reason)
			last = faretest.Tap((s.Last+1).String()+" 04:29:59", onTrip(12))
			require.Equal(t, fare.Season, fare.Decide(asRead(d), last, prices).Reason)
			last = faretest.Tap((s.Last+1).String()+" 04:30:00", onTrip(12))
			require.NotEqual(t, fare.Season, fare.Decide(asRead(d), last, prices).Reason)
		}
	}
}
