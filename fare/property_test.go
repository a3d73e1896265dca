package fare_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// chance makes random cards and taps in a small world, so that they often have to do
// with each other.
type chance struct{ *rand.Rand }

func (r chance) persons(most int) (p cardlayout.Persons) {
	for n := r.IntN(most + 1); n > 0; n-- {
		p[r.IntN(len(p))]++
	}
	return p
}

func (r chance) area() cardlayout.Area {
	return []cardlayout.Area{mikkeli, mikkeli, mikkeli, kotka}[r.IntN(4)]
}

func (r chance) event() cardlayout.EventID {
	return cardlayout.EventID{Device: uint16(r.IntN(2)), Sequence: uint32(r.IntN(3))}
}

func (r chance) zones() cardlayout.Zones {
	first := uint8(1 + r.IntN(8))
	return cardlayout.ZoneRun(first, first+uint8(r.IntN(3)))
}

func (r chance) season(today cardlayout.Day) cardlayout.Season {
	s := cardlayout.Season{Area: r.area(), Product: 30, Zones: r.zones(), Days: uint16(r.IntN(4))}
	if r.IntN(3) > 0 {
		s.First = today - cardlayout.Day(r.IntN(4))
		s.Last = s.First + cardlayout.Day(r.IntN(4))
	}
	return s
}

func (r chance) card(now cardlayout.Instant, today cardlayout.Day) cardlayout.Card {
	c := cardlayout.Card{
		Number: 924699001123456787, Kind: cardlayout.Kind(1 + r.IntN(3)), Area: r.area(),
		Group: cardlayout.Group(1 + r.IntN(6)), Generation: 2, Purse: cardlayout.Cents(r.IntN(2000)),
		Counter: uint32(r.IntN(1 << 20)), Blocked: r.IntN(20) == 0, Unblocking: uint8(r.IntN(3)),
		Last: r.event(),
	}
	if r.IntN(8) == 0 {
		c.ValidUntil = today + cardlayout.Day(r.IntN(3)-1)
	}
	for n := range c.Seasons {
		if r.IntN(2) == 0 {
			c.Seasons[n] = r.season(today)
		}
	}
	if r.IntN(2) == 0 {
		start := now - cardlayout.Instant(r.IntN(7200)) + 300
		c.Journey = cardlayout.Journey{Start: start, Area: r.area(), Zones: r.zones(),
			Source: cardlayout.Source(1 + r.IntN(2)), Minutes: 90, Trip: uint16(11 + r.IntN(2)),
			Boarded: start + cardlayout.Instant(r.IntN(1800))}
		c.Journey.Persons = r.persons(3)
		c.Journey.Persons[0] = 0
	}
	return c
}

func (r chance) tap(at time.Time, aboard int) fare.Tap {
	tap := fare.Tap{At: at, Event: cardlayout.EventID{Device: 9, Sequence: r.Uint32()},
		Vehicle: 42, Trip: uint16(11 + r.IntN(2)), Zone: uint8(1 + r.IntN(10)), Zones: r.zones()}
	if r.IntN(2) == 0 {
		tap.Persons = r.persons(40)
	}
	if r.IntN(4) == 0 {
		tap.Chosen = r.zones()
	}
	if r.IntN(10) == 0 {
		tap.Listing = fare.Listing{Listed: true, Unblocking: uint8(r.IntN(3))}
	}
	if aboard > 0 && r.IntN(6) == 0 {
		tap.Unheard = fare.Earlier{Event: r.event(), Trip: 11, Charge: 251,
			At: cardlayout.InstantOf(at) - cardlayout.Instant(r.IntN(1500))}
	}
	return tap
}

