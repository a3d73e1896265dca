package fare_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// What must hold of every decision, whatever the card, the tap and the tariff.
func TestEveryDecision(t *testing.T) {
	seen := map[fare.Reason]int{}
	faretest.Worlds(t, 1, func(_ faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		d := fare.Decide(card, tap, prices)
		seen[d.Reason]++
		holds(t, card, tap, &d)
		if d != fare.Decide(card, tap, prices) {
			require.Fail(t, "the same question got another answer", card.Text())
		}
	})
	for reason := fare.Blocked; reason <= fare.BalanceLow; reason++ {
		if named := reason.String(); named[:2] != "re" { // the gaps are "reason 31"
			require.NotZero(t, seen[reason], "the world is too small to see %s", named)
		}
	}
}

// endOf is the end of a journey's right to change; without one it is its beginning.
func endOf(j *cardlayout.Journey) time.Time {
	return j.Start.Time().Add(time.Duration(j.Minutes) * time.Minute)
}

func holds(t *testing.T, card cardlayout.Card, tap fare.Tap, d *fare.Decision) {
	t.Helper()
	fail := func(what string) { require.Fail(t, what, "%v\n%+v\n%+v", d.Reason, card.Text(), tap) }
	after := d.After
	listed := card.Blocked || tap.Listing.Listed && card.Unblocking <= tap.Listing.Unblocking
	switch {
	case d.Charge < 0 || d.Charge > card.Purse || d.Charge > cardlayout.MaxFare:
		fail("the charge is not between nothing and the purse")
	case after.Purse != card.Purse-d.Charge:
		fail("money came or went")
	case d.Charge > 0 && d.Reason != fare.Value:
		fail("money moved and the reason is another")
	case after.Check() != nil:
		fail("the card cannot hold it")
	case listed && card.Kind != cardlayout.Bearer && (d.Accept() || d.Reason != fare.Blocked):
		fail("a blocked card was accepted")
	case d.ListError != (listed && card.Kind == cardlayout.Bearer):
		fail("a list error was not told")
	case !d.Accept() && d.Charge != 0:
		fail("a refusal was charged")
	case d.Accept() && d.Reason != fare.Recovered && (after.Record.Fare != d.Charge || d.Paid != d.Charge):
		fail("the history or the passenger is told another fare")
	case d.Charge > 0 && after.Ticket.Price != d.Charge:
		fail("the ticket has another price")
	case !d.Accept() && d.Reason != fare.Blocked && after != card:
		fail("a refusal changed the card")
	case after != card && (after.Counter != card.Counter+1 || after.Last != tap.Event):
		fail("a change without this event's stamp")
	case d.Accept() && d.Reason != fare.Recovered && after == card:
		fail("an acceptance that the card does not carry")
	case d.Accept() && d.Reason != fare.Recovered && after.Record == cardlayout.Record{}:
		fail("no history of it")
	case after.Number != card.Number || after.Kind != card.Kind || after.Group != card.Group:
		fail("a tap changed who the card is")
	case d.Accept() && d.Persons == 0:
		fail("nobody was accepted")
	case d.Charge > 0 && after.Journey.Start.Time().Add(-time.Hour).After(tap.At):
		fail("paid for a journey that has not begun")
	case d.Charge > 0 && tap.At.After(endOf(&after.Journey).Add(time.Second)):
		fail("sold a ticket that has expired")
	case len(d.Rules()) == 0:
		fail("no rule decided")
	}
}

// Ensure that a decision is total: whatever stands where a card, its circumstances and what
// the driver said should be, there is a reason, no money is made, and nothing that a card
// cannot hold is put on it.
func TestDecideIsTotal(t *testing.T) {
	for name, prices := range faretest.EveryTariff(t) {
		r := faretest.Chance{Rand: rand.New(rand.NewPCG(4, 4)), Tariff: prices}
		for range 5_000 {
			var card cardlayout.Card
			var tap fare.Tap
			fill(r, reflect.ValueOf(&card).Elem())
			fill(r, reflect.ValueOf(&tap).Elem())
			tap.At = time.Unix(int64(r.Uint32()), 0)
			d, verdict := fare.Decide(card, tap, prices), fare.Check(card, tap, prices)
			require.NotZero(t, verdict.Finding)
			require.NotContains(t, d.Reason.String(), "reason ", name)
			require.True(t, d.Accept() || d.Charge == 0, name)
			require.True(t, d.Charge >= 0 && d.After.Purse == card.Purse-d.Charge, name)
			require.True(t, d.After == card || d.After.Check() == nil, name)
		}
	}
}

// fill puts any numbers at all into a value: often small ones, for the others are nearly
// always out of bounds.
func fill(r faretest.Chance, v reflect.Value) {
	number := r.Uint64() >> r.IntN(64)
	switch {
	case !v.CanSet():
	case v.Kind() == reflect.Bool:
		v.SetBool(r.Yes())
	case v.CanInt():
		v.SetInt(int64(number))
	case v.CanUint():
		v.SetUint(number)
	case v.Kind() == reflect.Array:
		for n := range v.Len() {
			fill(r, v.Index(n))
		}
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		for n := range v.NumField() {
			fill(r, v.Field(n))
		}
	}
}

