package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure that a card past its life is loaded at the driver's by a time that is not known.
func TestLoadByAnUnknownTime(t *testing.T) {
	prices := faretest.Published(t, "mikkeli-2025")
	card := faretest.Card(t, "valid 2026-02-01")
	twenty := presented{
		Tap:   faretest.Tap("2026-03-02 08:00:00"),
		order: sale.Order{Sale: sale.Sale{Channel: fare.OnBoard}, Amount: 2000},
	}
	require.Equal(t, fare.Expired, decide(card, twenty, prices).Reason)
	faretest.UnknownTime("2026-03-02 08:00:00", "")(&twenty.Tap)
	d := decide(card, twenty, prices)
	require.Equal(t, fare.ValueLoaded, d.Reason)
}

// Ensure that by a time that is not known no right to a price has ended and nobody has grown out
// of a group, but for what has surely come; at the driver's as well.
func TestGroupByAnUnknownTime(t *testing.T) {
	prices := faretest.Published(t, "jyvaskyla-2018")
	const now = "2026-03-22 12:00:00"
	for name, row := range map[string]struct {
		card        string
		day         string // from when on the price is another one
		price, then cardlayout.Cents
		product     uint16
	}{
		"student": {"born 1996-03-01, group student, student 2026-03-10", "2026-03-11", 160, 210, 32},
		"child":   {"born 2009-03-11, group child", "2026-03-11", 105, 160, 30},
	} {
		card := faretest.Card(t, "kind personal, area 209, "+row.card)
		day := func(shift int) string {
			return (faretest.Day(row.day) + cardlayout.Day(shift)).String()
		}
		for _, c := range []struct {
			passed string
			ended  bool
		}{{"", false}, {day(-1) + " 12:00:00", false}, {day(0) + " 12:00:00", true}} {
			guess := faretest.UnknownTime(now, c.passed)
			want := map[bool]cardlayout.Cents{false: row.price, true: row.then}[c.ended]
			require.Equal(t, want, fare.Decide(card, faretest.Tap(now, guess), prices).Charge, name)
			tap := faretest.Tap(now, guess)
			d := decide(card, presented{Tap: tap, order: sale.Order{
				Sale:   sale.Sale{Channel: fare.OnBoard},
				Season: sale.SeasonOrder{Product: row.product, Zones: tap.Zones},
			}}, prices)
			reason := map[bool]fare.Reason{false: fare.SeasonLoaded, true: fare.NotLoaded}[c.ended]
			require.Equal(t, reason, d.Reason, "%s: %v", name, d.Refused)
		}
		require.Equal(t, row.then, fare.Decide(card, faretest.Tap(now), prices).Charge, name)
	}
}

// Ensure that a season which may run still is not written over by a time that is not known.
func TestSeasonIsKeptByAnUnknownTime(t *testing.T) {
	prices := faretest.Published(t, "jyvaskyla-2018")
	card := faretest.Card(t, "kind personal, born 1980-03-01, area 209, "+
		"season1 area=209 product=30 zones=A days=30 from=2026-02-15 to=2026-03-16")
	load := func(tap fare.Tap) done {
		return decide(card, presented{Tap: tap, order: sale.Order{
			Sale:   sale.Sale{Channel: fare.OnBoard},
			Season: sale.SeasonOrder{Product: 90, Zones: tap.Zones},
		}}, prices)
	}
	const now = "2026-03-22 12:00:00"
	for passed, kept := range map[string]bool{
		"": true, "2026-03-16 12:00:00": true,
		"2026-03-17 12:00:00": false,
	} {
		d := load(faretest.Tap(now, faretest.UnknownTime(now, passed)))
		require.Equal(t, fare.SeasonLoaded, d.Reason)
		require.Equal(t, kept, d.After.Seasons[0] == card.Seasons[0], passed)
	}
	require.EqualValues(t, 90, load(faretest.Tap(now)).After.Seasons[0].Product)
}

// Ensure that a benefit's payment is taken, and voided by the provider, by a time that is not
// known: its day may not have ended.
func TestBenefitByAnUnknownTime(t *testing.T) {
	prices := faretest.Terms(t, "jyvaskyla")
	later := func(s *sale.Sale) {
		s.At = faretest.Time("2026-03-22 12:00:00")
		s.Certainty.Unknown = true
	}
	l, err := sale.SellValue(ownCard(), aSale(paidWith(2000), later), prices, 2000)
	require.NoError(t, err)
	_, err = sale.Reverse(l.After, l, aSale(later), sale.Provider, prices)
	require.NoError(t, err)
	_, err = sale.Reverse(l.After, l, aSale(later), sale.Driver, prices)
	requireRule(t, 207, err)
}
