package fare_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// season is for zone A.
const season = "season1 area=227 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30, "

// hourly is Mikkeli's tariff with an hour's transfer right for any zones, single zones at 2.51, and
// a school day.
func hourly(t *testing.T) *fare.Tariff {
	prices := faretest.Published(t, "mikkeli-2025")
	for zones := range prices.Transfer {
		prices.Transfer[zones] = 60
	}
	prices.SchoolDays = []fare.SchoolCalendar{{Number: 1}}
	prices.SchoolDays[0].Days.Put(faretest.Day("2026-03-02"), true)
	return prices
}

// every value ticket has its own transfer right, of which a card of layout 2
// keeps two and one of layout 1 the newest.
func TestTwoRunningRights(t *testing.T) {
	const both = "journey start=2026-03-02T06:10:00Z area=227 zones=A-B adult=1 by=value " +
		"minutes=60 boarded=2026-03-02T06:10:00Z trip=1, "
	const party2 = "journey start=2026-03-02T06:00:00Z area=227 zones=A adult=2 by=value " +
		"minutes=60 boarded=2026-03-02T06:00:00Z trip=1, "
	type boarding struct {
		at, zones     string
		persons       uint8
		charge, alone string // with two rights, and with one
		until         string
		paid          int // persons of the journey
	}
	roundTrip := []boarding{
		{"08:00", "B", 0, "2.51", "2.51", "09:00", 1},
		{"08:10", "C", 0, "2.51", "2.51", "09:10", 1},
		{"08:40", "B", 0, "0.00", "2.51", "09:00", 1},
	}
	longer := slices.Clone(roundTrip) // than these is a right of another zone
	longer[2] = boarding{"08:40", "B", 0, "2.51", "2.51", "09:40", 1}
	for name, row := range map[string]struct {
		card  string
		steps []boarding
	}{
		"back in the first zone": {"", []boarding{
			{"08:00", "B", 0, "2.51", "2.51", "09:00", 1},
			{"08:10", "C", 0, "2.51", "2.51", "09:10", 1},
			{"08:40", "B", 0, "0.00", "2.51", "09:00", 1},
			{"09:00", "C", 0, "0.00", "2.51", "09:10", 1},
			{"09:01", "B", 0, "2.51", "2.51", "10:01", 1},
		}},
		"who joins has an own end": {"", []boarding{
			{"08:00", "A", 1, "2.51", "2.51", "09:00", 1},
			{"08:55", "A", 2, "2.51", "2.51", "09:00", 2},
			{"08:58", "A", 0, "0.00", "0.00", "09:00", 2},
			{"09:30", "A", 0, "0.00", "2.51", "09:55", 1},
			{"09:50", "A", 2, "2.51", "2.51", "09:55", 2},
			{"10:10", "A", 0, "0.00", "0.00", "10:50", 1},
		}},
		"who joins is the newest": {"", []boarding{
			{"08:00", "A", 0, "2.51", "2.51", "09:00", 1},
			{"08:10", "B", 0, "2.51", "2.51", "09:10", 1},
			{"08:20", "B", 2, "2.51", "2.51", "09:10", 2},
			{"09:20", "B", 0, "0.00", "2.51", "09:20", 1},
		}},
		"who joins after others shares their end": {"", []boarding{
			{"08:00", "A", 0, "2.51", "2.51", "09:00", 1},
			{"08:20", "A", 2, "2.51", "2.51", "09:00", 2},
			{"08:40", "A", 3, "2.51", "2.51", "09:00", 3},
			{"09:10", "A", 2, "0.00", "5.02", "09:20", 2},
		}},
		"who joins a former right has an own end": {"", []boarding{
			{"08:00", "A", 0, "2.51", "2.51", "09:00", 1},
			{"08:55", "A", 2, "2.51", "2.51", "09:00", 2},
			{"09:30", "A", 2, "2.51", "5.02", "09:55", 2},
			{"10:00", "A", 0, "0.00", "0.00", "10:30", 1},
		}},
		"nobody joins a former right beside a season": {season, []boarding{
			{"08:00", "A", 2, "2.51", "2.51", "09:00", 2},
			{"08:55", "A", 3, "2.51", "2.51", "09:00", 3},
			{"09:30", "A", 2, "2.51", "2.51", "10:30", 2},
			{"10:00", "A", 2, "0.00", "0.00", "10:30", 2},
		}},
		"of three the one that ends first goes": {"", []boarding{
			{"08:00", "A", 0, "2.51", "2.51", "09:00", 1},
			{"08:10", "B", 0, "2.51", "2.51", "09:10", 1},
			{"08:20", "C", 0, "2.51", "2.51", "09:20", 1},
			{"08:30", "B", 0, "0.00", "2.51", "09:10", 1},
			{"08:40", "A", 0, "2.51", "2.51", "09:40", 1},
			{"08:50", "C", 0, "0.00", "2.51", "09:20", 1},
		}},
		"both cover: the later": {
			both + "former area=227 zones=B-C until=2026-03-02T07:20:00Z adult=1",
			[]boarding{{"08:30", "B", 0, "0.00", "0.00", "09:20", 1}},
		},
		"both cover: the later is the journey's": {
			both +
				"former area=227 zones=B until=2026-03-02T07:00:00Z adult=1",
			[]boarding{{"08:30", "B", 0, "0.00", "0.00", "09:10", 1}},
		},
		"the earlier, for more persons": {
			both +
				"former area=227 zones=B until=2026-03-02T07:00:00Z adult=2",
			[]boarding{{"08:30", "B", 2, "0.00", "3.38", "09:00", 2}},
		},
		"neither covers the whole way": {
			both +
				"former area=227 zones=B-C until=2026-03-02T07:20:00Z adult=1",
			[]boarding{{"08:30", "A-C", 0, "4.15", "4.15", "09:30", 1}},
		},
		"a party keeps its journey while it runs": {party2 +
			"former area=227 zones=A until=2026-03-02T07:30:00Z adult=1", []boarding{
			{"08:30", "A", 1, "0.00", "0.00", "09:00", 2},
			{"08:40", "A", 3, "2.51", "2.51", "09:00", 3},
		}},
		"more persons than the journey's have not joined it": {
			"journey start=2026-03-02T06:10:00Z area=227 zones=A adult=1 by=value minutes=60 " +
				"boarded=2026-03-02T06:10:00Z trip=1, " +
				"former area=227 zones=A until=2026-03-02T07:20:00Z adult=2",
			[]boarding{
				{"08:30", "A", 3, "5.02", "5.02", "09:10", 3},
				{"09:25", "A", 2, "0.00", "5.02", "09:30", 2},
			},
		},
		"other persons than those who paid, and as many": {
			party2 +
				"former area=227 zones=B until=2026-03-02T07:30:00Z adult=1 child=1",
			[]boarding{{"08:30", "B", 2, "0.00", "5.02", "09:30", 2}},
		},
		"nobody joins for more than all would pay": {
			both +
				"former area=227 zones=C-G until=2026-03-02T07:20:00Z adult=1",
			[]boarding{{"08:30", "C", 2, "5.02", "5.02", "09:30", 2}},
		},
		"of another area": {
			"former area=217 zones=A until=2026-03-02T07:20:00Z adult=1",
			[]boarding{{"08:30", "A", 0, "2.51", "2.51", "09:30", 1}},
		},
		"paid by a clock that was far ahead": {
			"former area=227 zones=A until=2026-03-02T09:20:00Z adult=1",
			[]boarding{{"08:30", "A", 0, "2.51", "2.51", "09:30", 1}},
		},
		"a journey by a clock that was far ahead": {
			"journey start=2027-03-02T06:10:00Z area=227 zones=A adult=1 by=value minutes=60 " +
				"boarded=2027-03-02T06:10:00Z trip=1",
			roundTrip,
		},
		"a journey by a clock that was far ahead, and a right that runs": {
			"journey start=2027-03-02T06:10:00Z area=227 zones=A adult=1 by=value minutes=60 " +
				"boarded=2027-03-02T06:10:00Z trip=1, " +
				"former area=227 zones=B until=2026-03-02T07:00:00Z adult=1",
			[]boarding{
				{"08:10", "C", 0, "2.51", "2.51", "09:10", 1},
				{"08:40", "B", 0, "0.00", "2.51", "09:00", 1},
			},
		},
		"a former right by a clock that was a year ahead": {
			"former area=227 zones=A until=2027-03-02T06:10:00Z adult=1", roundTrip,
		},
		"a former right by a clock that was some hours ahead": {
			"former area=227 zones=A until=2026-03-02T08:10:01Z adult=1", roundTrip,
		},
		"a former right by a clock that was an hour ahead": {
			"former area=227 zones=A until=2026-03-02T08:10:00Z adult=1", longer,
		},
		"a former right of another area, by a clock that was a year ahead": {
			"former area=217 zones=A until=2027-03-02T06:10:00Z adult=1", roundTrip,
		},
		"a former right of another area that lasts longer": {
			"former area=217 zones=A until=2026-03-02T08:30:00Z adult=1", longer,
		},
		"who joins does not share an end by a clock that was far ahead": {
			"former area=227 zones=A until=2027-03-02T06:10:00Z adult=1", []boarding{
				{"08:00", "A", 0, "2.51", "2.51", "09:00", 1},
				{"08:20", "A", 2, "2.51", "2.51", "09:00", 2},
				{"09:10", "A", 0, "0.00", "2.51", "09:20", 1},
			},
		},
		"for nobody": {
			"former area=227 zones=A until=2026-03-02T07:20:00Z",
			[]boarding{{"08:30", "A", 0, "2.51", "2.51", "09:30", 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			prices := hourly(t)
			two := faretest.Card(t, "layout 2, purse 50.00, "+row.card)
			one := two
			one.Layout, one.Former = 1, cardlayout.Right{}
			for n, b := range row.steps {
				tap := faretest.Tap("2026-03-02 "+b.at+":00", faretest.InZones(b.zones),
					party(b.persons), onTrip(uint16(20+n)))
				d, alone := fare.Decide(two, tap, prices), fare.Decide(one, tap, prices)
				require.Equal(t, b.charge, d.Charge.String(), "%v", b)
				require.Equal(t, b.alone, alone.Charge.String(), "%v with one right", b)
				require.Equal(t, d.Charge == 0, d.Reason == fare.Transfer, "%v", b)
				require.Equal(t, stamp("2026-03-02T"+b.until), d.Until, "%v", b)
				require.Equal(t, d.Until, d.After.Record.Until, "%v", b)
				require.Equal(t, b.paid, d.After.Journey.Persons.Total(), "%v", b)
				require.Zero(t, alone.After.Former, "there is no room")
				two, one = asRead(d), asRead(alone)
			}
		})
	}
}

// a running value right makes room for a journey that is paid otherwise or elsewhere, and
// stays; one that has ended goes when the card is written.
func TestFormerRightStays(t *testing.T) {
	const (
		right = " zones=B adult=2 by=value minutes=60 start=2026-03-02T06:00:00Z " +
			"boarded=2026-03-02T06:00:00Z trip=1, "
		paid, kotkas = "journey area=227" + right, "journey area=217" + right
		schools      = "journey area=227 by=school zones=B child=1 minutes=60 " +
			"start=2026-03-02T06:00:00Z boarded=2026-03-02T06:00:00Z trip=1, "
		former = "former area=227 zones=B until=2026-03-02T07:00:00Z adult=2, "
		pupil  = "group child, school trips=2 calendar=1, "
	)
	for name, row := range map[string]struct {
		card, at string
		reason   fare.Reason
		by       cardlayout.Source // of the journey then
		kept     bool
		lent     bool
	}{
		"value":                             {paid, "08:30", fare.Value, cardlayout.ByValue, true, false},
		"a season leaves the journey":       {paid + season, "08:30", fare.Season, cardlayout.ByValue, false, false},
		"a season beside":                   {former + season, "08:30", fare.Season, cardlayout.BySeason, true, false},
		"a season, and it has ended":        {former + season, "09:01", fare.Season, cardlayout.BySeason, false, false},
		"a season, at its last moment":      {former + season, "09:00", fare.Season, cardlayout.BySeason, true, false},
		"a school trip":                     {paid + pupil, "08:30", fare.School, cardlayout.BySchool, true, false},
		"a school trip, and it ended":       {paid + pupil, "09:01", fare.School, cardlayout.BySchool, false, false},
		"a season in the other area":        {kotkas + season, "08:30", fare.Season, cardlayout.BySeason, true, false},
		"a pupil's right is no value right": {schools + pupil, "08:30", fare.Value, cardlayout.ByValue, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			card := faretest.Card(t, row.card)
			d := fare.Decide(card, faretest.Tap("2026-03-02 "+row.at+":00", onTrip(12),
				func(tap *fare.Tap) { tap.Lent = row.lent }), hourly(t))
			require.Equal(t, row.reason, d.Reason)
			require.Equal(t, row.by, d.After.Journey.Source)
			want := cardlayout.Right{}
			if row.kept {
				want = faretest.Card(t, former).Former
				want.Area = max(card.Journey.Area, card.Former.Area)
			}
			require.Equal(t, want, d.After.Former)
		})
	}
}

