package fare_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// a day ticket is good for periods of 24 hours from its first validation, to the
// minute, or for service days.
func TestDayTicket(t *testing.T) {
	const one = "area 209, purse 0.00, season1 area=209 product=60 zones=A-B days=1"
	rows := []struct {
		hours    bool
		included bool
		begun    string
		at       string
		then     fare.Reason
		until    string
	}{
		{true, false, "2026-03-02 07:12:30", "2026-03-03 07:11:59", fare.Season, "2026-03-03T07:12"},
		{true, false, "2026-03-02 07:12:30", "2026-03-03 07:12:00", fare.BalanceLow, ""},
		{true, true, "2026-03-02 07:12:30", "2026-03-03 07:12:59", fare.Season, "2026-03-03T07:12"},
		{true, true, "2026-03-02 07:12:30", "2026-03-03 07:13:00", fare.BalanceLow, ""},
		{true, false, "2026-03-02 00:00:00", "2026-03-03 00:00:00", fare.Season, "2026-03-03T00:01"},
		{true, false, "2026-03-02 00:00:00", "2026-03-03 00:01:00", fare.BalanceLow, ""},
		{true, false, "2026-03-02 01:30:00", "2026-03-03 01:29:59", fare.Season, "2026-03-03T01:30"},
		{true, false, "2026-03-28 12:00:00", "2026-03-29 11:59:59", fare.Season, "2026-03-29T12:00"}, // 23 hours
		{true, false, "2026-10-24 12:00:00", "2026-10-25 11:59:59", fare.Season, "2026-10-25T12:00"}, // 25 hours
		{false, false, "2026-03-02 07:12:30", "2026-03-03 04:29:59", fare.Season, "2026-03-02T23:59"},
		{false, false, "2026-03-02 07:12:30", "2026-03-03 04:30:00", fare.BalanceLow, ""},
		{false, true, "2026-03-02 23:59:00", "2026-03-03 04:30:00", fare.BalanceLow, ""},
	}
	prices := faretest.Published(t, jyvaskyla)
	for _, row := range rows {
		prices.PeriodsOfDay, prices.LimitIncluded = row.hours, row.included
		first := fare.Decide(faretest.Card(t, one), faretest.Tap(row.begun), prices)
		require.Equal(t, fare.SeasonStarted, first.Reason, "%v", row)
		require.Equal(t, cardlayout.ByDayTrips, first.Source)
		require.NoError(t, first.After.Check())
		card := asRead(first)
		d := fare.Decide(card, faretest.Tap(row.at, onTrip(12)), prices)
		require.Equal(t, row.then.String(), d.Reason.String(), "%v", row)
		v := fare.Check(card, faretest.Tap(row.at, onTrip(0)), prices)
		require.Equal(t, row.then == fare.Season, v.Valid(), "%v: %v", row, v.Finding)
		if row.then == fare.Season {
			require.Equal(t, stamp(row.until), d.Until)
			require.Equal(t, d.Until, first.Until)
			require.Equal(t, cardlayout.ByDayTrips, d.After.Journey.Source)
			require.Equal(t, cardlayout.ByDayTrips, v.Source)
		}
	}
}

// sixty days are sixty periods, and one more waits behind it.
func TestLongDayTicket(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, "area 209, season1 area=209 product=60 zones=A days=60, "+
		"season2 area=209 product=60 zones=A days=1")
	card = asRead(fare.Decide(card, faretest.Tap("2026-03-02 07:12:00"), prices))
	require.Equal(t, faretest.Day("2026-05-01"), card.Seasons[0].Last)
	d := fare.Decide(card, faretest.Tap("2026-05-01 07:12:00", onTrip(12)), prices)
	require.Equal(t, fare.Season, d.Reason)
	d = fare.Decide(card, faretest.Tap("2026-05-01 07:13:00", onTrip(12)), prices)
	require.Equal(t, fare.SeasonFollows, d.Reason)
	require.Equal(t, stamp("2026-05-02T07:13"), d.Until)
}

// T-01 to T-03: a season begins with its first validation, and the waiting
// one when it is used up.
func TestSeasonsOneAfterTheOther(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	loaded := faretest.Card(t, "area 217, season1 area=217 product=30 zones=A days=30, "+
		"season2 area=217 product=30 zones=A days=30")
	for counted, last := range map[bool]string{true: "2026-04-03", false: "2026-04-04"} {
		prices.FirstDayCounts = counted
		first := fare.Decide(loaded, faretest.Tap("2026-03-05 07:12:00"), prices)
		require.Equal(t, fare.SeasonStarted, first.Reason)
		require.Equal(t, faretest.Day("2026-03-05"), first.After.Seasons[0].First)
		require.Equal(t, faretest.Day(last), first.After.Seasons[0].Last)

		card := asRead(first)
		at := faretest.Tap(last+" 23:00:00", onTrip(12))
		d := fare.Decide(card, at, prices)
		require.Equal(t, fare.Season, d.Reason)
		require.Equal(t, card.Seasons, d.After.Seasons, "T-02: the waiting one is untouched")
		at.At = at.At.AddDate(0, 0, 1)
		require.Equal(t, fare.SeasonFollows, fare.Decide(card, at, prices).Reason, "T-03")
	}
}

