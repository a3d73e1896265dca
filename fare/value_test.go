package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// value is accepted in every area, whatever group the visitor's card has.
func TestValueOfEveryGroup(t *testing.T) {
	for _, name := range testTariffs(t) {
		prices := published(t, name)
		for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
			card := aCard(t, "kind bearer, area 1, group "+group.String()+", purse 50.00")
			d := fare.Decide(card, aTap("2026-03-02 12:00:00"), prices)
			require.Equal(t, fare.Value.String(), d.Reason.String(), "%s, %s", name, group)
			require.Positive(t, d.Charge, "%s, %s", name, group)
		}
	}
}
