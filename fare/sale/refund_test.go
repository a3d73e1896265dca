package sale_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// shown is what proves a return.
var shown = sale.Proof{Identity: true, Card: true}

// returned is the day of the returns.
var returned = faretest.Day("2026-03-02")

func endedOn(day string) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.ValidUntil = faretest.Day(day) }
}

// begun makes the first season one that was validated.
func begun(c *cardlayout.Card) {
	c.Seasons[0].First, c.Seasons[0].Last = faretest.Day("2026-02-01"), faretest.Day("2026-03-02")
}

// kept is what an employer has paid of the purse.
func kept(amount cardlayout.Cents) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Funded = amount }
}

// Ensure that value and seasons that have not begun come back less the processing fees,
// from a personal card alone, and nothing that an employer has paid (R-120 to R-123,
// R-170, T-33, T-35, T-36, T-44).
func TestReturn(t *testing.T) {
	for _, c := range []struct {
		name string
		city string
		card cardlayout.Card
		paid cardlayout.Cents
		fees cardlayout.Cents
		rule fare.RuleID
	}{
		{"T-33 value and a month", "oulu", ownCard(unstarted(30, 5000)), 5500, 500, 0},
		{"R-122 half a year has six fees", "oulu", ownCard(unstarted(180, 27000)), 25000, 3000, 0},
		{"T-35 a year has six", "oulu", ownCard(unstarted(360, 50000)), 48000, 3000, 0},
		{
			"R-122 two half-years have six", "oulu",
			ownCard(unstarted(180, 27000), unstarted(180, 27000)), 52000, 3000, 0,
		},
		{
			"R-122 a month beside it is in one of them", "oulu",
			ownCard(unstarted(90, 14000), unstarted(30, 5000)), 18500, 1500, 0,
		},
		{
			"R-122 hundred days are three full periods", "oulu", ownCard(unstarted(100, 15000)),
			14500, 1500, 0,
		},
		{"D-5 in Lappeenranta one", "lappeenranta", ownCard(unstarted(180, 27000)), 27500, 500, 0},
		{"R-120 a season that has begun", "oulu", ownCard(unstarted(30, 5000), begun), 500, 500, 0},
		{"R-120 nothing else", "oulu", ownCard(unstarted(30, 5000), begun, purse(0)), 0, 0, 120},
		{"R-120 an empty card", "oulu", ownCard(purse(0)), 0, 0, 120},
		{"T-36 less than the fee", "oulu", ownCard(purse(300)), 0, 0, 121},
		{"R-121 the fee", "oulu", ownCard(purse(500)), 0, 500, 0},
		{"R-121 a cent more", "oulu", ownCard(purse(501)), 1, 500, 0},
		{"R-123 a bearer card", "oulu", ownCard(kindOf(cardlayout.Bearer)), 0, 0, 123},
		{"R-123 a company's card", "oulu", ownCard(kindOf(cardlayout.Company)), 0, 0, 123},
		{"T-44 an employer's season", "oulu", ownCard(purse(0), unstarted(30, 5000),
			fundedBy(cardlayout.FundedEmployer)), 0, 0, 170},
		{"R-170 and own value", "oulu", ownCard(unstarted(30, 5000),
			fundedBy(cardlayout.FundedEmployer)), 500, 500, 0},
		{"R-207 a benefit's season", "oulu", ownCard(purse(0), unstarted(30, 5000),
			fundedBy(cardlayout.FundedBenefit)), 0, 0, 170},
		{"R-170 value that a benefit paid", "oulu", ownCard(kept(1000)), 0, 0, 170},
		{"R-170 a part of it", "oulu", ownCard(kept(400)), 100, 500, 0},
		{"R-170 more than is left of it", "oulu", ownCard(kept(9900)), 0, 0, 170},
		{
			"R-027 another area's", "oulu", ownCard(func(c *cardlayout.Card) { c.Area = 226 }),
			0, 0, 27,
		},
		{
			"R-104 a blocked card, whose tickets were moved", "oulu",
			ownCard(func(c *cardlayout.Card) { c.Blocked = true }), 0, 0, 104,
		},
		{
			"R-033 the last day of the residual year", "oulu", ownCard(endedOn("2025-03-02")),
			500, 500, 0,
		},
		{"R-033 the day after it", "oulu", ownCard(endedOn("2025-03-01")), 0, 0, 33},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := sale.RefundCard(sale.RefundRequest{Card: c.card, Proof: shown, On: returned},
				faretest.Terms(t, c.city))
			requireJudged(t, c.rule, err)
			if c.rule != 0 {
				require.Equal(t, sale.Refund{After: c.card}, r)
				return
			}
			require.Equal(t, c.paid, r.Lines.Total())
			require.Equal(t, -c.fees, r.Lines[len(r.Lines)-1].Amount)
			require.Equal(t, min(c.card.Funded, c.card.Purse), r.After.Purse)
			require.Equal(t, c.card.Counter+1, r.After.Counter)
		})
	}
}

