package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure the decision table of misuse, every row in Oulu and in Lappeenranta (R-053 to
// D-9, D-11, T-07). "take" means that the card may be taken, "fare"
// that a single fare may be charged, "bearer" that only a bearer ticket may be used.
func TestMisuse(t *testing.T) {
	const (
		travels, bearer, take, single = "travels", "bearer", "take", "fare"
	)
	own, other, personal := false, true, true
	same, lower, upper := sale.EqualGroup, sale.LowerGroup, sale.UpperGroup
	for _, c := range []struct {
		kind                       cardlayout.Kind
		other, personal            bool
		age                        sale.AgeRelation
		oulu, lappeenranta, reason string
	}{
		{cardlayout.Personal, own, personal, same, travels, travels, "R-053 its owner"},
		{cardlayout.Personal, own, !personal, lower, travels, travels, "R-053 its owner"},
		{cardlayout.Personal, own, personal, upper, take, take, "T-07 the owner has grown up"},
		{cardlayout.Personal, other, personal, same, take, take, "R-081 a lent personal ticket"},
		{cardlayout.Personal, other, personal, lower, take, take, "R-081 a lent personal ticket"},
		{cardlayout.Personal, other, personal, upper, take, take, "R-081 a lent personal ticket"},
		{cardlayout.Personal, other, !personal, same, bearer, bearer, "R-055 a bearer ticket"},
		{cardlayout.Personal, other, !personal, lower, bearer, bearer, "R-055 a bearer ticket"},
		{cardlayout.Personal, other, !personal, upper, take, take, "T-07 a child's, by an adult"},
		{cardlayout.Personal, own, !personal, upper, take, take, "R-073 a wrong age group"},
		{cardlayout.Company, other, !personal, same, travels, travels, "R-055"},
		{cardlayout.Company, own, !personal, lower, travels, travels, "R-055"},
		{cardlayout.Company, other, !personal, upper, take, single, "D-9 R-084"},
		{cardlayout.Bearer, other, !personal, same, travels, travels, "R-055"},
		{cardlayout.Bearer, own, !personal, lower, travels, travels, "R-055"},
		{cardlayout.Bearer, other, !personal, upper, single, single, "R-083 T-07 the card stays"},
		{cardlayout.Personal, own, !personal, 0, take, take, "no relation is no right"},
		{0, own, !personal, same, single, single, "no such card"},
		{9, other, personal, lower, single, single, "no such card"},
	} {
		use := sale.CardUse{Kind: c.kind, Other: c.other, Personal: c.personal, Age: c.age}
		for city, want := range map[string]string{"oulu": c.oulu, "lappeenranta": c.lappeenranta} {
			tariff := faretest.Terms(t, city)
			m := sale.AssessUse(use, &tariff.Terms.Misuse)
			require.Equal(t, want == travels || want == bearer, m.Travels, "%s: %s", city, c.reason)
			require.Equal(t, want == bearer, m.BearerOnly, "%s: %s", city, c.reason)
			require.Equal(t, want == take, m.Confiscate, "%s: %s", city, c.reason)
			require.Equal(t, !m.Travels, m.SingleFare, "%s: %s", city, c.reason)
			require.NotEmpty(t, m.Why)
		}
	}
}

// Ensure that every use there can be is either in order or costs something, that a bearer
// card is never taken, and that only an inspector of an area that has them charges
// a fee, of nobody too young for it (R-080, D-11).
func TestMisuseIsTotal(t *testing.T) {
	both, seen := []bool{false, true}, 0
	for _, city := range faretest.Cities {
		rule := &faretest.Terms(t, city).Terms.Misuse
		for kind := range cardlayout.Kind(6) {
			for age := range sale.AgeRelation(5) {
				for n := range 16 {
					u := sale.CardUse{
						Kind: kind, Age: age, Other: both[n&1], Personal: both[n>>1&1],
						ByInspector: both[n>>2&1], AtLeastFeeAge: both[n>>3],
					}
					m := sale.AssessUse(u, rule)
					seen++
					require.NotEqual(t, m.Travels, m.SingleFare, "%+v", u)
					require.False(t, m.Confiscate && kind == cardlayout.Bearer, "%+v", u)
					require.False(t, m.Confiscate && m.Travels, "%+v", u)
					want := city == "oulu" && m.SingleFare && u.ByInspector && u.AtLeastFeeAge
					require.Equal(t, want, m.InspectionFee, "%+v", u)
					cost := m.Charges(330, rule).Total()
					switch {
					case m.InspectionFee:
						require.EqualValues(t, 8330, cost)
					case m.SingleFare:
						require.EqualValues(t, 330, cost)
					default:
						require.Zero(t, cost)
					}
				}
			}
		}
	}
	require.Equal(t, 4*6*5*16, seen)
}

// Ensure that a card that was taken is to be had where and until when the area says
// (R-082, D-10).
func TestTakenCard(t *testing.T) {
	taken := sale.Confiscation{
		Card: ownCard().Number, Vehicle: 42,
		At: cardlayout.InstantOf(faretest.Time("2026-03-02 00:30:00")),
	}
	for city, want := range map[string][2]string{
		"oulu":         {"2026-03-05", "asked for within 3 days"},
		"lappeenranta": {"2026-04-01", "delivered within 30 days"},
	} {
		tariff := faretest.Terms(t, city)
		require.Equal(t, want[0], taken.Deadline(tariff).String())
		require.Equal(t, want[1], tariff.Terms.Misuse.Retrieval.String())
	}
}

// Ensure that what is broken decides who checks and who pays (R-057, R-058, D-1, T-10 to
// T-13).
func TestFaulty(t *testing.T) {
	on := faretest.Day("2026-03-10")
	rides := func(days ...int) (list []cardlayout.Day) {
		for _, ago := range days {
			list = append(list, on-cardlayout.Day(ago))
		}
		return list
	}
	free := sale.FaultyBoarding{Free: true, Why: 58}
	charge := sale.FaultyBoarding{MayCharge: true, Why: 58}
	for _, c := range []struct {
		name    string
		city    string
		fault   sale.Fault
		earlier []cardlayout.Day
		want    sale.FaultyBoarding
	}{
		{"T-10 Oulu, the first time", "oulu", sale.CardBroken, nil, free},
		{"T-10 the third", "oulu", sale.CardBroken, rides(1, 0), free},
		{"T-10 the fourth in a week", "oulu", sale.CardBroken, rides(6, 1, 0), charge},
		{"T-10 not in a week", "oulu", sale.CardBroken, rides(7, 1, 0), free},
		{"T-10 of tomorrow, by a wrong clock", "oulu", sale.CardBroken, rides(-1, 1, 0), free},
		{
			"T-11 Lappeenranta", "lappeenranta", sale.CardBroken, nil,
			sale.FaultyBoarding{MayCharge: true, Refundable: true, Why: 58},
		},
		{
			"T-12 the reader", "oulu", sale.ReaderBroken, nil,
			sale.FaultyBoarding{DriverChecks: true, Why: 57},
		},
		{
			"T-13 both", "oulu", sale.BothBroken, rides(0, 0, 0, 0),
			sale.FaultyBoarding{Free: true, Why: 57},
		},
		{
			"T-13 both, in Lappeenranta", "lappeenranta", sale.BothBroken, nil,
			sale.FaultyBoarding{Free: true, Why: 57},
		},
		{"who knows what", "lappeenranta", 0, nil, sale.FaultyBoarding{Free: true, Why: 57}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule := &faretest.Terms(t, c.city).Terms.Faulty
			require.Equal(t, c.want, sale.Faulty(c.fault, c.earlier, on, rule))
		})
	}
	never := faretest.Terms(t, "oulu").Terms.Faulty
	never.Repeated = 0
	require.Equal(t, free, sale.Faulty(sale.CardBroken, rides(0, 0, 0, 0, 0), on, &never))
}

// Ensure that a fare paid for a broken card is claimed back within the claim time, against
// the receipt (R-058, R-127, T-11).
func TestFareOfABrokenCardClaimed(t *testing.T) {
	tariff := faretest.Terms(t, "lappeenranta")
	claim := sale.Claim{
		Noticed: faretest.Day("2026-03-02"), Made: faretest.Day("2026-03-16"),
		Proof:   shown,
		Receipt: true,
	}
	require.NoError(t, sale.CheckClaim(claim, tariff))
	claim.Receipt = false
	requireRule(t, 131, sale.CheckClaim(claim, tariff))
	claim.Receipt, claim.Made = true, claim.Made+1
	requireRule(t, 127, sale.CheckClaim(claim, tariff))
}
