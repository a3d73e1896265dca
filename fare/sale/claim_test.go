package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// ill is a month from 1 March, and days of obstacle from the 10th.
func ill(days int, price cardlayout.Cents, change ...func(*sale.UnusedPeriod)) sale.UnusedPeriod {
	first := faretest.Day("2026-03-01")
	o := sale.UnusedPeriod{
		Season: cardlayout.Season{
			Area: 227, Product: month, Zones: zoneA, First: first, Last: first + 29, Days: 30,
			Price: price,
		},
		From: first + 9, To: first + 8 + cardlayout.Day(days),
	}
	for _, f := range change {
		f(&o)
	}
	return o
}

// trips are those that were made, at 3.20.
func trips(n int) func(*sale.UnusedPeriod) {
	return func(o *sale.UnusedPeriod) { o.Used = cardlayout.Cents(n) * 320 }
}

// long is half a year, of which all but the last days were used.
func long(unused cardlayout.Day) func(*sale.UnusedPeriod) {
	return func(o *sale.UnusedPeriod) {
		o.Season.Days, o.Season.Last = 180, o.Season.First+179
		o.From, o.To = o.Season.Last-unused+1, o.Season.Last+400
	}
}

// Ensure that an obstacle's loss is counted by each area's formula, from the day on which
// it is long enough, less the fees (R-132 to R-135, D-3, D-4, T-34, T-37 to T-40).
func TestRetroactive(t *testing.T) {
	foreseen := func(o *sale.UnusedPeriod) { o.Foreseen = true }
	untraced := func(o *sale.UnusedPeriod) { o.Untraced = true }
	provider := func(o *sale.UnusedPeriod) { o.ProviderError = true }
	employer := func(o *sale.UnusedPeriod) { o.Season.Conditions = cardlayout.FundedEmployer }
	waiting := func(o *sale.UnusedPeriod) { o.Season.First, o.Season.Last = 0, 0 }
	elsewhere := func(o *sale.UnusedPeriod) { o.Season.Area = 229 }
	before := func(o *sale.UnusedPeriod) { o.From -= 30; o.To -= 20 }
	for _, c := range []struct {
		name string
		city string
		o    sale.UnusedPeriod
		loss cardlayout.Cents
		fees cardlayout.Cents
		rule fare.RuleID
	}{
		{"T-37 fourteen trips", "oulu", ill(6, 5000, trips(14)), 520, 500, 0},
		{"T-37 with the fee above it", "oulu", ill(6, 4979, trips(14)), 0, 0, 135},
		{"R-135 with the fee just as high", "oulu", ill(6, 4980, trips(14)), 500, 500, 0},
		{"T-38 sixteen trips", "oulu", ill(6, 5000, trips(16)), 0, 0, 133},
		{"R-133 worth just as much", "oulu", ill(6, 5120, trips(16)), 0, 0, 133},
		{"R-133 five days", "oulu", ill(5, 5000, trips(1)), 0, 0, 133},
		{"R-133 nobody counted", "oulu", ill(6, 5000, untraced), 0, 0, 133},
		{"R-133 foreseen is no matter", "oulu", ill(6, 5000, trips(1), foreseen), 4680, 500, 0},
		{"T-34 the fourth period begun, two full", "oulu", ill(0, 27000, long(80)), 27000, 1500, 0},
		{"R-122 three full periods", "oulu", ill(0, 27000, long(90)), 27000, 1500, 0},
		{"R-122 the last period begun", "oulu", ill(0, 27000, long(29)), 27000, 500, 0},
		{"R-122 none begun", "oulu", ill(0, 27000, long(180)), 27000, 3000, 0},
		{"T-39 half a month", "lappeenranta", ill(15, 4500), 2250, 500, 0},
		{"R-134 trips are no matter", "lappeenranta", ill(15, 4500, trips(90)), 2250, 500, 0},
		{"T-40 two weeks", "lappeenranta", ill(14, 4500), 0, 0, 134},
		{"R-134 foreseen", "lappeenranta", ill(15, 4500, foreseen), 0, 0, 134},
		{"R-134 to the nearest cent", "lappeenranta", ill(17, 4999), 2833, 500, 0},
		{"R-134 no more than the season has", "lappeenranta", ill(90, 4500), 3150, 500, 0},
		{"R-135 the fee above it", "lappeenranta", ill(15, 900), 0, 0, 135},
		{"R-135 the provider's error", "lappeenranta", ill(15, 900, provider), 450, 0, 0},
		{"R-170 an employer's", "oulu", ill(20, 5000, employer), 0, 0, 170},
		{"R-132 not begun", "oulu", ill(20, 5000, waiting), 0, 0, 132},
		{"R-133 before the season", "oulu", ill(1, 5000, before), 0, 0, 133},
		{"R-134 a season that cost nothing", "lappeenranta", ill(15, 0), 0, 0, 134},
		{"R-133 a season that cost nothing", "oulu", ill(15, 0), 0, 0, 133},
		{"R-027 another area's", "oulu", ill(20, 5000, elsewhere), 0, 0, 27},
		{"R-133 less than no trips", "oulu", ill(20, 5000, trips(-1)), 0, 0, 133},
		{"R-133 nor where the days count", "lappeenranta", ill(20, 5000, trips(-1)), 0, 0, 133},
		{"D-5 one fee in Lappeenranta", "lappeenranta", ill(0, 27000, long(90)), 13500, 500, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines, err := sale.RefundUnused(c.o, faretest.Terms(t, c.city))
			requireJudged(t, c.rule, err)
			if c.rule != 0 {
				return
			}
			require.Equal(t, c.loss, lines[0].Amount)
			require.Equal(t, c.loss-c.fees, lines.Total())
		})
	}
	_, err := sale.RefundUnused(ill(15, 4500), silent(t))
	requireRule(t, 5, err)
}