// what is free is a season that costs nothing; it is accepted and leaves its
// event like any other.
func TestFreeProduct(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	product, known := prices.Season(50)
	require.True(t, known)
	require.Zero(t, product.Prices[cardlayout.Senior][faretest.Zones("A-D")])
	require.True(t, product.Personal)
	veteran := faretest.Card(t,
		"area 209, purse 0.00, group senior, born 1925-01-01, valid 2027-03-01, "+
			"season1 area=209 product=50 zones=A-D days=365 terms=1")
	d := fare.Decide(veteran, faretest.Tap("2026-03-02 07:00:00", faretest.InZones("A-D")), prices)
	require.Equal(t, fare.SeasonStarted, d.Reason)
	require.EqualValues(t, 50, d.Product)
	require.Zero(t, d.Charge)
	require.Equal(t, faretest.Day("2027-03-01"), d.After.Seasons[0].Last, "one year at a time")
}

// a season that was bought in time goes on until its end, whatever the holder's
// group has become; only the next load is refused.
func TestSeasonOutlivesTheGroup(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, "area 209, group child, born 2009-03-02, "+
		"season1 area=209 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30")
	d := fare.Decide(card, faretest.Tap("2026-03-20 07:00:00"), prices)
	require.Equal(t, fare.Season, d.Reason)
	require.Equal(t, cardlayout.Persons{cardlayout.Youth: 1}, d.After.Journey.Persons)
}

// a card that is lent pays with what is not for its owner alone.
func TestLentCard(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	lent := func(t *fare.Tap) { t.Lent = true }
	month := "area 209, season1 area=209 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30 terms="
	for terms, then := range map[string]fare.Reason{"0": fare.Season, "1": fare.Value} {
		card := faretest.Card(t, month+terms)
		require.Equal(t, fare.Season, fare.Decide(card, faretest.Tap("2026-03-02 07:00:00"),
			prices).Reason)
		d := fare.Decide(card, faretest.Tap("2026-03-02 07:00:00", lent), prices)
		require.Equal(t, then.String(), d.Reason.String())
		require.Equal(t, card.Seasons, d.After.Seasons)
	}
	waiting := faretest.Card(t, strings.ReplaceAll(month, " from=2026-03-01 to=2026-03-30", "")+"1")
	require.Equal(t, fare.Value, fare.Decide(waiting, faretest.Tap("2026-03-02 07:00:00", lent),
		prices).Reason)
	pupil := fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00", lent),
		prices)
	require.Equal(t, fare.Value, pupil.Reason, "nor is a school ticket")
	pupil = fare.Decide(faretest.Card(t, aPupil), faretest.Tap("2026-03-02 07:00:00"), prices)
	pupil = fare.Decide(asRead(pupil), faretest.Tap("2026-03-02 07:30:00", onTrip(12), lent),
		prices)
	require.Equal(t, fare.Value, pupil.Reason, "nor may its trip be changed")
}

// beyond a season's zones the whole trip is paid by value, or only what the season
// lacks, where the tariff says so.
func TestBeyondTheSeasonsZones(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	season := func(run string) cardlayout.Card {
		return faretest.Card(t, "area 209, purse 50.00, season1 area=209 product=30 zones="+run+
			" days=30 from=2026-03-01 to=2026-03-30")
	}
	rows := []struct{ season, way, whole, missing string }{
		{"A", "A-B", "3.30", "2.10"},
		{"A", "A-D", "5.80", "4.30"},
		{"B", "A-C", "4.30", "4.20"},   // A and C, one each
		{"B-C", "A-D", "5.80", "4.20"}, // A and D
		{"A", "B", "2.10", "2.10"},     // nothing of the way is in it
		{"A", "C-D", "3.30", "3.30"},
		{"A-C", "B-D", "4.30", "2.10"},
	}
	for _, row := range rows {
		for missing, want := range map[bool]string{false: row.whole, true: row.missing} {
			prices.MissingZones = missing
			d := fare.Decide(season(row.season), faretest.Tap("2026-03-02 07:00:00",
				faretest.InZones(row.way)), prices)
			require.Equal(t, fare.Value, d.Reason)
			require.Equal(t, want, d.Charge.String(), "%v", row)
			require.Equal(t, faretest.Zones(row.way), d.After.Journey.Zones,
				"paid for all of the way")
		}
	}
	prices.MissingZones = true
	d := fare.Decide(season("A"), faretest.Tap("2026-03-02 07:00:00", faretest.InZones("A-B"),
		party(2)), prices)
	require.Equal(t, "5.40", d.Charge.String(), "the one along pays the whole way")
	d = fare.Decide(season("A"), faretest.Tap("2026-03-02 07:00:00", faretest.InZones("A-B"),
		party(0, 0, 1)), prices)
	require.Equal(t, "3.30", d.Charge.String(), "the holder is not aboard")
	require.Zero(t, d.After.SeasonBoarding)
	require.NotContains(t, d.Rules(), fare.RuleID(65))

	waiting := faretest.Card(t, "area 209, season1 area=209 product=30 zones=A days=30")
	d = fare.Decide(waiting, faretest.Tap("2026-03-02 07:00:00", faretest.InZones("A-B")), prices)
	require.Equal(t, "3.30", d.Charge.String())
	require.Equal(t, waiting.Seasons, d.After.Seasons, "a trip beyond it begins no season")
	abroad := faretest.Card(t,
		"area 209, season1 area=227 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30")
	d = fare.Decide(abroad, faretest.Tap("2026-03-02 07:00:00", faretest.InZones("A-B")), prices)
	require.Equal(t, "3.30", d.Charge.String(), "R-042")
}

