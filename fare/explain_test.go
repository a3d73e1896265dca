package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// what a fare rests on is told with its rule: the price of the hours, the
// supplement of the night, and the day's cap once it leaves less than the price. An event
// keeps the rules, also that of a night in which value costs no more.
func TestDetails(t *testing.T) {
	for _, c := range []struct {
		name, tariff, card, at string
		rules                  []fare.RuleID
		want                   []fare.Detail
	}{
		{"by day", "jyvaskyla-2018", "area 209", "2019-03-02 08:00:00", []fare.RuleID{4}, nil},
		{
			"a senior's hours", "jyvaskyla-2018", "area 209, group senior, born 1950-01-01",
			"2019-03-02 09:00:00",
			[]fare.RuleID{4, 153},
			[]fare.Detail{{Kind: fare.BandPrice, Rule: 153, Name: "Seniori 9–14", Amount: 105}},
		},
		{
			"hours of the price list alone", "lappeenranta-2019", "area 225", "2021-03-02 18:00:00",
			[]fare.RuleID{4},
			[]fare.Detail{{
				Kind: fare.BandPrice, Rule: 4,
				Name: "Hiljainen aika, arki-ilta", Amount: 210,
			}},
		},
		{
			"a supplement on value", "jyvaskyla-2018", "area 209", "2019-03-02 23:30:00",
			[]fare.RuleID{4, 59},
			[]fare.Detail{{Kind: fare.BandSupplement, Rule: 59, Name: "Yölisä", Amount: 100}},
		},
		{
			"a supplement on singles alone (T-08)", "oulu-2023", "area 229", "2024-03-04 23:30:00",
			[]fare.RuleID{4, 59},
			nil,
		},
		{
			"below the cap", "capped", "area 229, today day=2024-03-04 spent=2.00",
			"2024-03-04 08:00:00",
			[]fare.RuleID{4},
			nil,
		},
		{
			"the cap", "capped", "area 229, today day=2024-03-04 spent=3.50",
			"2024-03-04 08:00:00",
			[]fare.RuleID{4},
			[]fare.Detail{{Kind: fare.DayCapReached, Rule: 4, Amount: 420}},
		},
	} {
		prices := capped(t)
		if c.tariff != "capped" {
			prices = faretest.Published(t, c.tariff)
		}
		card := faretest.Card(t, c.card)
		d := fare.Decide(card, faretest.Tap(c.at), prices)
		require.Equal(t, fare.Value, d.Reason, c.name)
		require.Equal(t, c.rules, d.Rules(), c.name)
		require.Equal(t, c.want, fare.Details(card, faretest.Tap(c.at), prices), c.name)
	}
}

// Ensure that a cap is told of for the one it is for: the holder who pays, and not who is
// beside a season's holder, and not for a trip that is paid already.
func TestDetailsOfTheCapAreTheHolders(t *testing.T) {
	prices := capped(t)
	const spent = "area 229, purse 30.00, today day=2024-03-04 spent=4.20"
	with := func(text string) []fare.Detail {
		return fare.Details(faretest.Card(t, spent+text),
			faretest.Tap("2024-03-04 08:00:00", party(2)), prices)
	}
	require.Len(t, with(""), 1)
	require.Empty(t, with(", season1 area=229 product=30 zones=A days=30 from=2024-03-01 to=2024-03-30"))
	paid := fare.Decide(faretest.Card(t, spent), faretest.Tap("2024-03-04 07:30:00"), prices)
	require.Equal(t, fare.Value, paid.Reason)
	joined := faretest.Tap("2024-03-04 08:00:00", party(2), onTrip(12))
	require.EqualValues(t, 120, fare.Decide(asRead(paid), joined, prices).Charge)
	require.Empty(t, fare.Details(asRead(paid), joined, prices))
	require.Empty(t, fare.Details(asRead(paid), faretest.Tap("2024-03-04 08:00:00", onTrip(12)),
		prices))
	blocked := faretest.Card(t, spent+", blocked true")
	require.Empty(t, fare.Details(blocked, faretest.Tap("2024-03-04 08:00:00"), prices))
}

// Ensure that details are told for exactly what Decide charges, under every tariff.
func TestDetailsAddUp(t *testing.T) {
	tried := map[fare.DetailKind]int{}
	faretest.Worlds(t, 13, func(_ faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		for _, detail := range fare.Details(card, tap, prices) {
			tried[detail.Kind]++
			d := fare.Decide(card, tap, prices)
			if d.Reason != fare.Value && d.Reason != fare.BalanceLow || detail.Amount < 0 ||
				detail.Kind == fare.BandSupplement && d.Paid < detail.Amount {
				require.Fail(t, "a detail of another fare", "%+v %v %v\n%s%+v", detail, d.Reason, d.Paid,
					card.Text(), tap)
			}
		}
	})
	require.Len(t, tried, 3)
}
