package fare_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that a card ends after its technical life, and that its value may be moved for a
// year more and is then written off (R-032, R-033, T-14).
func TestResidualValue(t *testing.T) {
	tariff := terms(t, "oulu")
	end := fare.ValidUntil(aDay("2015-01-07"), tariff)
	require.Equal(t, "2023-01-07", end.String())
	require.Zero(t, fare.ValidUntil(aDay("2015-01-07"), terms(t, "lappeenranta")), "D-15: no number")

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
		emptied, filled, err := fare.MoveResidual(old, next, aDay(on), tariff)
		requireJudged(t, want.rule, err)
		require.Equal(t, want.lost, fare.WriteOff(old, aDay(on), tariff), on)
		if want.rule != 0 {
			require.Equal(t, old, emptied)
			require.Equal(t, next, filled)
			continue
		}
		require.EqualValues(t, 1000, filled.Purse)
		require.EqualValues(t, 400, filled.Kept)
		require.Zero(t, emptied.Purse)
		require.Equal(t, old.Counter+1, emptied.Counter)
		require.Equal(t, next.Counter+1, filled.Counter)
		require.Zero(t, filled.Seasons, "the value alone is moved")
		require.Equal(t, old.Seasons, emptied.Seasons)
		require.Zero(t, fare.WriteOff(emptied, aDay("2030-01-01"), tariff))
	}
}

// Ensure that of the value that an employer has paid no more is moved than is left of it.
func TestResidualKept(t *testing.T) {
	old := ownCard(purse(100), kept(900))
	old.ValidUntil = aDay("2023-01-07")
	_, filled, err := fare.MoveResidual(old, ownCard(purse(50), kept(900)), aDay("2023-06-01"),
		terms(t, "oulu"))
	require.NoError(t, err)
	require.EqualValues(t, 150, filled.Kept)
}

// Ensure that value is moved only to a card like the old one, with room for it.
func TestResidualValueRefused(t *testing.T) {
	tariff, on := terms(t, "oulu"), aDay("2023-06-01")
	ended := func(c *cardlayout.Card) { c.ValidUntil = aDay("2023-01-07") }
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
		{"to another area", ownCard(ended),
			ownCard(func(c *cardlayout.Card) { c.Area = 229 }), 27},
		{"to a full one", ownCard(ended), ownCard(purse(cardlayout.MaxPurse - 999)), 0},
	} {
		old, next, err := fare.MoveResidual(c.old, c.next, on, tariff)
		requireRule(t, c.rule, err)
		require.Equal(t, c.old, old, c.name)
		require.Equal(t, c.next, next, c.name)
	}
	bearer := ownCard(ended, blocked, kindOf(cardlayout.Bearer)) // it is not blocked
	_, _, err := fare.MoveResidual(bearer, ownCard(purse(0), kindOf(cardlayout.Bearer)), on, tariff)
	require.NoError(t, err)
	_, _, err = fare.MoveResidual(ownCard(ended), ownCard(purse(0)), on, silent(t))
	requireRule(t, 5, err)
	require.Zero(t, fare.WriteOff(ownCard(ended), aDay("2030-01-01"), silent(t)))
	require.Zero(t, fare.WriteOff(ownCard(), aDay("2030-01-01"), tariff), "it has no end")
}

// Ensure that a broken card is replaced for nothing within five years, and that everything
// else costs a card and the moving of its tickets.
func TestReplacement(t *testing.T) {
	tariff := terms(t, "lappeenranta")
	all := func(change func(*fare.Replacement)) fare.Replacement {
		r := fare.Replacement{
			Kind: cardlayout.Personal, Cause: fare.Broken, Bought: aDay("2021-03-02"),
			On: aDay("2026-03-02"), MoveTo: true, NumberKnown: true, ContentKnown: true,
		}
		change(&r)
		return r
	}
	for _, c := range []struct {
		name string
		r    fare.Replacement
		cost cardlayout.Cents
		rule fare.RuleID
	}{
		{"R-030 the last day", all(func(r *fare.Replacement) {}), 0, 0},
		{"R-030 the day after", all(func(r *fare.Replacement) { r.On++ }), 1000, 0},
		{"R-031 neglected", all(func(r *fare.Replacement) { r.Cause = fare.Neglected }), 1000, 0},
		{"R-104 lost", all(func(r *fare.Replacement) { r.Cause = fare.Lost }), 1000, 0},
		{"R-104 lost, with nothing to move",
			all(func(r *fare.Replacement) { r.Cause, r.MoveTo = fare.Lost, false }), 500, 0},
		{"R-109 a company's", all(func(r *fare.Replacement) {
			r.Kind, r.Cause = cardlayout.Company, fare.Lost
		}), 1000, 0},
		{"R-108 a lost bearer card", all(func(r *fare.Replacement) {
			r.Kind, r.Cause = cardlayout.Bearer, fare.Lost
		}), 0, 108},
		{"R-110 a broken bearer card", all(func(r *fare.Replacement) {
			r.Kind = cardlayout.Bearer
		}), 0, 0},
		{"R-110 no number", all(func(r *fare.Replacement) { r.NumberKnown = false }), 0, 110},
		{"R-110 nobody knows what is on it",
			all(func(r *fare.Replacement) { r.ContentKnown = false }), 0, 110},
		{"R-110 and it does not matter", all(func(r *fare.Replacement) {
			r.ContentKnown, r.NumberKnown, r.MoveTo = false, false, false
		}), 0, 0},
		{"no cause", all(func(r *fare.Replacement) { r.Cause = 0 }), 0, 110},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, err := fare.Replace(c.r, tariff)
			requireJudged(t, c.rule, err)
			require.Equal(t, c.cost, lines.Total())
			require.Equal(t, c.cost, lines.PaidBy(fare.TheCustomer))
		})
	}
}

