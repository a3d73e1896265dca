package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

const (
	mikkeli cardlayout.Area = 227
	kotka   cardlayout.Area = 217
)

// capped is Oulu's tariff as if a cap of the travel card's day were published, from midnight.
func capped(t testing.TB) *fare.Tariff {
	t.Helper()
	prices := faretest.Published(t, "oulu-2023")
	limit := prices.Value
	for group := range limit {
		for zones := range limit[group] {
			limit[group][zones] = fare.NoPrice
		}
		limit[group][faretest.Zones("A")] = 420
	}
	prices.DayCap, prices.MidnightCounts = &limit, true
	return prices
}

func onTrip(n uint16) func(*fare.Tap) { return func(t *fare.Tap) { t.Trip = n } }

func party(holders uint8, others ...uint8) func(*fare.Tap) {
	return func(t *fare.Tap) {
		t.Persons[0] = holders
		copy(t.Persons[cardlayout.Adult:], others)
	}
}

// asRead is the card that the next reader finds.
func asRead(d fare.Decision) cardlayout.Card {
	c := d.After
	c.Ticket, c.Record = cardlayout.Ticket{}, cardlayout.Record{}
	return c
}

// the reasons stand in their order: the first row has every one of
// them at once, and each row takes away just what decided the one before.
func TestReasonsInOrderOfPrecedence(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	prices.Party = fare.SameGroup
	prices.SchoolDays = []fare.SchoolCalendar{{Number: 1}}
	prices.SchoolDays[0].Days.Put(faretest.Day("2026-03-02"), true)
	at := faretest.Time("2026-03-02 08:10:00")
	card := faretest.Card(t,
		"blocked true, valid 2026-03-01, purse 0.00, school trips=1 calendar=1, "+
			"season1 area=227 product=30 zones=A days=30 from=2026-02-10 to=2026-03-11, "+
			"season2 area=227 product=30 zones=A days=30, "+
			"journey start=2026-03-02T06:05:00Z area=227 zones=A adult=1 by=value minutes=90 "+
			"boarded=2026-03-02T06:05:00Z trip=11")
	tap := faretest.Tap("2026-03-02 08:10:00")
	tap.Unconfirmed = fare.Unconfirmed{Event: card.Last, At: cardlayout.InstantOf(at) - 300, Trip: 11, Charge: 251}

	ended := cardlayout.Season{
		Area: 227, Product: 30, Zones: faretest.Zones("A"), Days: 30,
		First: faretest.Day("2026-01-01"), Last: faretest.Day("2026-01-30"),
	}
	steps := []struct {
		take func()
		then fare.Reason
	}{
		{func() {}, fare.Blocked},
		{func() { card.Blocked = false }, fare.Expired},
		{func() { card.ValidUntil = faretest.Day("2032-01-02") }, fare.Recovered},
		{func() { tap.Unconfirmed = fare.Unconfirmed{} }, fare.AlreadyStamped},
		{func() { tap.Trip, tap.Persons = 12, cardlayout.Persons{0: 1, cardlayout.Child: 1} }, fare.PartyRefused},
		{func() { tap.Persons = cardlayout.Persons{} }, fare.Transfer},
		{func() { card.Journey = cardlayout.Journey{} }, fare.School},
		{func() { card.School = cardlayout.School{} }, fare.Season},
		{func() { card.Seasons[0] = cardlayout.Season{} }, fare.SeasonStarted},
		{func() { card.Seasons[0] = ended }, fare.SeasonFollows},
		{func() { card.Seasons, card.Purse = [2]cardlayout.Season{}, 1000 }, fare.Value},
		{
			func() { card.Purse, tap.Zones = 0, faretest.Zones("A-H"); tap.Persons[0] = 200 },
			fare.NoFare,
		},
		{func() { tap.Zones = faretest.Zones("A") }, fare.TooMany},
		{func() { tap.Persons[0] = 3 }, fare.BalanceLow},
	}
	last := fare.Reason(0)
	for _, step := range steps {
		step.take()
		d := fare.Decide(card, tap, prices)
		require.Equal(t, step.then.String(), d.Reason.String())
		require.Greater(t, d.Reason, last, "the steps go down the list")
		last = d.Reason
		require.NotEmpty(t, d.Rules())
	}
}

