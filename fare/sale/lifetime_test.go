package sale_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure that a card ends after its technical life, and that its value may be moved for a
// year more and is then written off (R-032, R-033, T-14).
func TestResidualValue(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	end := sale.ValidUntil(faretest.Day("2015-01-07"), tariff)
	require.Equal(t, "2023-01-07", end.String())
	require.Zero(t, sale.ValidUntil(faretest.Day("2015-01-07"), faretest.Terms(t, "lappeenranta")),
		"D-15: no number")

	old := ownCard(unstarted(month, 5000), kept(400))
	old.ValidUntil = end
	next := ownCard(purse(0))
	for on, want := range map[string]struct {
		rule fare.RuleID
		lost cardlayout.Cents
	}{
		"2023-01-07": {33, 0}, "2023-01-08": {0, 0}, "2024-01-06": {0, 0}, "2024-01-07": {0, 0},
		"2024-01-08": {33, 1000}, "2024-01-09": {33, 1000},
	} {
		emptied, filled, err := sale.MoveResidual(old, next, faretest.Day(on), tariff)
		requireJudged(t, want.rule, err)
		require.Equal(t, want.lost, sale.WriteOff(old, faretest.Day(on), tariff), on)
		if want.rule != 0 {
			require.Equal(t, old, emptied)
			require.Equal(t, next, filled)
			continue
		}
		require.EqualValues(t, 1000, filled.Purse)
		require.EqualValues(t, 400, filled.Funded)
		require.Zero(t, emptied.Purse)
		require.Equal(t, old.Counter+1, emptied.Counter)
		require.Equal(t, next.Counter+1, filled.Counter)
		require.Zero(t, filled.Seasons, "the value alone is moved")
		require.Equal(t, old.Seasons, emptied.Seasons)
		require.Zero(t, sale.WriteOff(emptied, faretest.Day("2030-01-01"), tariff))
	}
}

// Ensure that of the value that an employer has paid no more is moved than is left of it.
func TestResidualKept(t *testing.T) {
	old := ownCard(purse(100), kept(900))
	old.ValidUntil = faretest.Day("2023-01-07")
	_, filled, err := sale.MoveResidual(old, ownCard(purse(50), kept(900)),
		faretest.Day("2023-06-01"),
		faretest.Terms(t, "oulu"))
	require.NoError(t, err)
	require.EqualValues(t, 150, filled.Funded)
}

// Ensure that value is moved only to a card like the old one, with room for it.
func TestResidualValueRefused(t *testing.T) {
	tariff, on := faretest.Terms(t, "oulu"), faretest.Day("2023-06-01")
	ended := func(c *cardlayout.Card) { c.ValidUntil = faretest.Day("2023-01-07") }
	blocked := func(c *cardlayout.Card) { c.Blocked = true }
	for _, c := range []struct {
		name      string
		old, next cardlayout.Card
		rule      fare.RuleID
	}{
		{"no end", ownCard(), ownCard(purse(0)), 33},
		{"blocked", ownCard(ended, blocked), ownCard(purse(0)), 104},
		{"to a blocked one", ownCard(ended), ownCard(purse(0), blocked), 33},
		{"to another kind", ownCard(ended), ownCard(kindOf(cardlayout.Bearer)), 33},
		{
			"to another area", ownCard(ended),
			ownCard(func(c *cardlayout.Card) { c.Area = 229 }), 27,
		},
		{"to a full one", ownCard(ended), ownCard(purse(cardlayout.MaxPurse - 999)), 0},
	} {
		old, next, err := sale.MoveResidual(c.old, c.next, on, tariff)
		requireRule(t, c.rule, err)
		require.Equal(t, c.old, old, c.name)
		require.Equal(t, c.next, next, c.name)
	}
	bearer := ownCard(ended, blocked, kindOf(cardlayout.Bearer)) // it is not blocked
	_, _, err := sale.MoveResidual(bearer, ownCard(purse(0), kindOf(cardlayout.Bearer)), on, tariff)
	require.NoError(t, err)
	_, _, err = sale.MoveResidual(ownCard(ended), ownCard(purse(0)), on, silent(t))
	requireRule(t, 5, err)
	require.Zero(t, sale.WriteOff(ownCard(ended), faretest.Day("2030-01-01"), silent(t)))
	require.Zero(t, sale.WriteOff(ownCard(), faretest.Day("2030-01-01"), tariff), "it has no end")
}