// everybody pays the holder's price, and nobody pays for a holder who has a
// season: a party of three costs three fares, and two with a season. Where a personal price
// is the owner's alone, the others pay an adult's.
func TestEverybodyPaysOnce(t *testing.T) {
	tried := map[bool]int{}
	faretest.Worlds(t, 11, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		uncapped := *prices
		uncapped.DayCap = nil
		size := 1 + r.IntN(6)
		tap.Persons, tap.Lent, tap.Chosen = cardlayout.Persons{uint8(size)}, false, 0
		tap.Also, tap.Listing, tap.Unconfirmed = 0, fare.Listing{}, fare.Unconfirmed{}
		card.Journey, card.Former = cardlayout.Journey{}, cardlayout.Right{}
		card.School = cardlayout.School{}
		card.Blocked, card.ValidUntil, card.Purse = false, 0, cardlayout.MaxPurse
		card.Seasons = [2]cardlayout.Season{}
		payers, covered := size, r.Yes()
		if covered {
			payers--
			today := prices.ServiceDay(tap.At)
			card.Seasons[r.IntN(2)] = cardlayout.Season{
				Area: prices.Area, Product: 9999,
				Zones: tap.Zones, Days: 30, First: today - 3, Last: today + 3,
			}
		}
		d := fare.Decide(card, tap, &uncapped)
		group := prices.TrueGroup(&card, prices.ServiceDay(tap.At))
		each, sold := prices.ValuePrice(group, tap.Zones, tap.At)
		beside := each
		if prices.OwnPriceAlone && group < cardlayout.Groups && prices.Terms.PersonalGroups[group] {
			beside, _ = prices.ValuePrice(cardlayout.Adult, tap.Zones, tap.At)
		}
		if !sold {
			return
		}
		tried[covered]++
		want := beside * cardlayout.Cents(payers)
		if !covered {
			want += each - beside
		}
		if !d.Accept() || d.Charge != want {
			require.Fail(t, "another fare than that of everybody", "%v %v, want %v\n%s\n%+v", d.Reason,
				d.Charge, want, card.Text(), tap)
		}
	})
	require.Greater(t, tried[true], 5_000)
	require.Greater(t, tried[false], 5_000)
}

// Ensure that nobody pays twice: anyone who taps again at once, with or without the
// driver saying the same again, is not charged.
func TestNobodyPaysTwice(t *testing.T) {
	paid := 0
	faretest.Worlds(t, 3, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		d := fare.Decide(card, tap, prices)
		if !d.Accept() || d.After == card {
			return
		}
		paid++
		for _, seconds := range []int{0, 1, 600, 1200} {
			again := tap
			again.At = tap.At.Add(time.Duration(seconds) * time.Second)
			again.Event.Sequence++
			if d.Source == cardlayout.ByValue && d.After.Journey.Source == cardlayout.ByValue && r.IntN(2) == 0 {
				again.Persons = r.Regrouped(tap.Persons) // the driver names them otherwise
			}
			if prices.ServiceDay(again.At) != prices.ServiceDay(tap.At) {
				continue // another group, perhaps
			}
			if second := fare.Decide(asRead(d), again, prices); second.Charge != 0 {
				require.Fail(t, "paid twice", "%v then %v\n%s\n%+v", d.Reason, second.Reason, card.Text(), tap)
			}
		}
	})
	require.Greater(t, paid, 5_000)
}

// Ensure that nobody who has paid on a trip pays again on it by a time that is not known,
// however wrong it is and wherever the bus is by then.
func TestNobodyPaysTwiceByAnUnknownTime(t *testing.T) {
	paid := 0
	faretest.Worlds(t, 13, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		d := fare.Decide(card, tap, prices)
		if !d.Accept() || d.Charge == 0 {
			return
		}
		paid++
		again := tap
		again.At = tap.At.Add(time.Duration(r.IntN(2_000_000)-1_000_000) * time.Minute)
		again.Event = cardlayout.EventID{Device: tap.Event.Device + 1, Sequence: 1}
		again.Certainty, again.Chosen = fare.Certainty{Unknown: true}, 0
		again.Zone = r.Zones().First()
		again.Zones = cardlayout.ZoneRun(again.Zone, again.Zone)
		if second := fare.Decide(asRead(d), again, prices); second.Charge != 0 {
			require.Fail(t, "paid twice", "%v then %v\n%s\n%+v\n%+v", d.Reason, second.Reason,
				d.After.Text(), tap, again)
		}
	})
	require.Greater(t, paid, 5_000)
}