// value is taken by zones and customer group, and the card carries
// the trip.
func TestValueByZonesAndGroup(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	rows := []struct {
		group  string
		zones  string
		charge string
	}{
		{"adult", "A", "2.51"},
		{"adult", "B", "2.51"},
		{"adult", "A-B", "3.38"},
		{"adult", "A-G", "10.25"},
		{"adult", "C-F", "5.24"},
		{"child", "A", "1.26"},
		{"youth", "A-C", "3.11"},
		{"student", "B-C", "2.51"},
		{"senior", "A-E", "4.75"},
	}
	for _, row := range rows {
		card := faretest.Card(t, "purse 20.00, group "+row.group)
		d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:30", faretest.InZones(row.zones)),
			prices)
		require.Equal(t, fare.Value, d.Reason)
		require.Equal(t, row.charge, d.Charge.String(), "%s in %s", row.group, row.zones)
		require.Equal(t, d.Charge, d.Paid)
		require.Equal(t, card.Purse-d.Charge, d.After.Purse)
		require.Equal(t, card.Counter+1, d.After.Counter)
		require.Equal(t, cardlayout.EventID{Device: 9, Sequence: 100}, d.After.Last)
		require.NoError(t, d.After.Check())
	}
}

// Ensure that a value ticket, the history record and the journey say the same.
func TestValueTicketOnTheCard(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	d := fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:30"), prices)
	require.Equal(t, cardlayout.Ticket{
		Area: 227, Product: 1, Group: cardlayout.Adult, Period: 90, Zones: faretest.Zones("A"),
		SaleDay: faretest.Day("2026-03-02"), SaleHour: 8, DeviceType: 2, Device: 9, Price: 251,
		Persons:    1,
		SaleStatus: true, Start: stamp("2026-03-02T08:00"), End: stamp("2026-03-02T09:30"),
		Started: true, Boarding: cardlayout.Boarding{
			At: stamp("2026-03-02T08:00"), Vehicle: 42, Direction: 1, Zone: 1,
		},
	}, d.After.Ticket)
	require.Equal(t, cardlayout.Record{
		Debit: true, Boarded: stamp("2026-03-02T08:00"),
		Until: stamp("2026-03-02T09:30"), Fare: 251, Persons: 1, Remaining: 749,
	}, d.After.Record)
	require.Equal(t, cardlayout.Journey{
		Start: faretest.Instant("2026-03-02 08:00:30"), Area: 227, Zones: faretest.Zones("A"),
		Persons: cardlayout.Persons{cardlayout.Adult: 1}, Source: cardlayout.ByValue, Minutes: 90,
		Boarded: faretest.Instant("2026-03-02 08:00:30"), Trip: 11,
	}, d.After.Journey)
	require.Equal(t, stamp("2026-03-02T09:30"), d.Until)
}

func stamp(text string) cardlayout.Stamp {
	s, err := cardlayout.ParseStamp(text)
	if err != nil {
		panic(err)
	}
	return s
}