// Ensure that a broken card is replaced for nothing within five years, and that everything
// else costs a card and the moving of its tickets.
func TestReplacement(t *testing.T) {
	tariff := faretest.Terms(t, "lappeenranta")
	all := func(change func(*sale.Replacement)) sale.Replacement {
		r := sale.Replacement{
			Kind: cardlayout.Personal, Cause: sale.Broken, Bought: faretest.Day("2021-03-02"),
			On: faretest.Day("2026-03-02"), MoveTo: true, NumberKnown: true, ContentKnown: true,
		}
		change(&r)
		return r
	}
	for _, c := range []struct {
		name string
		r    sale.Replacement
		cost cardlayout.Cents
		rule fare.RuleID
	}{
		{"R-030 the last day", all(func(r *sale.Replacement) {}), 0, 0},
		{"R-030 the day after", all(func(r *sale.Replacement) { r.On++ }), 1000, 0},
		{"R-031 neglected", all(func(r *sale.Replacement) { r.Cause = sale.Neglected }), 1000, 0},
		{"R-104 lost", all(func(r *sale.Replacement) { r.Cause = sale.Lost }), 1000, 0},
		{
			"R-104 lost, with nothing to move",
			all(func(r *sale.Replacement) { r.Cause, r.MoveTo = sale.Lost, false }), 500, 0,
		},
		{"R-109 a company's", all(func(r *sale.Replacement) {
			r.Kind, r.Cause = cardlayout.Company, sale.Lost
		}), 1000, 0},
		{"R-108 a lost bearer card", all(func(r *sale.Replacement) {
			r.Kind, r.Cause = cardlayout.Bearer, sale.Lost
		}), 0, 108},
		{"R-110 a broken bearer card", all(func(r *sale.Replacement) {
			r.Kind = cardlayout.Bearer
		}), 0, 0},
		{"R-110 no number", all(func(r *sale.Replacement) { r.NumberKnown = false }), 0, 110},
		{
			"R-110 nobody knows what is on it",
			all(func(r *sale.Replacement) { r.ContentKnown = false }), 0, 110,
		},
		{"R-110 and it does not matter", all(func(r *sale.Replacement) {
			r.ContentKnown, r.NumberKnown, r.MoveTo = false, false, false
		}), 0, 0},
		{"no cause", all(func(r *sale.Replacement) { r.Cause = 0 }), 0, 110},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, err := sale.Replace(c.r, tariff)
			requireJudged(t, c.rule, err)
			require.Equal(t, c.cost, lines.Total())
			require.Equal(t, c.cost, lines.PaidBy(fare.PayerCustomer))
		})
	}
}

// Ensure that a card without a price is no card for nothing: where the guarantee does not
// replace it, somebody must say what it costs.
func TestReplacementWithoutAPrice(t *testing.T) {
	r := sale.Replacement{
		Kind: cardlayout.Personal, Cause: sale.Broken,
		Bought: faretest.Day("2021-03-02"), On: faretest.Day("2026-03-02"),
	}
	lines, err := sale.Replace(r, faretest.Terms(t, "mikkeli"))
	require.NoError(t, err)
	require.Empty(t, lines)
	for _, cause := range []sale.Cause{sale.Neglected, sale.Lost} {
		r.Cause = cause
		lines, err = sale.Replace(r, faretest.Terms(t, "mikkeli"))
		requireRule(t, map[sale.Cause]fare.RuleID{sale.Neglected: 31, sale.Lost: 104}[cause], err)
		require.Empty(t, lines)
	}
}