// Ensure that a card without a price is no card for nothing: where the guarantee does not
// replace it, somebody must say what it costs.
func TestReplacementWithoutAPrice(t *testing.T) {
	r := fare.Replacement{Kind: cardlayout.Personal, Cause: fare.Broken,
		Bought: aDay("2021-03-02"), On: aDay("2026-03-02")}
	lines, err := fare.Replace(r, terms(t, "mikkeli"))
	require.NoError(t, err)
	require.Empty(t, lines)
	for _, cause := range []fare.Cause{fare.Neglected, fare.Lost} {
		r.Cause = cause
		lines, err = fare.Replace(r, terms(t, "mikkeli"))
		requireRule(t, map[fare.Cause]fare.RuleID{fare.Neglected: 31, fare.Lost: 104}[cause], err)
		require.Empty(t, lines)
	}
}

// Ensure that whatever is on a card is moved to one like it that has none, but for what
// makes the new card that card: every field is one or the other.
func TestMoveTickets(t *testing.T) {
	old, next := ownCard(unstarted(month, 5000), begun, unstarted(month, 5000)), emptyCard()
	old.Kept, old.StudentUntil, old.Benefits = 400, 9000, 2
	old.School = cardlayout.School{Trips: 2, Calendar: 1, Until: 9000}
	old.SeasonLoad = cardlayout.SeasonLoad{Product: month, Loaded: true}
	old.SeasonBoarding = cardlayout.Boarding{Vehicle: 4, Zone: 1}
	old.ValueLoad.Amount = 1000
	old.Journey = cardlayout.Journey{Start: 5, Boarded: 9, Source: cardlayout.ByValue}
	old.Today = cardlayout.Today{Day: 9000, SchoolTrips: 1, Spent: 320}
	old.Generation, old.TransactionMAC, old.Blocked, old.Unblocking = 1, true, true, 3
	old.Issued, old.ValidUntil, old.Actions = 7000, 9900, 5
	old.Last = cardlayout.EventID{Device: 6, Sequence: 7}
	old.Ticket.Price, old.Record.Fare = 320, 320
	next.Counter = 2
	filled, err := fare.MoveTickets(old, next)
	require.NoError(t, err)

	stay := []string{"Number", "Issued", "ValidUntil", "Generation", "TransactionMAC", "Blocked",
		"Unblocking", "Actions", "Last", "Ticket", "Record"}
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
		got, err := fare.MoveTickets(old, next)
		requireRule(t, 110, err)
		require.Equal(t, next, got)
	}
}

// Ensure that every card can be blocked but a bearer's (R-108, R-109, T-15).
func TestBlockRefused(t *testing.T) {
	require.NoError(t, fare.BlockRefused(cardlayout.Personal))
	require.NoError(t, fare.BlockRefused(cardlayout.Company))
	requireRule(t, 108, fare.BlockRefused(cardlayout.Bearer))
}

// Ensure that the data of customers is gone a year after the relation ended, and that use
// is told a year back to whoever may hear it (R-175, R-176, T-49).
func TestRetention(t *testing.T) {
	tariff := terms(t, "oulu")
	ended := aDay("2025-02-01")
	require.Equal(t, "2026-02-01", fare.KeptUntil(ended, tariff).String())
	for on, gone := range map[string]bool{
		"2025-02-02": false, "2026-02-01": false, "2026-02-02": true, "2030-01-01": true,
	} {
		require.Equal(t, gone, fare.Erase(ended, aDay(on), tariff), on)
		require.False(t, fare.Erase(0, aDay(on), tariff), "the relation lasts")
	}
	on := aDay("2026-03-02")
	for _, c := range []struct {
		kind  cardlayout.Kind
		proof fare.Proof
		rule  fare.RuleID
	}{
		{cardlayout.Personal, fare.Proof{Identity: true}, 0},
		{cardlayout.Personal, fare.Proof{Card: true}, 176},
		{cardlayout.Bearer, fare.Proof{Card: true}, 0},
		{cardlayout.Bearer, fare.Proof{Identity: true}, 176},
		{cardlayout.Company, fare.Proof{Card: true}, 0},
	} {
		from, err := fare.HistoryFrom(c.kind, c.proof, on, tariff)
		requireJudged(t, c.rule, err)
		if c.rule == 0 {
			require.Equal(t, "2025-03-02", from.String())
		}
	}
	_, err := fare.HistoryFrom(cardlayout.Personal, shown, on, silent(t))
	requireRule(t, 5, err)
	require.False(t, fare.Erase(ended, on, silent(t)), "nothing goes on a guess")
}
