package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// unconfirmedBy is a later tap of a card whose stamp by this one was not heard of.
func unconfirmedBy(first fare.Tap, later time.Duration, change ...func(*fare.Tap)) fare.Tap {
	tap := first
	tap.At = first.At.Add(later)
	tap.Unconfirmed = fare.Unconfirmed{Event: first.Event, At: cardlayout.InstantOf(first.At), Trip: first.Trip}
	for _, f := range change {
		f(&tap)
	}
	return tap
}

// an acceptance that nobody heard is told in full: for whom, where and until when it
// was; on its own trip for as long as that is one boarding, and where the clock went back.
func TestUnconfirmedIsToldInFull(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	first := faretest.Tap("2026-03-02 08:00:00", party(2), faretest.InZones("A-B"))
	done := fare.Decide(faretest.Card(t, "purse 30.00"), first, prices)
	first.Persons = cardlayout.Persons{}
	tap := unconfirmedBy(first, 5*time.Second, faretest.InZones("A"))
	for _, again := range []bool{false, true} {
		want := fare.Recovered
		if again {
			tap.Unconfirmed, want = fare.Unconfirmed{}, fare.AlreadyStamped
		}
		d := fare.Decide(asRead(done), tap, prices)
		require.Equal(t, want, d.Reason)
		require.EqualValues(t, 2, d.Persons)
		require.Equal(t, cardlayout.ByValue, d.Source)
		require.Equal(t, done.Zones, d.Zones)
		require.Equal(t, prices.ValueProduct, d.Product)
		require.Equal(t, done.Until, d.Until)
	}

	first = faretest.Tap("2026-03-02 08:00:00")
	read := asRead(fare.Decide(faretest.Card(t, ""), first, prices))
	for later, want := range map[time.Duration]fare.Reason{
		20 * time.Minute: fare.Recovered, 21 * time.Minute: fare.Transfer, -time.Minute: fare.Recovered,
	} {
		require.Equal(t, want, fare.Decide(read, unconfirmedBy(first, later), prices).Reason, later)
	}
	require.Equal(t, fare.Transfer, fare.Decide(read, unconfirmedBy(first, -time.Minute, onTrip(12)),
		prices).Reason)
}

// Ensure that who is told again what a season was is told its product and its last day.
func TestUnconfirmedSeason(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	first := faretest.Tap("2026-03-02 08:00:00")
	done := fare.Decide(faretest.Card(t, "season1 area=227 product=30 zones=A days=30 "+
		"from=2026-03-01 to=2026-03-30"), first, prices)
	require.Equal(t, fare.Season, done.Reason)
	d := fare.Decide(asRead(done), unconfirmedBy(first, 5*time.Second), prices)
	require.Equal(t, fare.Recovered, d.Reason)
	require.EqualValues(t, 30, d.Product)
	require.Equal(t, done.Until, d.Until)
	require.Equal(t, cardlayout.BySeason, d.Source)
}

// Ensure that who has stamped, and for whom the driver then sets zones, pays again only where
// the journey is not for them.
func TestStampedForTheZonesThatAreSet(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	read := asRead(fare.Decide(faretest.Card(t, "purse 30.00"),
		faretest.Tap("2026-03-02 08:00:00", faretest.InZones("A-B")), prices))
	for zone, want := range map[string]fare.Reason{
		"A": fare.AlreadyStamped, "A-B": fare.AlreadyStamped,
		"A-C": fare.Value,
	} {
		chosen := func(tap *fare.Tap) { tap.Chosen = faretest.Zones(zone) }
		require.Equal(t, want, fare.Decide(read, faretest.Tap("2026-03-02 08:01:00", chosen),
			prices).Reason, zone)
	}
}

// who alone would pay more than beside the holder is not of a lower group; who would
// pay as much is, and who is sold nothing alone.
func TestCompanionWhoPaysMoreAlone(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	prices.Party = fare.LowerGroups
	prices.Rank = [cardlayout.Groups]uint8{cardlayout.Child: 1, cardlayout.Adult: 3}
	adults := prices.Value[cardlayout.Adult][faretest.Zones("A")]
	for alone, want := range map[cardlayout.Cents]fare.Reason{
		adults - 1: fare.Value, adults: fare.Value, adults + 1: fare.PartyRefused,
		fare.NoPrice: fare.Value,
	} {
		prices.Value[cardlayout.Child][faretest.Zones("A")] = alone
		d := fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00", party(1, 0, 1)),
			prices)
		require.Equal(t, want, d.Reason, alone)
	}
}

// a personal price is the owner's alone where the area says so; who is along
// pays the adults', and the explanation says by what.
func TestOwnPriceIsTheOwnersAlone(t *testing.T) {
	for group, rule := range map[cardlayout.Group]fare.RuleID{cardlayout.Senior: 153, cardlayout.Student: 147} {
		prices := faretest.Published(t, "mikkeli-2025")
		prices.Terms.PersonalGroups[group] = true
		prices.Value[group][faretest.Zones("A")] = 100
		adults := prices.Value[cardlayout.Adult][faretest.Zones("A")]
		for _, alone := range []bool{true, false} {
			prices.OwnPriceAlone = alone
			card := faretest.Card(t, "group adult, purse 20.00")
			card.Group = group
			card.Birth, card.StudentUntil = faretest.Day("1950-01-01"), faretest.Day("2030-01-01")
			d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", party(2)), prices)
			require.Equal(t, fare.Value, d.Reason)
			require.Contains(t, d.Rules(), fare.RuleID(51))
			if alone {
				require.Equal(t, 100+adults, d.Charge)
				require.Contains(t, d.Rules(), rule)
			} else {
				require.EqualValues(t, 200, d.Charge)
				require.NotContains(t, d.Rules(), rule)
			}
			d = fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", party(1)), prices)
			require.EqualValues(t, 100, d.Charge)
			require.NotContains(t, d.Rules(), fare.RuleID(51), "nobody is along")
		}
	}
}

