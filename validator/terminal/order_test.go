package terminal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/messages"
)

// Ensure that what a driver has asked is said in each language, from its values, and that a
// product is called by its name.
func TestWhatIsAskedIsSaid(t *testing.T) {
	tariff := &fare.Tariff{Seasons: []fare.SeasonProduct{{
		Code: 30, Name: "Kuukausi",
		Swedish: "Månad", English: "Month",
	}}}
	asked := map[string]NextTap{}
	add := func(fi string, n NextTap) { asked[fi] = n }
	add("", NextTap{})
	add("1 henkilö", NextTap{Party: validator.Party{Persons: cardlayout.Persons{1}}})
	add("3 henkilöä, vyöhykkeet A-B", NextTap{Party: validator.Party{
		Persons: cardlayout.Persons{3}, Zones: cardlayout.ZoneRun(1, 2),
	}})
	add("2 × lapsi, Tarkasta kortti", NextTap{
		Check: true,
		Party: validator.Party{Persons: cardlayout.Persons{cardlayout.Child: 2}},
	})
	add("Lataus 20,00 €", NextTap{Sale: &sale.Order{Amount: 2000}})
	add("Lataus Kuukausi A", NextTap{Sale: &sale.Order{
		Season: sale.SeasonOrder{Product: 30, Zones: cardlayout.ZoneRun(1, 1)},
	}})
	add("Peru viime lataus", NextTap{Sale: &sale.Order{Back: &sale.Loaded{}}})
	for fi, n := range asked {
		require.Equal(t, fi, n.In(messages.Finnish, tariff))
	}
	party := asked["3 henkilöä, vyöhykkeet A-B"]
	require.Equal(t, "3 personer, zoner A-B", party.In(messages.Swedish, tariff))
	require.Equal(t, "3 persons, zones A-B", party.In(messages.English, nil))
	season := asked["Lataus Kuukausi A"]
	require.Equal(t, "Laddning Månad A", season.In(messages.Swedish, tariff))
	require.Equal(t, "Load 30 A", season.In(messages.English, nil), "no tariff")
}