// the transfer right counts from the first validation, is never prolonged,
// and whether its last instant belongs to it is the tariff's.
func TestTransferRight(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	paid := asRead(fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"), prices))
	rows := []struct {
		at, zones string
		included  bool
		then      fare.Reason
	}{
		{"2026-03-02 08:40:00", "A", true, fare.Transfer},
		{"2026-03-02 09:30:00", "A", true, fare.Transfer},
		{"2026-03-02 09:30:00", "A", false, fare.Value},
		{"2026-03-02 09:30:01", "A", true, fare.Value},
		{"2026-03-02 08:40:00", "B", true, fare.Value},
		{"2026-03-02 08:40:00", "A-B", true, fare.Value},
		{"2026-03-02 07:55:00", "A", true, fare.Transfer}, // a bus whose clock is slow
		{"2026-03-02 06:29:59", "A", true, fare.Value},
	}
	for _, row := range rows {
		prices.LimitIncluded = row.included
		d := fare.Decide(paid, faretest.Tap(row.at, onTrip(12), faretest.InZones(row.zones)),
			prices)
		require.Equal(t, row.then.String(), d.Reason.String(), "%v", row)
		if row.then != fare.Transfer {
			continue
		}
		require.Zero(t, d.Charge)
		require.Equal(t, paid.Purse, d.After.Purse)
		require.Equal(t, paid.Journey.Start, d.After.Journey.Start, "never prolonged")
		require.Equal(t, stamp("2026-03-02T09:30"), d.Until)
		require.Zero(t, d.After.Ticket.SaleDay, "the ticket itself stays")
		require.False(t, d.After.Record.Debit)
	}
}

// The October night has 03:30 twice; ninety minutes are ninety minutes all the same.
func TestTransferInTheNightTheClockIsPutBack(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	first := faretest.Tap("2026-10-25 02:45:00")
	paid := fare.Decide(faretest.Card(t, ""), first, prices)
	require.Equal(t, stamp("2026-10-25T03:15"), paid.Until, "the second 03:15 of that night")
	later := first
	later.Trip, later.At = 12, first.At.Add(89*time.Minute)
	require.Equal(t, fare.Transfer, fare.Decide(asRead(paid), later, prices).Reason)
	later.At = first.At.Add(91 * time.Minute)
	require.Equal(t, fare.Value, fare.Decide(asRead(paid), later, prices).Reason)
}

// Ensure that the same card on the same trip is neither charged nor written again,
// and that a clock that went back turns nobody away.
func TestSameCardAgain(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	first := fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"), prices)
	card := asRead(first)

	again := fare.Decide(card, faretest.Tap("2026-03-02 08:05:00"), prices)
	require.Equal(t, fare.AlreadyStamped, again.Reason)
	require.False(t, again.Accept())
	require.Equal(t, card, again.After)
	require.Equal(t, first.Until, again.Until)

	require.Equal(t, fare.AlreadyStamped,
		fare.Decide(card, faretest.Tap("2026-03-02 08:20:00"), prices).Reason)
	require.Equal(t, fare.Transfer, fare.Decide(card, faretest.Tap("2026-03-02 08:20:01"),
		prices).Reason)
	require.Equal(t, fare.Transfer, fare.Decide(card, faretest.Tap("2026-03-02 07:59:59"),
		prices).Reason)
	require.Equal(t, fare.Transfer,
		fare.Decide(card, faretest.Tap("2026-03-02 08:05:00", onTrip(12)), prices).Reason)
}

// Ensure that a committed tap that went unheard is shown as the acceptance it was.
func TestUnconfirmed(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	first := faretest.Tap("2026-03-02 08:00:00")
	card := asRead(fare.Decide(faretest.Card(t, ""), first, prices))
	tap := faretest.Tap("2026-03-02 08:00:05")
	tap.Unconfirmed = fare.Unconfirmed{Event: first.Event, At: cardlayout.InstantOf(first.At), Trip: 11, Charge: 251}

	d := fare.Decide(card, tap, prices)
	require.Equal(t, fare.Recovered, d.Reason)
	require.True(t, d.Accept())
	require.Zero(t, d.Charge)
	require.Equal(t, "2.51", d.Paid.String())
	require.Equal(t, card, d.After)

	tap.Trip = 12
	require.Equal(t, fare.Recovered, fare.Decide(card, tap, prices).Reason, "still at the reader")
	tap.At = first.At.Add(61 * time.Second)
	require.Equal(t, fare.Transfer, fare.Decide(card, tap, prices).Reason, "on another trip")
	tap.At, tap.Trip = first.At.Add(5*time.Second), 11
	other := card
	other.Last.Sequence++
	require.Equal(t, fare.AlreadyStamped, fare.Decide(other, tap, prices).Reason,
		"somebody else has stamped it since")
	tap = faretest.Tap("2026-03-03 08:00:05")
	tap.Unconfirmed = fare.Unconfirmed{Event: first.Event, At: cardlayout.InstantOf(first.At), Trip: 11, Charge: 251}
	require.Equal(t, fare.Value, fare.Decide(card, tap, prices).Reason, "the next day")
	tap.At = first.At.Add(5 * time.Second)
	tap.Persons[0] = 2
	d = fare.Decide(card, tap, prices)
	require.Equal(t, fare.Value, d.Reason, "the driver has let one more in")
	require.Equal(t, "2.51", d.Charge.String())
}

// who is blocked, and what the card is told of it.
func TestBlocked(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	listed := func(n uint8) func(*fare.Tap) {
		return func(t *fare.Tap) { t.Listing = fare.Listing{Listed: true, Unblocking: n} }
	}
	at := "2026-03-02 08:00:00"

	card := faretest.Card(t, "kind company, unblocked 2")
	d := fare.Decide(card, faretest.Tap(at, listed(2)), prices)
	require.Equal(t, fare.Blocked, d.Reason)
	require.Equal(t, card.Purse, d.After.Purse)
	require.True(t, d.After.Blocked, "the card carries its block from now on")
	require.Equal(t, card.Counter+1, d.After.Counter)
	require.Equal(t, []fare.RuleID{103, 109}, d.Rules())

	second := fare.Decide(d.After, faretest.Tap(at), prices)
	require.Equal(t, fare.Blocked, second.Reason, "also where no list is")
	require.Equal(t, d.After, second.After, "it is written once")

	d = fare.Decide(card, faretest.Tap(at, listed(1)), prices)
	require.Equal(t, fare.Value, d.Reason, "unblocked after the list was made")

	d = fare.Decide(faretest.Card(t, "kind bearer"), faretest.Tap(at, listed(9)), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.True(t, d.ListError)
	require.Contains(t, d.Rules(), fare.RuleID(108))
}

// R-032, T-14: eight years after it was issued the card pays no more.
func TestExpired(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := faretest.Card(t, "valid 2026-03-02")
	require.Equal(t, fare.Value, fare.Decide(card, faretest.Tap("2026-03-02 23:59:59"),
		prices).Reason)
	require.Equal(t, fare.Value, fare.Decide(card, faretest.Tap("2026-03-03 04:29:59"),
		prices).Reason,
		"the night bus still belongs to the day before")
	d := fare.Decide(card, faretest.Tap("2026-03-03 04:30:00"), prices)
	require.Equal(t, fare.Expired, d.Reason)
	require.Equal(t, card, d.After)
}

// T-01 to T-03: seasons start at their first validation, and
// the waiting one follows only when the first is used up.
func TestSeasons(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	card := faretest.Card(t, "area 217, season1 area=217 product=30 zones=A days=30 price=57.00, "+
		"season2 area=217 product=30 zones=A days=30 price=57.00")

	first := fare.Decide(card, faretest.Tap("2026-03-05 07:12:00"), prices)
	require.Equal(t, fare.SeasonStarted, first.Reason)
	require.Equal(t, faretest.Day("2026-03-05"), first.After.Seasons[0].First)
	require.Equal(t, faretest.Day("2026-04-03"), first.After.Seasons[0].Last,
		"the first day counts")
	require.Equal(t, card.Seasons[1], first.After.Seasons[1])
	require.Equal(t, uint16(30), first.Product)
	require.Equal(t, cardlayout.Boarding{
		At: stamp("2026-03-05T07:12"), Vehicle: 42, Area: 217,
		Direction: 1, Zone: 1,
	}, first.After.SeasonBoarding)

	card = asRead(first)
	d := fare.Decide(card, faretest.Tap("2026-04-04 00:30:00", onTrip(12)), prices)
	require.Equal(t, fare.Season, d.Reason, "the last service day has not ended")
	require.Equal(t, card.Purse, d.After.Purse)
	require.Equal(t, card.Seasons, d.After.Seasons)

	d = fare.Decide(card, faretest.Tap("2026-04-20 08:00:00"), prices)
	require.Equal(t, fare.SeasonFollows, d.Reason)
	require.Equal(t, faretest.Day("2026-04-20"), d.After.Seasons[1].First)
	require.Equal(t, faretest.Day("2026-05-19"), d.After.Seasons[1].Last)

	d = fare.Decide(card, faretest.Tap("2026-04-02 08:00:00", onTrip(12), faretest.InZones("A-B")),
		prices)
	require.Equal(t, fare.Value, d.Reason, "a season of A does not pay for A and B")
	require.Equal(t, "5.10", d.Charge.String())
	require.Equal(t, card.Seasons, d.After.Seasons)
}

// A season tap must not eat a transfer right that was paid for.
func TestSeasonLeavesARunningJourney(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	card := faretest.Card(t,
		"area 217, season1 area=217 product=30 zones=A-B days=30 from=2026-03-01 to=2026-03-30")
	card.Journey = cardlayout.Journey{
		Start: faretest.Instant("2026-03-05 08:00:00"), Area: 217,
		Zones: faretest.Zones("B"), Persons: cardlayout.Persons{cardlayout.Adult: 2}, Minutes: 60,
		Source: cardlayout.ByValue, Boarded: faretest.Instant("2026-03-05 08:00:00"), Trip: 10,
	}
	d := fare.Decide(card, faretest.Tap("2026-03-05 08:30:00"), prices)
	require.Equal(t, fare.Season, d.Reason)
	require.Equal(t, card.Journey.Start, d.After.Journey.Start)
	require.Equal(t, card.Journey.Persons, d.After.Journey.Persons)
	require.Equal(t, uint16(11), d.After.Journey.Trip)
}

// R-042, T-47: another area's card pays value at this area's prices; its seasons
// are ignored.
func TestAnotherAreasCard(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	card := faretest.Card(t,
		"season1 area=227 product=30 zones=A-B days=30 from=2026-03-01 to=2026-03-30, "+
			"journey start=2026-03-02T05:50:00Z area=227 zones=A-G adult=1 by=value minutes=120 "+
			"boarded=2026-03-02T05:50:00Z trip=11")
	d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00"), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "3.25", d.Charge.String())
	require.Equal(t, kotka, d.After.Journey.Area)
	require.Contains(t, d.Rules(), fare.RuleID(42))
	require.Equal(t, card.Seasons, d.After.Seasons)
	require.NotEqual(t, mikkeli, d.After.Ticket.Area)
}

// R-051, T-05, T-06: who may travel on one card is where Oulu and Lappeenranta
// disagree.
func TestPartyOnOneCard(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	prices.Rank = [cardlayout.Groups]uint8{cardlayout.Child: 1, cardlayout.Youth: 2, cardlayout.Adult: 3}
	rows := []struct {
		name   string
		rule   fare.PartyRule
		group  string
		tap    func(*fare.Tap)
		then   fare.Reason
		charge string
	}{
		{"Oulu: three of the holder's group", fare.SameGroup, "adult", party(3), fare.Value, "7.53"},
		{"Oulu: named as adults", fare.SameGroup, "adult", party(1, 2), fare.Value, "7.53"},
		{"Oulu: adult and child", fare.SameGroup, "adult", party(1, 0, 1), fare.PartyRefused, "0.00"},
		{"Lappeenranta: two adults, a child", fare.LowerGroups, "adult", party(2, 0, 1), fare.Value, "7.53"},
		{"Lappeenranta: child's card, adult", fare.LowerGroups, "child", party(1, 1), fare.PartyRefused, "0.00"},
		{"Lappeenranta: a group without a rank", fare.LowerGroups, "adult", party(1, 0, 0, 0, 0, 1), fare.PartyRefused, "0.00"},
	}
	for _, row := range rows {
		prices.Party = row.rule
		card := faretest.Card(t, "purse 20.00, group "+row.group)
		d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", row.tap), prices)
		require.Equal(t, row.then, d.Reason, row.name)
		require.Equal(t, row.charge, d.Charge.String(), row.name)
		require.Equal(t, card.Purse-d.Charge, d.After.Purse, row.name)
		if row.then == fare.Value {
			require.EqualValues(t, 3, d.Persons, row.name)
			require.Equal(t, 3, d.After.Journey.Persons.Total(), row.name)
		}
	}
}

// a party travels on together, also without the driver; who joins it pays,
// until the same end.
func TestPartyTransfersAndGrows(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := asRead(fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00", party(2)),
		prices))

	d := fare.Decide(card, faretest.Tap("2026-03-02 08:30:00", onTrip(12)), prices)
	require.Equal(t, fare.Transfer, d.Reason)
	require.EqualValues(t, 2, d.Persons)

	d = fare.Decide(card, faretest.Tap("2026-03-02 08:30:00", onTrip(12), party(1)), prices)
	require.Equal(t, fare.Transfer, d.Reason)
	require.EqualValues(t, 1, d.Persons)
	require.Equal(t, 2, d.After.Journey.Persons.Total(), "the other may follow")

	d = fare.Decide(card, faretest.Tap("2026-03-02 08:30:00", onTrip(12), party(3)), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "2.51", d.Charge.String(), "only the third pays")
	require.Equal(t, 3, d.After.Journey.Persons.Total())
	require.Equal(t, card.Journey.Start, d.After.Journey.Start)
	require.Equal(t, stamp("2026-03-02T09:30"), d.After.Ticket.End)
}

// A season is its holder's alone; those with the holder pay.
func TestPartyWithASeasonHolder(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	card := faretest.Card(t, "area 217, season1 area=217 product=30 zones=A days=30")
	d := fare.Decide(card, faretest.Tap("2026-03-05 08:00:00", party(3)), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "6.50", d.Charge.String())
	require.EqualValues(t, 3, d.Persons)
	require.Equal(t, faretest.Day("2026-03-05"), d.After.Seasons[0].First, "it has begun")

	poor := card
	poor.Purse = 649
	d = fare.Decide(poor, faretest.Tap("2026-03-05 08:00:00", party(3)), prices)
	require.Equal(t, fare.BalanceLow, d.Reason)
	require.Equal(t, poor, d.After, "and nothing has begun")
}

// nothing on the card pays.
func TestNothingPays(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	at := "2026-03-02 08:00:00"

	d := fare.Decide(faretest.Card(t, "purse 2.51"), faretest.Tap(at), prices)
	require.Equal(t, fare.Value, d.Reason)
	d = fare.Decide(faretest.Card(t, "purse 2.50"), faretest.Tap(at), prices)
	require.Equal(t, fare.BalanceLow, d.Reason)
	require.Equal(t, "2.51", d.Paid.String(), "the passenger is told what it costs")
	require.Zero(t, d.Charge)

	d = fare.Decide(faretest.Card(t, ""), faretest.Tap(at, faretest.InZones("H")), prices)
	require.Equal(t, fare.NoFare, d.Reason, "Mikkeli has no such zone")

	rich := faretest.Card(t, "purse 500.00")
	require.Equal(t, fare.Value, fare.Decide(rich, faretest.Tap(at, party(31)), prices).Reason)
	require.Equal(t, fare.TooMany, fare.Decide(rich, faretest.Tap(at, party(32)), prices).Reason)
	require.Equal(t, fare.TooMany, fare.Decide(rich, faretest.Tap(at, party(255, 255)),
		prices).Reason)
	d = fare.Decide(rich, faretest.Tap(at, party(16), faretest.InZones("A-G")), prices)
	require.Equal(t, fare.TooMany, d.Reason, "164.00 € do not fit the card's 14 bits")
	require.Equal(t, rich, d.After)
	full := faretest.Card(t, "counter 16777215")
	require.Equal(t, fare.TooMany, fare.Decide(full, faretest.Tap(at), prices).Reason)
}

// A season that was begun by a bus whose clock is ahead of ours at the turn of the day
// counts, and the waiting one goes on waiting.
func TestSeasonBegunByAFastClock(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	card := faretest.Card(t,
		"area 217, season1 area=217 product=30 zones=A days=30 from=2026-03-06 to=2026-04-04, "+
			"season2 area=217 product=30 zones=A days=30")
	d := fare.Decide(card, faretest.Tap("2026-03-06 04:29:50"), prices)
	require.Equal(t, fare.Season, d.Reason)
	require.Equal(t, card.Seasons, d.After.Seasons)
	d = fare.Decide(card, faretest.Tap("2026-03-05 04:29:50"), prices)
	require.NotEqual(t, fare.Season, d.Reason, "two days are no clock's fault")
}

// another area's season does not keep ours waiting, R-047: ours does, whatever
// its zones.
func TestWhatKeepsASeasonWaiting(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	waiting := "area 217, season2 area=217 product=30 zones=A days=30, "
	card := faretest.Card(t,
		waiting+"season1 area=227 product=30 zones=A-B days=30 from=2026-03-01 to=2026-03-30")
	require.Equal(t, fare.SeasonStarted, fare.Decide(card, faretest.Tap("2026-03-05 08:00:00"),
		prices).Reason)
	card = faretest.Card(t,
		waiting+"season1 area=217 product=30 zones=B days=30 from=2026-03-01 to=2026-03-30")
	require.Equal(t, fare.Value, fare.Decide(card, faretest.Tap("2026-03-05 08:00:00"),
		prices).Reason)
}

// A holder who stays at home lends no season: all who travel pay.
func TestSeasonHolderNotAmongThem(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	prices.Party = fare.LowerGroups
	card := faretest.Card(t,
		"area 217, season1 area=217 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30")
	d := fare.Decide(card, faretest.Tap("2026-03-05 08:00:00", party(0, 0, 2)), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "6.50", d.Charge.String(), "two children, at the holder's price")
	require.Equal(t, cardlayout.Child, d.After.Ticket.PartyGroup)
}

// Who joins a journey pays for its zones, not for those of the stop.
func TestJoinerPaysTheJourneysZones(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := asRead(fare.Decide(faretest.Card(t, ""),
		faretest.Tap("2026-03-02 08:00:00", faretest.InZones("A-B")), prices))
	d := fare.Decide(card, faretest.Tap("2026-03-02 08:30:00", onTrip(12), faretest.InZones("B"),
		party(2)), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "3.38", d.Charge.String())
	require.Equal(t, faretest.Zones("A-B"), d.After.Journey.Zones)
}

// Who joins after the transfer right has ended begins a new one for everybody: nobody
// is sold a ticket that has expired.
func TestJoiningAfterTheEnd(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := asRead(fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"), prices))
	card = asRead(fare.Decide(card, faretest.Tap("2026-03-02 09:29:00", onTrip(12)), prices))
	d := fare.Decide(card, faretest.Tap("2026-03-02 09:45:00", onTrip(12), party(2)), prices)
	require.Equal(t, "2.51", d.Charge.String(), "the one who joins")
	require.Equal(t, stamp("2026-03-02T11:15"), d.Until)
	d = fare.Decide(asRead(d), faretest.Tap("2026-03-02 09:50:00", onTrip(13)), prices)
	require.Equal(t, fare.Transfer, d.Reason)
	require.EqualValues(t, 2, d.Persons)

	prices.Transfer = [cardlayout.MaxZones + 1]uint16{}
	card = asRead(fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"), prices))
	d = fare.Decide(card, faretest.Tap("2026-03-02 08:05:00", party(2)), prices)
	require.Equal(t, "2.51", d.Charge.String())
	require.Zero(t, d.Until, "there is no transfer right to tell of")
}

// The public ticket has eight bits for its length: what is longer is told in hours.
func TestPeriodOfTheTicket(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	for minutes, want := range map[uint16][2]uint8{
		90: {0, 90}, 255: {0, 255}, 256: {1, 5}, 300: {1, 5}, 301: {1, 6}, 1439: {1, 24},
	} {
		prices.Transfer[faretest.Zones("A")] = minutes
		ticket := fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-02 08:00:00"),
			prices).After.Ticket
		require.Equal(t, want, [2]uint8{ticket.PeriodUnit, ticket.Period}, "%d minutes", minutes)
	}
}

// A season's record tells no transfer right and no value, and a card whose counter is
// full can still be refused.
func TestEdgesOfTheRecord(t *testing.T) {
	prices := faretest.Published(t, "kotka-2025")
	card := faretest.Card(t,
		"area 217, season1 area=217 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30")
	record := fare.Decide(card, faretest.Tap("2026-03-05 08:00:00"), prices).After.Record
	require.Equal(t, cardlayout.Record{Boarded: stamp("2026-03-05T08:00"), Persons: 1}, record)

	full := faretest.Card(t, "kind company, counter 16777215")
	d := fare.Decide(full, faretest.Tap("2026-03-05 08:00:00", func(t *fare.Tap) {
		t.Listing.Listed = true
	}), prices)
	require.Equal(t, fare.Blocked, d.Reason)
	require.Equal(t, full, d.After)

	d = fare.Decide(faretest.Card(t, ""), faretest.Tap("2026-03-05 08:00:00",
		faretest.InZones("C")), prices)
	require.Zero(t, d.Paid, "what is not sold has no price")
}
