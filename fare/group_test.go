package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

const jyvaskyla = "jyvaskyla-2018"

// T-17 to T-20: the group by which a personal card
// pays is that of its holder's age and rights on the day of travel.
func TestTrueGroup(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	const shown = ", group student, student 2026-09-30" // seen on 20.8.2025
	rows := []struct{ rule, card, day, want string }{
		{"R-070 the day before 17", "group child, born 2009-03-02", "2026-03-01", "child"},
		{"R-070 T-17 17 today", "group child, born 2009-03-02", "2026-03-02", "youth"},
		{"R-070 the day before 25", "group youth, born 2001-03-02", "2026-03-01", "youth"},
		{"R-070 25 today", "group youth, born 2001-03-02", "2026-03-02", "adult"},
		{"R-153 the day before 65", "group adult, born 1961-03-02", "2026-03-01", "adult"},
		{"R-153 65 today", "group adult, born 1961-03-02", "2026-03-02", "senior"},
		{"R-153 no senior yet", "group senior, born 1970-01-01", "2026-03-02", "adult"},
		{"R-070 newborn", "group child, born 2026-03-02", "2026-03-02", "child"},
		{"R-070 not born yet", "group child, born 2027-03-02", "2026-03-02", "child"},
		{"born on 1.1.1997, day zero", "group child, born 1997-01-01", "2026-03-02", "adult"},
		{"29 February, the 27th", "group child, born 2008-02-29", "2025-02-27", "child"},
		{"29 February, the 28th", "group child, born 2008-02-29", "2025-02-28", "youth"},
		{"29 February, leap year, the 28th", "group youth, born 1996-02-29", "2020-02-28", "youth"},
		{"29 February, leap year, the 29th", "group youth, born 1996-02-29", "2020-02-29", "youth"},
		{"29 February, 25 on the 28th", "group youth, born 1996-02-29", "2021-02-28", "adult"},
		{"R-143 T-18 last day", "born 1999-05-01" + shown, "2026-09-30", "student"},
		{"R-074 T-18 the day after", "born 1999-05-01" + shown, "2026-10-01", "adult"},
		{"R-074 T-19 the day after, 22 years", "born 2004-05-01" + shown, "2026-10-01", "youth"},
		{
			"T-20 five months of studies", "born 1999-05-01, group student, student 2026-01-31",
			"2026-02-01", "adult",
		},
		{"R-074 a student without a right", "born 1999-05-01, group student", "2026-02-01", "adult"},
		{
			"R-150 T-21 a right, but not on the card", "born 1999-05-01, group adult, student 2026-09-30",
			"2026-02-01", "adult",
		},
		{"R-157 special whatever the age", "born 2015-05-01, group special", "2026-02-01", "special"},
		{"R-016 bearer", "kind bearer, group child", "2026-02-01", "child"},
		{"R-019 company", "kind company, group senior", "2026-02-01", "senior"},
	}
	for _, row := range rows {
		card := faretest.Card(t, row.card)
		require.Equal(t, row.want, prices.TrueGroup(&card, faretest.Day(row.day)).String(),
			row.rule)
		require.Equal(t, card.Group, faretest.Published(t, "mikkeli-2025").TrueGroup(&card,
			faretest.Day(row.day)),
			"R-075: Mikkeli charges by the card")
	}
}

// T-17, T-19: the fare is that of the true group, the rule is told, and the
// card's own group stays until the service point changes it.
func TestFareOfTheTrueGroup(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	rows := []struct {
		card, at, charge string
		why              fare.RuleID
	}{
		{"group child, born 2009-03-02", "2026-03-02 08:00:00", "1.60", 72},
		{"group child, born 2009-03-02", "2026-03-01 08:00:00", "1.05", 4},
		{"group child, born 2009-03-02", "2026-03-02 02:00:00", "2.05", 4}, // still the 1st, and night
		{"group student, born 1999-05-01, student 2026-09-30", "2026-09-30 16:00:00", "1.60", 4},
		{"group student, born 1999-05-01, student 2026-09-30", "2026-10-01 16:00:00", "2.10", 74},
		{"group student, born 2004-05-01, student 2026-09-30", "2026-10-01 16:00:00", "1.60", 74},
	}
	for _, row := range rows {
		card := faretest.Card(t, "area 209, "+row.card)
		d := fare.Decide(card, faretest.Tap(row.at), prices)
		require.Equal(t, fare.Value, d.Reason)
		require.Equal(t, row.charge, d.Charge.String(), "%v", row)
		require.Contains(t, d.Rules(), row.why, "%v", row)
		require.Equal(t, card.Group, d.After.Group)
		require.Equal(t, prices.TrueGroup(&card, prices.ServiceDay(faretest.Time(row.at))),
			d.After.Ticket.Group)
		require.NoError(t, d.After.Check())
	}
}