// What must hold of every decision, whatever the card and the tap.
func TestEveryDecision(t *testing.T) {
	prices := published(t, "mikkeli-2025")
	at := helsinki("2026-03-02 08:00:00")
	today := prices.ServiceDay(at)
	seen := map[fare.Reason]int{}
	r := chance{rand.New(rand.NewPCG(1, 2))}
	for range 200_000 {
		prices.Party = fare.PartyRule(1 + r.IntN(2))
		card := r.card(cardlayout.InstantOf(at), today)
		tap := r.tap(at, card.Journey.Persons.Total())
		require.NoError(t, card.Check())
		d := fare.Decide(card, tap, prices)
		seen[d.Reason]++
		holds(t, card, tap, &d)
	}
	for reason := fare.Blocked; reason <= fare.BalanceLow; reason++ {
		if named := reason.String(); named[:2] != "re" { // the gaps are "reason 31"
			require.NotZero(t, seen[reason], "the world is too small to see %s", named)
		}
	}
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
	case !d.Accept() && d.Reason != fare.Blocked && after != card:
		fail("a refusal changed the card")
	case after != card && (after.Counter != card.Counter+1 || after.Last != tap.Event):
		fail("a change without this event's stamp")
	case d.Accept() && d.Reason != fare.Unheard && after == card:
		fail("an acceptance that the card does not carry")
	case d.Accept() && d.Reason != fare.Unheard && after.Record == cardlayout.Record{}:
		fail("no history of it")
	case after.Number != card.Number || after.Kind != card.Kind || after.Group != card.Group:
		fail("a tap changed who the card is")
	case d.Accept() && d.Persons == 0:
		fail("nobody was accepted")
	case d.Charge > 0 && after.Journey.Start.Time().Add(-time.Hour).After(tap.At):
		fail("paid for a journey that has not begun")
	case d.Charge > 0 && tap.At.After(after.Journey.Start.Time().Add(90*time.Minute+time.Second)):
		fail("sold a ticket that has expired")
	case len(d.Rules()) == 0:
		fail("no rule decided")
	}
}

// Ensure that nobody pays twice: whoever taps again at once, with or without the
// driver saying the same again, is not charged.
func TestNobodyPaysTwice(t *testing.T) {
	prices := published(t, "mikkeli-2025")
	prices.Party = fare.LowerGroups
	at := helsinki("2026-03-02 08:00:00")
	r := chance{rand.New(rand.NewPCG(3, 4))}
	paid := 0
	for range 50_000 {
		card := r.card(cardlayout.InstantOf(at), prices.ServiceDay(at))
		tap := r.tap(at, card.Journey.Persons.Total())
		d := fare.Decide(card, tap, prices)
		if !d.Accept() || d.After == card {
			continue
		}
		paid++
		for _, seconds := range []int{0, 1, 600, 1200} {
			again := tap
			again.At = at.Add(time.Duration(seconds) * time.Second)
			again.Event.Sequence++
			second := fare.Decide(asRead(d), again, prices)
			require.Zero(t, second.Charge, "%v then %v\n%s\n%+v", d.Reason, second.Reason, card.Text(), tap)
		}
	}
	require.Greater(t, paid, 5_000)
}

// Ensure that a decision asks nothing of the heap.
func TestDecideAllocatesNothing(t *testing.T) {
	prices := published(t, "mikkeli-2025")
	card, tap := aCard(t, ""), aTap("2026-03-02 08:00:00", party(2))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if d := fare.Decide(card, tap, prices); d.Reason != fare.Value {
			t.Error(d.Reason)
		}
	}))
}

func BenchmarkDecide(b *testing.B) {
	prices, season := published(b, "mikkeli-2025"), published(b, "kotka-2025")
	at := "2026-03-02 08:00:00"
	running := asRead(fare.Decide(aCard(b, ""), aTap(at), prices))
	cases := []struct {
		name   string
		card   cardlayout.Card
		tap    fare.Tap
		tariff *fare.Tariff
	}{
		{"value", aCard(b, ""), aTap(at), prices},
		{"party", aCard(b, ""), aTap(at, party(3)), prices},
		{"transfer", running, aTap(at, onTrip(12)), prices},
		{"season", aCard(b, "area 217, season1 area=217 product=30 zones=A days=30 "+
			"from=2026-03-01 to=2026-03-30"), aTap(at), season},
		{"refusal", aCard(b, "purse 0.00"), aTap(at), prices},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fare.Decide(c.card, c.tap, c.tariff)
			}
		})
	}
}
