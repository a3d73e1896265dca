package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// where a zone comes free with another, a right for the one is good in the
// other, not the other way round: to change, to travel on a season, and before an
// inspector. Oulu's zones L, A and B are A, B and C on the card.
func TestZonesThatComeFree(t *testing.T) {
	prices := faretest.Published(t, "oulu-2023")
	aboard := func(zone string) func(*fare.Tap) {
		return func(tap *fare.Tap) {
			tap.Trip, tap.Zones, tap.Zone = 12, faretest.Zones(zone), faretest.Zones(zone).First()
		}
	}
	for _, c := range []struct {
		paid, in string
		good     bool
	}{
		{"B", "A", true},
		{"B", "B", true},
		{"B", "A-B", true},
		{"B", "C", false},
		{"A", "B", false},
		{"B-C", "A", true},
		{"C", "A", false},
		{"C", "B", false},
	} {
		card := faretest.Card(t, "area 229, purse 20.00")
		paid := fare.Decide(card, faretest.Tap("2024-03-04 08:00:00", faretest.InZones(c.paid)),
			prices)
		require.Equal(t, fare.Value, paid.Reason)
		d := fare.Decide(asRead(paid), faretest.Tap("2024-03-04 08:30:00", aboard(c.in)), prices)
		require.Equal(t, c.good, d.Reason == fare.Transfer, "%s in %s", c.paid, c.in)

		season := faretest.Card(t, "area 229, season1 area=229 product=30 zones="+c.paid+
			" days=30 from=2024-03-01 to=2024-03-30")
		d = fare.Decide(season, faretest.Tap("2024-03-04 08:30:00", aboard(c.in)), prices)
		require.Equal(t, c.good, d.Reason == fare.Season, "%s in %s", c.paid, c.in)
		verdict := fare.Check(season, faretest.Tap("2024-03-04 08:30:00", aboard(c.in), onTrip(0)),
			prices)
		require.Equal(t, c.good, verdict.Valid(), "%s in %s", c.paid, c.in)
		paper := sale.PaperTicket{
			Until: cardlayout.Stamp{Day: faretest.Day("2024-03-05")},
			Zones: faretest.Zones(c.paid),
		}
		require.Equal(t, c.good,
			sale.PaperValid(paper, faretest.Time("2024-03-04 08:30:00"),
				cardlayout.ZonesOf(faretest.Zones(c.in).First()), prices))
	}
}