// nobody joins a former right where a school ticket covers the holder, but others do
// to whom the card is lent.
func TestFormerRightBesideASchoolTicket(t *testing.T) {
	card := faretest.Card(t, "purse 20.00, group child, school trips=2 calendar=1, "+
		"former area=227 zones=A until=2026-03-02T07:20:00Z adult=1")
	for lent, until := range map[bool]string{false: "09:30", true: "09:20"} {
		d := fare.Decide(card, faretest.Tap("2026-03-02 08:30:00", party(2),
			func(tap *fare.Tap) { tap.Lent = lent }), hourly(t))
		require.Equal(t, fare.Value, d.Reason)
		require.Equal(t, stamp("2026-03-02T"+until), d.Until, "lent: %v", lent)
	}
}

// a second right makes no way dearer: all ways of five boardings in three zones, alone or with
// others, and of four beside a season or a right that a clock a year ahead has given. Only if
// tickets differ in price may a way come dearer: a wide ticket that is changed on, and not paid
// anew, also ends where the new one would not have.
func TestTwoRightsAreNeverDearer(t *testing.T) {
	prices := hourly(t)
	var taps []fare.Tap
	for _, zone := range []string{"A", "B", "C"} {
		for persons := range uint8(4) {
			taps = append(taps, faretest.Tap("2026-03-02 08:00:00", faretest.InZones(zone),
				party(persons)))
		}
	}
	type state struct {
		card  cardlayout.Card
		spent cardlayout.Cents
	}
	var way []fare.Tap
	cheaper := 0
	var play func(boardings int, one, two state, at time.Time)
	play = func(boardings int, one, two state, at time.Time) {
		if two.spent > one.spent {
			require.Fail(t, "dearer", "%v, and %v with one right: %+v", two.spent, one.spent, way)
		}
		if two.spent < one.spent {
			cheaper++
		}
		if boardings == 0 {
			return
		}
		for _, tap := range taps {
			for _, later := range []time.Duration{7 * time.Minute, 33 * time.Minute} {
				tap.At, tap.Trip = at.Add(later), uint16(20+boardings)
				way = append(way, tap)
				after := func(s state) state {
					d := fare.Decide(s.card, tap, prices)
					if !d.Accept() {
						require.Fail(t, "refused", "%v: %+v", d.Reason, way)
					}
					return state{asRead(d), s.spent + d.Charge}
				}
				play(boardings-1, after(one), after(two), tap.At)
				way = way[:len(way)-1]
			}
		}
	}
	const aYearAhead = "former area=227 zones=A until=2027-03-02T06:30:00Z adult=1"
	for card, boardings := range map[string]int{"": 5, season: 4, aYearAhead: 4} {
		if testing.Short() {
			boardings = 3
		}
		cheaper = 0
		two := state{card: faretest.Card(t, "layout 2, purse 300.00, "+card)}
		one := two
		one.card.Layout, one.card.Former = 1, cardlayout.Right{}
		play(boardings, one, two, faretest.Time("2026-03-02 08:00:00"))
		require.NotZero(t, cheaper)
	}
}