// Ensure that who pays beside a running journey is noted on its new trip and at its time, so
// that nobody of them pays twice there.
func TestJoinerIsNotedOnTheTrip(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	for by, joins := range map[string]func(*fare.Tap){"value": party(2), "school": party(0, 2)} {
		card := faretest.Card(t,
			"purse 30.00, school trips=1 calendar=1, journey start=2026-03-02T06:00:00Z "+
				"area=227 zones=A adult=1 by="+by+" minutes=90 boarded=2026-03-02T06:00:00Z trip=11")
		tap := faretest.Tap("2026-03-02 08:30:00", onTrip(12), joins)
		d := fare.Decide(card, tap, prices)
		require.Equal(t, fare.Value, d.Reason, by)
		require.EqualValues(t, 12, d.After.Journey.Trip, by)
		require.Equal(t, cardlayout.InstantOf(tap.At), d.After.Journey.Boarded, by)
		require.Equal(t, card.Journey.Start, d.After.Journey.Start, by)
		require.Equal(t, fare.AlreadyStamped, fare.Decide(asRead(d), tap, prices).Reason, by)
	}
}

// who is refused is told by the rule of it.
func TestRefusalNamesItsRule(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	d := fare.Decide(faretest.Card(t, "purse 2.50"), faretest.Tap("2026-03-02 08:00:00"), prices)
	require.Equal(t, fare.BalanceLow, d.Reason)
	require.Contains(t, d.Rules(), fare.RuleID(41))
	d = fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"), prices)
	require.NotContains(t, d.Rules(), fare.RuleID(41))
}

// Ensure that the next stop's zone is taken where it costs less, and not for the same price.
func TestCheaperZoneIsCheaper(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	prices.CheaperZone = true
	here := prices.Value[cardlayout.Adult][faretest.Zones("A")]
	for there, want := range map[cardlayout.Cents]string{here - 1: "B", here: "A", here + 1: "A"} {
		prices.Value[cardlayout.Adult][faretest.Zones("B")] = there
		next := func(tap *fare.Tap) { tap.Also = cardlayout.ZonesOf(2) }
		d := fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00", next), prices)
		require.Equal(t, want, d.Zones.String(), there)
	}
}

// a day's cap of nothing is a free day, and a tap that pays nothing towards the cap
// leaves the day on the card as it is.
func TestEdgesOfTheDaysCap(t *testing.T) {
	prices := capped(t)
	card := faretest.Card(t, "area 229, purse 30.00, today day=2024-03-01 spent=1.00")
	others := func(tap *fare.Tap) { tap.Persons[cardlayout.Child] = 1 }
	prices.Party = fare.LowerGroups
	prices.Rank = [cardlayout.Groups]uint8{cardlayout.Child: 1, cardlayout.Adult: 3}
	d := fare.Decide(card, faretest.Tap("2024-03-04 08:00:00", others), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, card.Today, d.After.Today, "the holder does not travel")

	prices.DayCap[cardlayout.Adult][faretest.Zones("A")] = 0
	d = fare.Decide(card, faretest.Tap("2024-03-04 08:00:00"), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Zero(t, d.Charge)
}

// Ensure that the most that a card can say of a fare is charged, and no more.
func TestMostThatIsCharged(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	rich := faretest.Card(t, "purse 500.00")
	for fares, want := range map[cardlayout.Cents]fare.Reason{
		cardlayout.MaxFare: fare.Value, cardlayout.MaxFare + 1: fare.TooMany,
	} {
		prices.Value[cardlayout.Adult][faretest.Zones("A")] = fares
		d := fare.Decide(rich, faretest.Tap("2026-03-02 08:00:00"), prices)
		require.Equal(t, want, d.Reason, fares)
		if want == fare.TooMany {
			require.Equal(t, rich, d.After)
			require.Zero(t, d.Charge)
		}
	}
}

// Ensure that what a season lacks at both ends of the way costs no more than the whole way.
func TestLackingNoMoreThanTheWhole(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	prices.MissingZones = true
	card := faretest.Card(t,
		"season1 area=227 product=30 zones=B days=30 from=2026-03-01 to=2026-03-30")
	adult := &prices.Value[cardlayout.Adult]
	adult[faretest.Zones("A-C")] = 500
	for end, want := range map[cardlayout.Cents]cardlayout.Cents{200: 400, 250: 500, 300: 500} {
		adult[faretest.Zones("A")], adult[faretest.Zones("C")] = end, end
		d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", faretest.InZones("A-C")), prices)
		require.Equal(t, fare.Value, d.Reason)
		require.Equal(t, want, d.Charge, end)
	}
}
