package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// randomOrder is something that a driver may sell, and now and then what nobody can.
func randomOrder(r faretest.Chance) sale.Order {
	e := sale.Order{Sale: sale.Sale{
		Organisation: 55, Device: 77, Channel: fare.Channel(r.IntN(4)),
		Funding: sale.Funding{By: sale.Funder(r.IntN(6) / 4)},
	}}
	if r.Yes() {
		e.Amount = cardlayout.Cents(500 * (r.IntN(14) - 1))
		return e
	}
	e.Season = sale.SeasonOrder{Product: r.Product().Code, Zones: r.Zones()}
	if r.IntN(4) == 0 {
		e.Season.Days = uint16(r.IntN(70))
	}
	return e
}

// what must hold of every load at the driver's desk, under every
// tariff: money comes in as it is told, a blocked card is never loaded, a refusal changes
// nothing, and a load that is taken back leaves what was there before it.
func TestEveryOrder(t *testing.T) {
	seen := map[fare.Reason]int{}
	faretest.Worlds(t, 17, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		order := randomOrder(r)
		tap.Unconfirmed = fare.Unconfirmed{}
		d := decide(card, presented{Tap: tap, order: order}, prices)
		seen[d.Reason]++
		after := d.After
		fail := func(what string) {
			require.Fail(t, what, "%v %v\n%+v\n%s", d.Reason, d.Refused, order, card.Text())
		}
		listed := card.Blocked || tap.Listing.Listed && card.Unblocking <= tap.Listing.Unblocking
		done := d.Reason == fare.ValueLoaded || d.Reason == fare.SeasonLoaded
		switch {
		case d.Accept() || d.Charge != 0:
			fail("somebody travels, or pays a fare, for a load")
		case done && listed && card.Kind != cardlayout.Bearer:
			fail("a blocked card was loaded")
		case d.Reason == fare.ValueLoaded && after.Purse != card.Purse+order.Amount:
			fail("money came or went")
		case d.Reason != fare.ValueLoaded && after.Purse != card.Purse:
			fail("money came without value")
		case d.Reason == fare.NotLoaded && (after != card || d.Refused == nil):
			fail("a refusal changed the card, or says nothing")
		case after != card && (after.Counter != card.Counter+1 || after.Last != tap.Event):
			fail("a change without this event's stamp")
		case after.Check() != nil:
			fail("the card cannot hold it")
		case !done:
			return
		}
		loaded := after
		loaded.Ticket, loaded.Record = card.Ticket, card.Record
		before, later := fare.Decide(card, tap, prices), fare.Decide(loaded, tap, prices)
		if before.Accept() && !later.Accept() {
			fail("who could travel cannot with the load")
		}
		back := presented{
			Tap:   tap,
			order: sale.Order{Sale: order.Sale, Back: d.Loaded, By: sale.Provider},
		}
		back.Event.Sequence++
		again := decide(after, back, prices)
		if again.Reason != fare.LoadTakenBack || again.After.Purse != card.Purse ||
			again.After.Seasons != card.Seasons || again.After.Funded != card.Funded {
			fail("the load could not be taken back as it was")
		}
	})
	for _, reason := range []fare.Reason{
		fare.ValueLoaded, fare.SeasonLoaded, fare.NotLoaded,
		fare.Blocked, fare.Expired,
	} {
		require.Greater(t, seen[reason], 100, reason.String())
	}
}