// beside whatever else is on a card, a second right makes no boarding dearer and refuses
// nobody; and what it makes free was paid: it runs, for all who board.
func TestFormerRightIsNeverDearer(t *testing.T) {
	used := 0
	faretest.Worlds(t, 17, func(_ faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		d, one := fare.Decide(card, tap, prices), card
		one.Layout, one.Former = 1, cardlayout.Right{}
		alone := fare.Decide(one, tap, prices)
		fail := func(what string) {
			require.Fail(t, what, "%v %v, and %v %v with one right\n%s\n%+v", d.Reason, d.Charge,
				alone.Reason, alone.Charge, card.Text(), tap)
		}
		former := &card.Former
		switch {
		case alone.Accept() && (!d.Accept() || d.Charge > alone.Charge):
			fail("dearer")
		case d.Reason == alone.Reason && d.Charge == alone.Charge:
			return
		case former.Area != prices.Area || former.Persons.Total() == 0 ||
			former.Until < cardlayout.InstantOf(tap.At):
			fail("by a right that does not run here")
		case d.Reason == fare.Transfer && former.Persons.Total() < tap.Persons.Total():
			fail("for more persons than have paid")
		}
		used++
	})
	require.Greater(t, used, 500)
}

// on its own trip a card has been stamped, by whichever right, and no other is asked; a
// person who joins there has one more right that runs.
func TestFormerRightOnTheSameTrip(t *testing.T) {
	prices := hourly(t)
	card := faretest.Card(t, "purse 20.00, former area=227 zones=A until=2026-03-02T07:20:00Z adult=2, "+
		"journey start=2026-03-02T06:10:00Z area=227 zones=B adult=1 by=value minutes=60 "+
		"boarded=2026-03-02T06:20:00Z trip=11")
	at := "2026-03-02 08:25:00"
	d := fare.Decide(card, faretest.Tap(at), prices)
	require.Equal(t, fare.AlreadyStamped, d.Reason)
	require.Equal(t, stamp("2026-03-02T09:10"), d.Until)
	d = fare.Decide(card, faretest.Tap(at, party(2)), prices)
	require.Equal(t, fare.Transfer, d.Reason)
	require.Equal(t, stamp("2026-03-02T09:20"), d.Until)
	require.Equal(t, fare.AlreadyStamped, fare.Decide(asRead(d), faretest.Tap(at), prices).Reason)
	card.Former.Until = faretest.Instant("2026-03-02 08:22:00")
	d = fare.Decide(card, faretest.Tap(at, party(2)), prices)
	require.Equal(t, "5.02", d.Charge.String(), "it has ended since they boarded")
}