// Ensure that a claim is in time to the last day of the area's time (R-127, D-2, T-43),
// and that it needs proof.
func TestClaim(t *testing.T) {
	for _, c := range []struct {
		city, noticed, made string
		rule                fare.RuleID
	}{
		{"oulu", "2026-03-02", "2026-05-01", 0}, // T-43: a month and 29 days
		{"lappeenranta", "2026-03-02", "2026-05-01", 127},
		{"oulu", "2026-03-02", "2026-05-02", 0},
		{"oulu", "2026-03-02", "2026-05-03", 127},
		{"oulu", "2026-03-02", "2026-03-02", 0},
		{"lappeenranta", "2026-03-02", "2026-03-16", 0},
		{"lappeenranta", "2026-03-02", "2026-03-17", 127},
	} {
		claim := sale.Claim{
			Noticed: faretest.Day(c.noticed), Made: faretest.Day(c.made), Proof: shown,
			Receipt: true,
		}
		tariff := faretest.Terms(t, c.city)
		requireJudged(t, c.rule, sale.CheckClaim(claim, tariff))
		require.Equal(t, c.rule == 0, claim.Made <= sale.ClaimUntil(claim.Noticed, tariff))

		claim.Made = claim.Noticed - 1
		requireRule(t, 127, sale.CheckClaim(claim, tariff))
		claim.Made = claim.Noticed
		claim.Receipt = false
		requireRule(t, 131, sale.CheckClaim(claim, tariff))
		claim.Receipt, claim.Proof = true, sale.Proof{Card: true}
		requireRule(t, 131, sale.CheckClaim(claim, tariff))
	}
}

