package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/faretest"
)

// T-28 to T-31: the children beside an adult who pay a child's fare.
func TestAccompany(t *testing.T) {
	prices := faretest.Published(t, jyvaskyla)
	rows := []struct {
		name            string
		infants, inPram int
		paying          bool
		at              string
		want            fare.CompanionFares
	}{
		{"T-28 season holder, three children", 3, 0, true, "10:00:00", fare.CompanionFares{Due: 1, Rule: 158}},
		{"R-158 one", 1, 0, true, "10:00:00", fare.CompanionFares{Rule: 158}},
		{"R-158 two", 2, 0, true, "10:00:00", fare.CompanionFares{Rule: 158}},
		{"R-158 four", 4, 0, true, "10:00:00", fare.CompanionFares{Due: 2, Rule: 158}},
		{"T-29 pram, three children", 3, 1, true, "10:00:00", fare.CompanionFares{Due: 1, AdultFree: true, Rule: 160}},
		{"R-160 pram, two", 2, 1, false, "10:00:00", fare.CompanionFares{AdultFree: true, Rule: 160}},
		{"R-160 pram, four", 4, 1, false, "10:00:00", fare.CompanionFares{Due: 2, AdultFree: true, Rule: 160}},
		{"T-30 pram in the afternoon", 3, 1, true, "15:00:00", fare.CompanionFares{Due: 1, Rule: 158}},
		{"R-160 at nine", 1, 1, true, "09:00:00", fare.CompanionFares{AdultFree: true, Rule: 160}},
		{"R-160 before nine", 1, 1, true, "08:59:59", fare.CompanionFares{Rule: 158}},
		{"R-160 on the last instant", 1, 1, true, "14:00:00", fare.CompanionFares{AdultFree: true, Rule: 160}},
		{"R-160 after it", 1, 1, true, "14:00:01", fare.CompanionFares{Rule: 158}},
		{"T-31 pupil with a brother", 1, 0, false, "10:00:00", fare.CompanionFares{Due: 1, Rule: 159}},
		{"R-159 pupil with a pram in the afternoon", 1, 1, false, "15:00:00", fare.CompanionFares{Due: 1, Rule: 159}},
	}
	for _, row := range rows {
		got := prices.CompanionFares(row.infants, row.inPram, row.paying,
			faretest.Time("2026-03-07 "+row.at))
		require.Equal(t, row.want, got, row.name)
	}
}

// Ensure that nobody is charged on another area's rule: where an area says nothing of children
// under school age they travel free, for it has no price for them, no matter whom they are with and
// however many; and anyone who has a rule for prams keeps it.
func TestInfantsWhereTheAreaSaysNothing(t *testing.T) {
	at := faretest.Time("2026-03-07 10:00:00")
	unpriced := fare.CompanionFares{Rule: 4, Unpriced: true}
	for _, area := range []string{
		"mikkeli-2025", "kotka-2025", "oulu-2024-12", "oulu-2023",
		"joensuu-2023", "lappeenranta-2019",
	} {
		prices := faretest.Published(t, area)
		for _, paying := range []bool{true, false} {
			require.Equal(t, unpriced, prices.CompanionFares(5, 0, paying, at), area)
		}
	}
	require.Equal(t, unpriced, faretest.Published(t, "mikkeli-2025").CompanionFares(2, 1, true, at))
	require.Equal(t, fare.CompanionFares{AdultFree: true, Rule: 160, Unpriced: true},
		faretest.Published(t, "lappeenranta-2019").CompanionFares(3, 1, false, at))
	none := fare.Tariff{Companions: fare.CompanionRule{Free: fare.NoneFree}, Location: at.Location()}
	require.Equal(t, fare.CompanionFares{Due: 2, Rule: 158}, none.CompanionFares(2, 0, true, at),
		"a rule that lets nobody is one")
}