// check reports whether an inspector in zone A, on no known trip, lets the card's holder go on.
func check(card cardlayout.Card, prices *fare.Tariff, change func(*fare.Tap)) bool {
	v := fare.Check(card, faretest.Tap("2026-03-02 07:30:00", onTrip(0), change), prices)
	return v.Valid()
}

// Between two zones a right for either is enough, and the cheaper is paid where the tariff
// says so. Anyone who wants other zones says so and gets them.
func TestBetweenZones(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	prices.Value[cardlayout.Adult][faretest.Zones("B")] = 150
	next := func(n uint8) func(*fare.Tap) { return func(t *fare.Tap) { t.Also = cardlayout.ZonesOf(n) } }
	chosen := func(run string) func(*fare.Tap) { return func(t *fare.Tap) { t.Chosen = faretest.Zones(run) } }
	month := func(run string) cardlayout.Card {
		return faretest.Card(t, "area 209, season1 area=209 product=30 zones="+run+
			" days=30 from=2026-03-01 to=2026-03-30")
	}
	rows := []struct {
		name    string
		card    cardlayout.Card
		tap     fare.Tap
		cheaper bool
		then    fare.Reason
		charge  string
		zones   string
	}{
		{"a season for this stop", month("A"), faretest.Tap("2026-03-02 07:00:00",
			next(2)), false, fare.Season, "0.00", "A"},
		{"a season for the next", month("B"), faretest.Tap("2026-03-02 07:00:00",
			next(2)), false, fare.Season, "0.00", "A"},
		{"a season for neither", month("C"), faretest.Tap("2026-03-02 07:00:00",
			next(2)), false, fare.Value, "2.10", "A"},
		{
			"not between zones", month("B"), faretest.Tap("2026-03-02 07:00:00"), false, fare.Value,
			"2.10", "A",
		},
		{"this stop's price", faretest.Card(t, "area 209"), faretest.Tap("2026-03-02 07:00:00",
			next(2)), false, fare.Value, "2.10", "A"},
		{"the cheaper price", faretest.Card(t, "area 209"), faretest.Tap("2026-03-02 07:00:00",
			next(2)), true, fare.Value, "1.50", "B"},
		{"no dearer price", faretest.Card(t, "area 209"), faretest.Tap("2026-03-02 07:00:00",
			faretest.InZones("B"), next(1)), true, fare.Value, "1.50", "B"},
		{"one that is sold", faretest.Card(t, "area 209"), faretest.Tap("2026-03-02 07:00:00",
			faretest.InZones("F"), next(1)), true, fare.Value, "2.10", "A"},
		{"the driver chose", month("B"), faretest.Tap("2026-03-02 07:00:00", next(2),
			chosen("A")), true, fare.Value, "2.10", "A"},
		{"a longer way", month("B"), faretest.Tap("2026-03-02 07:00:00", faretest.InZones("A-C"),
			next(2)), true, fare.Value, "4.30", "A-C"},
	}
	prices.MissingZones = false
	for _, row := range rows {
		prices.CheaperZone = row.cheaper
		d := fare.Decide(row.card, row.tap, prices)
		require.Equal(t, row.then.String(), d.Reason.String(), row.name)
		require.Equal(t, row.charge, d.Charge.String(), row.name)
		require.Equal(t, row.zones, d.Zones.String(), row.name)
	}
	paid := asRead(fare.Decide(faretest.Card(t, "area 209"),
		faretest.Tap("2026-03-02 07:00:00", faretest.InZones("B")), prices))
	d := fare.Decide(paid, faretest.Tap("2026-03-02 07:30:00", onTrip(12), next(2)), prices)
	require.Equal(t, fare.Transfer, d.Reason, "the paid zone is the next one")
	require.True(t, check(paid, prices, next(2)), "R-041")
	require.False(t, check(paid, prices, next(3)))
	require.Equal(t, faretest.Zones("B"), d.After.Journey.Zones)
}