// Ensure that a wrong debit goes back to the card, or as the area says in trips or cash
// (R-129, R-130, D-6).
func TestWrongDebit(t *testing.T) {
	wrong := func(change func(*sale.WrongDebit)) sale.WrongDebit {
		w := sale.WrongDebit{
			Claim: sale.Claim{
				Noticed: faretest.Day("2026-03-02"), Made: faretest.Day("2026-03-03"),
				Proof:   shown,
				Receipt: true,
			},
			Card: ownCard(), Amount: 320, Trips: 1,
		}
		change(&w)
		return w
	}
	for _, city := range faretest.Cities {
		c, err := sale.Correct(wrong(func(w *sale.WrongDebit) { w.ToCard = true }),
			faretest.Terms(t, city))
		require.NoError(t, err)
		want := ownCard(purse(1320))
		want.Counter++
		require.Equal(t, want, c.After)
		require.Equal(t, "wrong debit 3.20 (R-129)", c.Lines[0].String())
		require.Zero(t, c.Trips)
	}
	full, err := sale.Correct(wrong(func(w *sale.WrongDebit) {
		w.ToCard, w.Card.Purse = true, cardlayout.MaxPurse-320
	}), faretest.Terms(t, "oulu"))
	require.NoError(t, err)
	require.Equal(t, cardlayout.MaxPurse, full.After.Purse)
	elsewhere := wrong(func(*sale.WrongDebit) {})
	c, err := sale.Correct(elsewhere, faretest.Terms(t, "oulu"))
	require.NoError(t, err)
	require.EqualValues(t, 1, c.Trips)
	require.Zero(t, c.Lines.Total())
	require.Equal(t, ownCard(), c.After)
	c, err = sale.Correct(elsewhere, faretest.Terms(t, "lappeenranta"))
	require.NoError(t, err)
	require.Equal(t, fare.InCash, c.Paid)
	require.EqualValues(t, 320, c.Lines.Total())

	for rule, w := range map[fare.RuleID]sale.WrongDebit{
		127: wrong(func(w *sale.WrongDebit) { w.Claim.Made += 30 }),
		131: wrong(func(w *sale.WrongDebit) { w.Claim.Receipt = false }), // no marked print
		129: wrong(func(w *sale.WrongDebit) { w.Amount = 0 }),
		0: wrong(func(w *sale.WrongDebit) {
			w.ToCard, w.Card.Purse = true, cardlayout.MaxPurse
		}),
	} {
		c, err := sale.Correct(w, faretest.Terms(t, "lappeenranta"))
		requireRule(t, rule, err)
		require.Equal(t, w.Card, c.After)
	}
}

// Ensure that a debit is put right on a card of this area that is not blocked, and is no
// more than so many trips can have cost.
func TestWrongDebitChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		card   cardlayout.Card
		amount cardlayout.Cents
		trips  uint8
		rule   fare.RuleID
	}{
		{"the most", ownCard(), cardlayout.MaxFare, 0, 0},
		{"a cent more", ownCard(), cardlayout.MaxFare + 1, 1, 129},
		{"two trips", ownCard(), 2 * cardlayout.MaxFare, 2, 0},
		{"less than nothing", ownCard(), -1, 1, 129},
		{"another area's", ownCard(func(c *cardlayout.Card) { c.Area = 229 }), 320, 1, 27},
		{"blocked", ownCard(func(c *cardlayout.Card) { c.Blocked = true }), 320, 1, 103},
		{"a bearer card is like cash", ownCard(kindOf(cardlayout.Bearer),
			func(c *cardlayout.Card) { c.Blocked = true }), 320, 1, 0},
	} {
		for _, toCard := range []bool{false, true} {
			got, err := sale.Correct(sale.WrongDebit{
				Claim: sale.Claim{Noticed: returned, Made: returned, Proof: shown, Receipt: true},
				Card:  c.card, Amount: c.amount, Trips: c.trips, ToCard: toCard,
			}, faretest.Terms(t, "oulu"))
			requireJudged(t, c.rule, err)
			require.Equal(t, c.rule == 0, got.Lines != nil, c.name)
		}
	}
}

// Ensure that journeys for the provider's error are paid up to two single tickets of anyone who
// travels, and that no price is no reason to pay nothing.
func TestTravelCosts(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	for claimed, want := range map[cardlayout.Cents]cardlayout.Cents{
		100: 100, 660: 660, 661: 660,
		90000: 660,
	} {
		for _, group := range []cardlayout.Group{
			cardlayout.Adult, cardlayout.Senior,
			cardlayout.Special,
		} {
			lines, err := sale.TravelCosts(claimed, group, zoneA, tariff)
			require.NoError(t, err, "who is no child is an adult")
			require.Equal(t, want, lines.Total())
		}
	}
	lines, err := sale.TravelCosts(90000, cardlayout.Child, zoneA, tariff)
	require.NoError(t, err)
	require.EqualValues(t, 340, lines.Total())
	for _, claimed := range []cardlayout.Cents{0, -1} {
		_, err = sale.TravelCosts(claimed, cardlayout.Adult, zoneA, tariff)
		requireRule(t, 128, err)
	}
	_, err = sale.TravelCosts(100, cardlayout.Special, zoneA, faretest.Terms(t, "mikkeli"))
	requireRule(t, 128, err)
	_, err = sale.TravelCosts(100, cardlayout.Adult, 200, tariff)
	requireRule(t, 128, err)
	_, err = sale.TravelCosts(100, cardlayout.Adult, zoneA, silent(t))
	requireRule(t, 5, err)
}
