package fare_test

import (
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

// Ensure that all tickets are moved to a card like the old one that has none.
func TestMoveTickets(t *testing.T) {
	old := ownCard(unstarted(month, 5000), begun, unstarted(month, 5000), kept(400))
	next := ownCard(purse(0))
	filled, err := fare.MoveTickets(old, next)
	require.NoError(t, err)
	require.Equal(t, old.Seasons, filled.Seasons)
	require.Equal(t, worth(old), worth(filled))
	require.EqualValues(t, 400, filled.Kept)
	require.Equal(t, next.Counter+1, filled.Counter)
	for _, other := range []cardlayout.Card{
		ownCard(), ownCard(purse(0), unstarted(month, 1)), ownCard(purse(0), groupOf(cardlayout.Child)),
		ownCard(purse(0), kindOf(cardlayout.Company)),
	} {
		got, err := fare.MoveTickets(old, other)
		requireRule(t, 110, err)
		require.Equal(t, other, got)
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