// another area's card pays by this area's ages: twenty is an adult in Mikkeli and
// young in Jyväskylä.
func TestTrueGroupOfAnotherAreasCard(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, "area 227, group adult, born 2006-01-15")
	d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00"), prices)
	require.Equal(t, "1.60", d.Charge.String())
	require.Equal(t, []fare.RuleID{4, 72, 42}, d.Rules())
}

// A party is announced by group, and the holder's is the true one.
func TestPartyOfTheTrueGroup(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	card := faretest.Card(t, "area 209, group child, born 2009-03-02")
	d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", party(1, 0, 1)), prices)
	require.Equal(t, fare.Value, d.Reason)
	require.Equal(t, "3.20", d.Charge.String(), "a child at the holder's price (R-051)")
	require.Equal(t, cardlayout.Persons{cardlayout.Youth: 1, cardlayout.Child: 1},
		d.After.Journey.Persons)
	d = fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", party(0, 0, 2)), prices)
	require.EqualValues(t, 2, d.Persons)
}

// where everybody pays the holder's price, their number alone tells
// who has paid: a transfer is free however the driver names as many persons, and also
// after a birthday that begins meanwhile.
func TestTransferOfAsManyPersons(t *testing.T) {
	rows := []struct {
		name, tariff, card, first, then string
		before, after                   func(*fare.Tap)
	}{
		{
			"named otherwise", "lappeenranta-2019", "area 225, group adult, purse 20.00",
			"2026-03-02 08:00:00", "2026-03-02 08:30:00", party(1, 0, 1), party(2),
		},
		{
			"fewer, named otherwise", "lappeenranta-2019", "area 225, group adult, purse 20.00",
			"2026-03-02 08:00:00", "2026-03-02 08:30:00", party(1, 0, 2), party(2),
		},
		{
			"a birthday", jyvaskyla, "area 209, group child, born 2009-03-02, purse 20.00",
			"2026-03-02 04:20:00", "2026-03-02 04:40:00", party(2), party(2),
		},
	}
	for _, row := range rows {
		prices := faretest.Published(t, row.tariff)
		paid := fare.Decide(faretest.Card(t, row.card), faretest.Tap(row.first, row.before), prices)
		require.Equal(t, fare.Value, paid.Reason, row.name)
		second := fare.Decide(asRead(paid), faretest.Tap(row.then, row.after, onTrip(99)), prices)
		require.Equal(t, fare.Transfer, second.Reason, row.name)
		require.Zero(t, second.Charge, row.name)
		require.Equal(t, paid.After.Journey.Persons, second.After.Journey.Persons, row.name)

		more := fare.Decide(asRead(second), faretest.Tap(row.then, party(4), onTrip(98)), prices)
		joining := cardlayout.Cents(4 - paid.After.Journey.Persons.Total())
		each, _ := prices.ValuePrice(more.After.Ticket.Group, faretest.Zones("A"),
			faretest.Time(row.then))
		require.Equal(t, fare.Value, more.Reason, row.name)
		require.Equal(t, joining*each, more.Charge, row.name)
		require.Equal(t, 4, more.After.Journey.Persons.Total(), row.name)
	}
}

// anyone who has borrowed a card does not pay its owner's personal price.
func TestLentCardOfAPersonalGroup(t *testing.T) {
	prices := faretest.Published(t, "lappeenranta-2019")
	prices.Terms.PersonalGroups = [cardlayout.Groups]bool{cardlayout.Senior: true}
	lent := func(tap *fare.Tap) { tap.Lent = true }
	own, at := "area 225, purse 20.00, group ", "2026-03-02 08:00:00"

	owner := fare.Decide(faretest.Card(t, own+"senior"), faretest.Tap(at), prices)
	require.EqualValues(t, 200, owner.Charge)
	other := fare.Decide(faretest.Card(t, own+"senior"), faretest.Tap(at, lent), prices)
	require.EqualValues(t, 260, other.Charge)
	require.Contains(t, other.Rules(), fare.RuleID(55))
	require.Equal(t, cardlayout.Senior, other.After.Group, "the card stays its owner's")
	youth := fare.Decide(faretest.Card(t, own+"youth"), faretest.Tap(at, lent), prices)
	require.EqualValues(t, 200, youth.Charge, "not a personal price")
}

// beside the holder of a season one other pays, and only that one; nobody
// travels free because the party is small.
func TestPartyOfTwoBesideASeason(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := faretest.Card(t,
		"purse 20.00, season1 area=227 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30")
	for size := uint8(1); size <= 4; size++ {
		d := fare.Decide(card, faretest.Tap("2026-03-02 08:00:00", party(size)), prices)
		require.EqualValues(t, 251*int(size-1), d.Charge, "%d persons", size)
		require.Equal(t, size, d.Persons)
		require.EqualValues(t, size, d.After.Journey.Persons.Total())
	}
}