// Ensure that a former right neither ends nor is forgotten by a time that is not known, unless it
// had ended before.
func TestFormerRightByAnUnknownTime(t *testing.T) {
	prices := hourly(t)
	card := faretest.Card(t, "former area=227 zones=A until=2026-03-02T07:00:00Z adult=1, "+
		"journey start=2026-03-02T06:10:00Z area=227 zones=B adult=1 by=value minutes=60 "+
		"boarded=2026-03-02T06:10:00Z trip=1")
	const now, since = "2026-03-02 12:00:00", "2026-03-02 11:00:00"
	for known, want := range map[string]fare.Reason{
		"2026-03-02 09:00:00": fare.Transfer, "2026-03-02 09:00:01": fare.Value,
	} {
		d := fare.Decide(card, faretest.Tap(now, faretest.UnknownTime(since, known)), prices)
		require.Equal(t, want, d.Reason, known)
		require.Equal(t, faretest.Zones("B"), d.After.Former.Zones)
	}
	elsewhere := faretest.Tap(now, faretest.UnknownTime(since, ""), faretest.InZones("C"))
	require.NotZero(t, fare.Decide(card, elsewhere, prices).After.Former)
	require.Equal(t, fare.Value, fare.Decide(card, faretest.Tap(now), prices).Reason)
}

