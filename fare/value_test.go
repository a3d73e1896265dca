package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// value is accepted in every area, whatever group the visitor's card has.
func TestValueOfEveryGroup(t *testing.T) {
	for _, name := range faretest.Names(t) {
		prices := faretest.Published(t, name)
		for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
			card := faretest.Card(t, "kind bearer, area 1, group "+group.String()+", purse 50.00")
			d := fare.Decide(card, faretest.Tap("2026-03-02 12:00:00"), prices)
			require.Equal(t, fare.Value.String(), d.Reason.String(), "%s, %s", name, group)
			require.Positive(t, d.Charge, "%s, %s", name, group)
		}
	}
}