// Ensure that a return needs the card and its owner, takes no fee where
// the provider erred, and is paid as the area pays (D-7).
func TestReturnAsksFor(t *testing.T) {
	tariff := faretest.Terms(t, "lappeenranta")
	_, err := sale.RefundCard(sale.RefundRequest{Card: ownCard(), Proof: sale.Proof{Identity: true}}, tariff)
	requireRule(t, 120, err)
	require.ErrorContains(t, err, "ask for the card")
	_, err = sale.RefundCard(sale.RefundRequest{Card: ownCard(), Proof: sale.Proof{Card: true}}, tariff)
	requireRule(t, 120, err)
	require.ErrorContains(t, err, "proof of identity")

	r, err := sale.RefundCard(sale.RefundRequest{Card: ownCard(), Proof: shown}, tariff)
	require.NoError(t, err)
	require.Equal(t, fare.InCash, r.Paid)
	require.EqualValues(t, 500, r.Lines.Total())
	require.Equal(t, "processing fee -5.00 (R-121)", r.Lines[1].String())

	r, err = sale.RefundCard(sale.RefundRequest{Card: ownCard(), Proof: shown, ProviderError: true},
		faretest.Terms(t, "oulu"))
	require.NoError(t, err)
	require.Equal(t, fare.ToCustomer, r.Paid)
	require.EqualValues(t, 1000, r.Lines.Total())

	_, err = sale.RefundCard(sale.RefundRequest{Card: ownCard(endedOn("2030-01-01")), Proof: shown}, tariff)
	requireRule(t, 33, err)
	require.ErrorContains(t, err, "give the day")

	_, err = sale.RefundCard(sale.RefundRequest{Card: ownCard(), Proof: shown}, silent(t))
	requireRule(t, 5, err)
}

// Ensure that fees without a bound are as many as the periods.
func TestFeesWithoutBound(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	tariff.Terms.Refund.MostFees = 0
	r, err := sale.RefundCard(sale.RefundRequest{Card: ownCard(unstarted(360, 50000)), Proof: shown}, tariff)
	require.NoError(t, err)
	require.Equal(t, "processing fee -60.00 (R-122)", r.Lines[2].String())
}

// Ensure that nothing is made or lost in a return: what is paid, the fee and what stays
// on the card are what was on it, whatever the card and the city.
func TestReturnConserves(t *testing.T) {
	r, paid := rand.New(rand.NewPCG(7, 8)), 0
	for _, city := range faretest.Cities {
		tariff := faretest.Terms(t, city)
		for range 5000 {
			card := ownCard(purse(cardlayout.Cents(r.IntN(3000))), kept(cardlayout.Cents(r.IntN(2000))))
			for range r.IntN(3) {
				unstarted(uint16(1+r.IntN(400)), cardlayout.Cents(r.IntN(60000)))(&card)
			}
			card.Seasons[0].Conditions = cardlayout.SeasonConditions(r.IntN(8))
			if r.IntN(3) == 0 {
				begun(&card)
			}
			back, err := sale.RefundCard(sale.RefundRequest{Card: card, Proof: shown, On: returned}, tariff)
			if err != nil {
				require.Equal(t, card, back.After)
				continue
			}
			paid++
			fee := -back.Lines[len(back.Lines)-1].Amount
			require.Equal(t, worth(card)-worth(back.After), back.Lines.Total()+fee)
			require.GreaterOrEqual(t, back.Lines.Total(), cardlayout.Cents(0))
			if card.Purse <= card.Funded {
				require.NotEqual(t, sale.ValueItem, back.Lines[0].Item, "no line of nothing")
			}
			require.Contains(t, []cardlayout.Cents{1, 2, 3, 4, 5, 6}, fee/500)
			require.NoError(t, back.After.Check())
		}
	}
	require.Greater(t, paid, 5000)
}

// worth is the purse and what the seasons on the card have cost.
func worth(c cardlayout.Card) cardlayout.Cents {
	return c.Purse + c.Seasons[0].Price + c.Seasons[1].Price
}
