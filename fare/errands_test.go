package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// errand is something that a driver may sell, and now and then what nobody can.
func (r chance) errand() fare.Errand {
	e := fare.Errand{Sale: fare.Sale{Organisation: 55, Device: 77, Channel: fare.Channel(r.IntN(4)),
		Funding: fare.Funding{By: fare.Funder(r.IntN(6) / 4)}}}
	if r.yes() {
		e.Amount = cardlayout.Cents(500 * (r.IntN(14) - 1))
		return e
	}
	e.Season = fare.SeasonOrder{Product: r.product().Code, Zones: r.zones()}
	if r.IntN(4) == 0 {
		e.Season.Days = uint16(r.IntN(70))
	}
	return e
}

// what must hold of every load at the driver's desk, under every
// tariff: money comes in as it is told, a blocked card is never loaded, a refusal changes
// nothing, and a load that is taken back leaves what was there before it.
func TestEveryErrand(t *testing.T) {
	seen := map[fare.Reason]int{}
	worlds(t, 17, func(r chance, card cardlayout.Card, tap fare.Tap, prices *fare.Tariff) {
		errand := r.errand()
		tap.Unheard = fare.Earlier{}
		trip := tap
		tap.Errand = &errand
		d := fare.Decide(card, tap, prices)
		seen[d.Reason]++
		after := d.After
		fail := func(what string) {
			require.Fail(t, what, "%v %v\n%+v\n%s", d.Reason, d.Refused, errand, card.Text())
		}
		listed := card.Blocked || tap.Listing.Listed && card.Unblocking <= tap.Listing.Unblocking
		done := d.Reason == fare.ValueLoaded || d.Reason == fare.SeasonLoaded
		switch {
		case d.Accept() || d.Charge != 0:
			fail("somebody travels, or pays a fare, for a load")
		case done && listed && card.Kind != cardlayout.Bearer:
			fail("a blocked card was loaded")
		case d.Reason == fare.ValueLoaded && after.Purse != card.Purse+errand.Amount:
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
		before, later := fare.Decide(card, trip, prices), fare.Decide(loaded, trip, prices)
		if before.Accept() && !later.Accept() {
			fail("who could travel cannot with the load")
		}
		back := tap
		back.Event.Sequence++
		back.Errand = &fare.Errand{Sale: errand.Sale, Back: d.Loaded, By: fare.Provider}
		again := fare.Decide(after, back, prices)
		if again.Reason != fare.LoadTakenBack || again.After.Purse != card.Purse ||
			again.After.Seasons != card.Seasons || again.After.Kept != card.Kept {
			fail("the load could not be taken back as it was")
		}
	})
	for _, reason := range []fare.Reason{fare.ValueLoaded, fare.SeasonLoaded, fare.NotLoaded,
		fare.Blocked, fare.Expired} {
		require.Greater(t, seen[reason], 100, reason.String())
	}
}