// a transfer within the paid zones, in time and with no more persons, costs
// nothing.
func TestTransfersCostNothing(t *testing.T) {
	tried := 0
	faretest.Worlds(t, 5, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		d := fare.Decide(card, tap, prices)
		j := d.After.Journey
		if !d.Accept() || j.Minutes == 0 || j.Area != prices.Area || j.Persons.Total() == 0 ||
			j.Source != cardlayout.ByValue && j.Source != cardlayout.BySchool {
			return
		}
		next := fare.Tap{Event: cardlayout.EventID{Device: 8, Sequence: 1}, Trip: 77}
		left := int64(j.Start) + int64(j.Minutes)*60 - int64(cardlayout.InstantOf(tap.At))
		if left <= 1 {
			return
		}
		next.At = tap.At.Add(time.Duration(r.Int64N(left)) * time.Second)
		next.Zone = j.Zones.First() + uint8(r.IntN(j.Zones.Count()))
		next.Zones = cardlayout.ZoneRun(next.Zone, next.Zone)
		switch r.IntN(3) {
		case 0:
			next.Persons = j.Persons
		case 1:
			if j.Source == cardlayout.ByValue {
				next.Persons = r.Regrouped(j.Persons)
			}
		}
		if day := prices.ServiceDay(next.At); card.ValidUntil > 0 && day > card.ValidUntil {
			return
		}
		tried++
		second := fare.Decide(asRead(d), next, prices)
		party := fare.Decide(asRead(d), next, prices).Reason == fare.PartyRefused
		if second.Charge != 0 || !second.Accept() && !party {
			require.Fail(t, "a transfer was not free", "%v then %v\n%s\n%+v\n%+v", d.Reason, second.Reason,
				d.After.Text(), tap, next)
		}
	})
	require.Greater(t, tried, 5_000)
}

// Ensure that a longer or wider right of the same kind, or a season where there was none,
// never makes the holder's own trip dearer.
func TestMoreRightIsNeverDearer(t *testing.T) {
	kinds := map[int]int{}
	faretest.Worlds(t, 7, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		tap.Persons = cardlayout.Persons{}
		card.Seasons[1] = cardlayout.Season{}
		more, kind := card, r.IntN(6)
		if kind == 5 {
			card.Seasons[0] = cardlayout.Season{}
		}
		season, journey := &more.Seasons[0], &more.Journey
		run := r.Zones()
		switch {
		case kind == 0 && season.Zones != 0:
			season.Zones = season.Zones.With(run)
		case kind == 1 && season.First != 0:
			season.Last += cardlayout.Day(r.IntN(3))
		case kind == 2 && journey.Zones != 0:
			journey.Zones = journey.Zones.With(run)
		case kind == 3 && journey.Minutes != 0:
			journey.Minutes += uint16(r.IntN(100))
		case kind == 4 && more.School.Trips != 0:
			more.School.Trips++
		case kind == 5 && season.First != 0:
		default:
			return
		}
		before, after := fare.Decide(card, tap, prices), fare.Decide(more, tap, prices)
		if after.Charge > before.Charge && before.Accept() || before.Accept() && !after.Accept() &&
			after.Reason != fare.AlreadyStamped {
			require.Fail(t, "more right, and dearer", "%v %v then %v %v\n%s\n%s\n%+v", before.Reason,
				before.Charge, after.Reason, after.Charge, card.Text(), more.Text(), tap)
		}
		kinds[kind]++
	})
	least := 2_000
	if testing.Short() {
		least = 500
	}
	for kind := range 6 {
		require.Greater(t, kinds[kind], least, "kind %d", kind)
	}
}

// Ensure that anyone who is let in with some value is let in with more, for the same.
func TestMoreValueIsNeverRefused(t *testing.T) {
	tried := 0
	faretest.Worlds(t, 9, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		d := fare.Decide(card, tap, prices)
		if !d.Accept() {
			return
		}
		tried++
		card.Purse += cardlayout.Cents(1 + r.IntN(20_000))
		rich := fare.Decide(card, tap, prices)
		if rich.Reason != d.Reason || rich.Charge != d.Charge {
			require.Fail(t, "with more value it is another decision", "%v then %v\n%s\n%+v",
				d.Reason, rich.Reason, card.Text(), tap)
		}
	})
	require.Greater(t, tried, 5_000)
}

// Ensure that a passenger pays no more than in any of the zones in question where it is not known in
// which the bus is, and is not refused where one of them would let them in.
func TestUnsureIsNeverDearer(t *testing.T) {
	differed := 0
	faretest.Worlds(t, 12, func(r faretest.Chance, card cardlayout.Card, tap fare.Tap,
		prices *fare.Tariff,
	) {
		tap.Zones, tap.Chosen = cardlayout.ZoneRun(tap.Zone, tap.Zone), 0
		tap.Also, tap.Unsure = cardlayout.ZonesOf(tap.Zone, 1, 2, uint8(1+r.IntN(5))), true
		unsure := fare.Decide(card, tap, prices)
		for zone := range tap.Also.All {
			sure := tap
			sure.Zone, sure.Zones, sure.Also = zone, cardlayout.ZoneRun(zone, zone), 0
			sure.Unsure = false
			d := fare.Decide(card, sure, prices)
			if d.Charge != unsure.Charge {
				differed++
			}
			if d.Accept() && (!unsure.Accept() || d.Charge < unsure.Charge) {
				require.Fail(t, "dearer than where it is sure", "%v %v, in zone %v %v %v\n%s\n%+v",
					unsure.Reason, unsure.Charge, zone, d.Reason, d.Charge, card.Text(), tap)
			}
		}
	})
	require.Greater(t, differed, 100)
}