// an inspector finds the right that is good here, be it the former.
func TestCheckOfTwoRights(t *testing.T) {
	prices := hourly(t)
	card := faretest.Card(t, "former area=227 zones=B until=2026-03-02T07:20:00Z adult=2, "+
		"journey start=2026-03-02T06:10:00Z area=227 zones=A adult=1 by=value minutes=60 "+
		"boarded=2026-03-02T06:10:00Z trip=11")
	for _, row := range []struct {
		at, zone string
		trip     uint16
		found    fare.Finding
		until    string
		persons  int
	}{
		{"08:30", "A", 11, fare.Travels, "09:10", 1},
		{"08:30", "B", 11, fare.Travels, "09:20", 2},
		{"09:20", "B", 11, fare.Travels, "09:20", 2},
		{"09:21", "B", 11, fare.LeftZones, "09:10", 1},
		{"08:30", "B", 12, fare.NotStamped, "09:20", 2},
		{"08:30", "C", 11, fare.LeftZones, "09:10", 1},
	} {
		v := fare.Check(card, faretest.Tap("2026-03-02 "+row.at+":00", onTrip(row.trip),
			faretest.InZones(row.zone)), prices)
		require.Equal(t, row.found, v.Finding, "%v", row)
		require.Equal(t, stamp("2026-03-02T"+row.until), v.Until, "%v", row)
		require.Equal(t, row.persons, v.Persons.Total(), "%v", row)
	}
	card.Former.Area = kotka
	v := fare.Check(card, faretest.Tap("2026-03-02 08:30:00", faretest.InZones("B")), prices)
	require.Equal(t, fare.LeftZones, v.Finding, "of another area")
}
