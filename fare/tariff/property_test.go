package tariff

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that naming the price of every run gives the same tariff as a row by the
// number of zones, and that one exact price changes no other.
func TestCountsAgreeWithRuns(t *testing.T) {
	byCount := compile(t, "mikkeli-2025.toml")
	adult := &byCount.Value[cardlayout.Adult]

	var every strings.Builder
	for z := cardlayout.Zones(1); z <= cardlayout.MaxZones; z++ {
		if z.Last() <= 7 {
			fmt.Fprintf(&every, "%s = %q\n", z, adult[z])
		}
	}
	byRun := compileWith(t, every.String())
	require.Equal(t, byCount.Value, byRun.Value)

	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		first := uint8(1 + random.IntN(7))
		z := cardlayout.ZoneRun(first, first+uint8(random.IntN(8-int(first))))
		want := byCount.Value
		want[cardlayout.Adult][z] = cardlayout.Cents(1 + random.IntN(int(cardlayout.MaxFare)))
		got := compileWith(t, fmt.Sprintf("%s = %q\n", z, want[cardlayout.Adult][z]))
		require.Equal(t, want, got.Value, "zones %s", z)
	}
}

// compileWith is Mikkeli's tariff with exact prices for adults.
func compileWith(t *testing.T, runs string) *fare.Tariff {
	text := string(source(t, "mikkeli-2025.toml")) + "\n[value.prices_for.adult]\n" + runs
	tariff, err := Compile("m.toml", []byte(text), time.LoadLocation)
	require.NoError(t, err)
	return tariff
}

// Ensure that the ways of writing a run and an amount come to the same.
func TestSpellings(t *testing.T) {
	want := compileWith(t, `A-C = "4.00"`)
	for _, text := range []string{
		`ABC = "4.00"`, `ABC = "4"`, `A-C = 4.00`, `A-C = "4,00"`, `ABC = 4`,
	} {
		require.Equal(t, want.Value, compileWith(t, text).Value, text)
	}
}

// Ensure that what is not sold and what is free must be said, and is kept apart.
func TestFreeAndNotSold(t *testing.T) {
	free := changed(t, 1, "[value.prices]", "free_allowed = true\n[value.prices]")
	free = strings.Replace(free, `"1.00"`, `"0.00"`, 1)
	tariff, err := Compile("t.toml", []byte(free), time.LoadLocation)
	require.NoError(t, err)
	require.Zero(t, tariff.Value[cardlayout.Child][zones(t, "A")])
	month := tariff.Seasons[0].Prices[cardlayout.Child]
	require.Equal(t, fare.NoPrice, month[zones(t, "A")])
	require.EqualValues(t, 3000, month[zones(t, "A-B")])
	require.EqualValues(t, 190, tariff.Value[cardlayout.Adult][zones(t, "B")])
	require.Equal(t, fare.LowerGroups, tariff.Party)
	require.False(t, tariff.LimitIncluded)
	require.False(t, tariff.FirstDayCounts)
	require.True(t, tariff.Seasons[0].Personal)
}

// Ensure that more zones, or a longer season, for less money is a warning and no
// error.
func TestWarnings(t *testing.T) {
	require.Empty(t, warningsOf(t, small))
	require.Equal(t, []string{"value ticket, adult: zones A-B cost 1.95, zones A alone 2.00"},
		warningsOf(t, changed(t, 1, `"3.00"`, `"1.95"`)))
	require.Equal(t, []string{"Vuosi, child: zones A-B cost 29.00 for 360 days, 30.00 for 30 days"},
		warningsOf(t, changed(t, 1, `"250.00", "300.00"`, `"28.00", "29.00"`)))
	require.Equal(t, []string{
		"Kuukausi, adult: zones A-B cost 40.00, zones A alone 50.00",
	}, warningsOf(t, changed(t, 1, `"60.00"`, `"40.00"`)))
	require.Equal(t, []string{"value ticket, adult: zones A-B cost 30.00, and a card holds a " +
		"fare of 163.83: 6 persons are too many for one card"},
		warningsOf(t, changed(t, 1, `"3.00"`, `"30.00"`)))
}

func warningsOf(t *testing.T, text string) []string {
	tariff, err := Compile("t.toml", []byte(text), time.LoadLocation)
	require.NoError(t, err)
	return Warnings(tariff)
}