// Ensure that whatever is on a card is moved to one like it that has none, but for what
// makes the new card that card: every field is one or the other.
func TestMoveTickets(t *testing.T) {
	old, next := ownCard(unstarted(month, 5000), begun, unstarted(month, 5000)), emptyCard()
	old.Funded, old.StudentUntil, old.Benefits = 400, 9000, 2
	old.School = cardlayout.School{Trips: 2, Calendar: 1, Until: 9000}
	old.SeasonLoad = cardlayout.SeasonLoad{Product: month, Loaded: true}
	old.SeasonBoarding = cardlayout.Boarding{Vehicle: 4, Zone: 1}
	old.ValueLoad.Amount = 1000
	old.Journey = cardlayout.Journey{Start: 5, Boarded: 9, Source: cardlayout.ByValue}
	old.Today = cardlayout.Today{Day: 9000, SchoolTrips: 1, Spent: 320}
	old.Generation, old.TransactionMAC, old.Blocked, old.Unblocking = 1, true, true, 3
	old.Issued, old.ValidUntil, old.ActionCounter = 7000, 9900, 5
	old.Last = cardlayout.EventID{Device: 6, Sequence: 7}
	old.Ticket.Price, old.Record.Fare = 320, 320
	old.Former.Until = 9
	next.Counter, next.Layout = 2, 2
	filled, err := sale.MoveTickets(old, next)
	require.NoError(t, err)

	stay := []string{
		"Layout", "Number", "Issued", "ValidUntil", "Generation", "TransactionMAC",
		"Blocked", "Unblocking", "ActionCounter", "Last", "Ticket", "Record",
	}
	alike := []string{"Kind", "Area", "Group", "Birth"}
	was, own, got := reflect.ValueOf(old), reflect.ValueOf(next), reflect.ValueOf(filled)
	for n := range was.NumField() {
		name := was.Type().Field(n).Name
		switch want := was.Field(n).Interface(); {
		case name == "Counter":
			require.EqualValues(t, 3, filled.Counter)
			continue
		case slices.Contains(alike, name):
			require.Equal(t, own.Field(n).Interface(), want, name)
		case slices.Contains(stay, name):
			require.NotEqual(t, own.Field(n).Interface(), want, "the test tells no %s apart", name)
			require.Equal(t, own.Field(n).Interface(), got.Field(n).Interface(), name)
			continue
		default:
			require.NotZero(t, want, "the test says nothing of %s", name)
		}
		require.Equal(t, was.Field(n).Interface(), got.Field(n).Interface(), name)
	}
}

// emptyCard is a new card of the holder of ownCard.
func emptyCard(change ...func(*cardlayout.Card)) cardlayout.Card {
	c := ownCard(purse(0))
	c.Number = cardlayout.WithCheckDigit(92469900010000002)
	for _, f := range change {
		f(&c)
	}
	return c
}

// Ensure that tickets are not moved to a card that is blocked, in use, the same, or unlike.
func TestMoveTicketsRefused(t *testing.T) {
	old := ownCard(unstarted(month, 5000))
	for _, next := range []cardlayout.Card{
		emptyCard(purse(1)), emptyCard(unstarted(month, 1)), emptyCard(groupOf(cardlayout.Child)),
		emptyCard(kindOf(cardlayout.Company)), emptyCard(born("2009-03-02")), ownCard(purse(0)),
		emptyCard(func(c *cardlayout.Card) { c.Blocked = true }),
		emptyCard(func(c *cardlayout.Card) { c.Area = 229 }),
	} {
		got, err := sale.MoveTickets(old, next)
		requireRule(t, 110, err)
		require.Equal(t, next, got)
	}
}

// Ensure that every card can be blocked but a bearer's (R-108, R-109, T-15).
func TestBlockRefused(t *testing.T) {
	require.NoError(t, sale.CheckBlock(cardlayout.Personal))
	require.NoError(t, sale.CheckBlock(cardlayout.Company))
	requireRule(t, 108, sale.CheckBlock(cardlayout.Bearer))
}

// Ensure that the data of customers is gone a year after the relation ended, and that use
// is told a year back to those who may hear it (R-175, R-176, T-49).
func TestRetention(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	ended := faretest.Day("2025-02-01")
	require.Equal(t, "2026-02-01", sale.KeptUntil(ended, tariff).String())
	for on, gone := range map[string]bool{
		"2025-02-02": false, "2026-02-01": false, "2026-02-02": true, "2030-01-01": true,
	} {
		require.Equal(t, gone, sale.Erase(ended, faretest.Day(on), tariff), on)
		require.False(t, sale.Erase(0, faretest.Day(on), tariff), "the relation lasts")
	}
	on := faretest.Day("2026-03-02")
	for _, c := range []struct {
		kind  cardlayout.Kind
		proof sale.Proof
		rule  fare.RuleID
	}{
		{cardlayout.Personal, sale.Proof{Identity: true}, 0},
		{cardlayout.Personal, sale.Proof{Card: true}, 176},
		{cardlayout.Bearer, sale.Proof{Card: true}, 0},
		{cardlayout.Bearer, sale.Proof{Identity: true}, 176},
		{cardlayout.Company, sale.Proof{Card: true}, 0},
	} {
		from, err := sale.HistoryFrom(c.kind, c.proof, on, tariff)
		requireJudged(t, c.rule, err)
		if c.rule == 0 {
			require.Equal(t, "2025-03-02", from.String())
		}
	}
	_, err := sale.HistoryFrom(cardlayout.Personal, shown, on, silent(t))
	requireRule(t, 5, err)
	require.False(t, sale.Erase(ended, on, silent(t)), "nothing goes on a guess")
}
