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

// regrouped are as many persons, by other groups.
func (r chance) regrouped(p cardlayout.Persons) (other cardlayout.Persons) {
	for n := p.Total(); n > 0; n-- {
		other[r.IntN(len(other))]++
	}
	return other
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
	s := cardlayout.Season{Area: r.area(), Product: 30, Zones: r.zones(), Days: uint16(r.IntN(4)),
		Terms: cardlayout.Terms(r.IntN(2))}
	if r.IntN(4) == 0 {
		s.Product = 60
	}
	if r.IntN(3) > 0 {
		s.First = today - cardlayout.Day(r.IntN(4))
		s.Last = s.First + cardlayout.Day(r.IntN(4))
		if s.Product == 60 && r.IntN(2) == 0 {
			s.Start = uint16(1 + r.IntN(1439))
		}
	}
	return s
}

func (r chance) journey(now cardlayout.Instant) cardlayout.Journey {
	start := now - cardlayout.Instant(r.IntN(7200)) + 300
	j := cardlayout.Journey{Start: start, Area: r.area(), Zones: r.zones(),
		Source: cardlayout.Source(1 + r.IntN(4)), Minutes: 90, Trip: uint16(11 + r.IntN(2)),
		Boarded: start + cardlayout.Instant(r.IntN(1800)), Persons: r.persons(3)}
	j.Persons[0] = 0
	return j
}

func (r chance) card(now cardlayout.Instant, today cardlayout.Day) cardlayout.Card {
	c := cardlayout.Card{
		Number: 924699001123456787, Kind: cardlayout.Kind(1 + r.IntN(3)), Area: r.area(),
		Group: cardlayout.Group(1 + r.IntN(6)), Generation: 2, Purse: cardlayout.Cents(r.IntN(2000)),
		Counter: uint32(r.IntN(1 << 20)), Blocked: r.IntN(20) == 0, Unblocking: uint8(r.IntN(3)),
		Last: r.event(), Birth: today - cardlayout.Day(r.IntN(90*365)),
		StudentUntil: today + cardlayout.Day(r.IntN(3)-1),
	}
	if r.IntN(8) == 0 {
		c.ValidUntil = today + cardlayout.Day(r.IntN(3)-1)
	}
	if r.IntN(3) == 0 {
		c.School = cardlayout.School{Trips: uint8(r.IntN(4)), Calendar: uint8(1 + r.IntN(2)), From: 360, To: 1050}
	}
	if r.IntN(2) == 0 {
		c.Today = cardlayout.Today{Day: today + cardlayout.Day(r.IntN(3)-1),
			SchoolTrips: uint8(r.IntN(3)), Spent: cardlayout.Cents(r.IntN(900))}
	}
	for n := range c.Seasons {
		if r.IntN(2) == 0 {
			c.Seasons[n] = r.season(today)
		}
	}
	if r.IntN(2) == 0 {
		c.Journey = r.journey(now)
	}
	return c
}

// at is a time of two years, often near the edge of something: hours, midnight, a service
// day, a night in which the clock is changed.
func (r chance) at() time.Time {
	days := []string{"2026-03-02", "2026-03-07", "2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25",
		"2026-05-14", "2025-12-24"}
	at := helsinki(days[r.IntN(len(days))] + " 00:00:00").Add(time.Duration(r.IntN(86400)) * time.Second)
	if r.IntN(3) == 0 {
		at = at.Truncate(30 * time.Minute).Add(time.Duration(r.IntN(3)-1) * time.Second)
	}
	return at
}

// tariff is one with settings, bands, a cap and school days as they come.
func (r chance) tariff(t testing.TB) *fare.Tariff {
	p := published(t, "mikkeli-2025")
	yes := func() bool { return r.IntN(2) == 0 }
	p.Party, p.LimitIncluded = fare.PartyRule(1+r.IntN(2)), yes()
	p.CheaperZone, p.MissingZones, p.MidnightCounts = yes(), yes(), yes()
	p.FirstDayCounts, p.PeriodsOfDay = yes(), yes()
	p.Seasons = []fare.SeasonProduct{{Code: 30, Days: 30}, {Code: 60, Days: 1, Kind: fare.DayTicket}}
	p.ByAge = yes()
	p.Ages = [cardlayout.Groups]fare.Ages{cardlayout.Child: {To: 16}, cardlayout.Youth: {From: 17, To: 19},
		cardlayout.Adult: {From: 20, To: 64}, cardlayout.Senior: {From: 65, To: fare.AnyAge},
		cardlayout.Student: {From: 17, To: fare.AnyAge}}
	p.School = fare.SchoolRule{Product: 40, Minutes: uint16(60 * r.IntN(2))}
	p.SchoolDays = []fare.SchoolCalendar{{Number: 1}}
	for d := day("2025-01-01"); d < day("2027-01-01"); d++ {
		p.SchoolDays[0].Days.Put(d, p.Calendar.Kind(d) == fare.Weekday)
	}
	if yes() {
		p.DayCap = r.prices(&p.Value, 200+r.IntN(200))
	}
	for range r.IntN(4) {
		b := fare.Band{Days: fare.DayKindSet(r.IntN(32)), Groups: fare.GroupSet(r.IntN(128)) &^ 1,
			Hours:      fare.Hours{From: uint16(60 * r.IntN(24)), To: uint16(60 * r.IntN(25))},
			Prices:     *r.prices(&p.Value, 40+r.IntN(100)),
			Supplement: cardlayout.Cents(50 * r.IntN(3)), Percent: uint16(50 * r.IntN(3))}
		p.ValueBands = append(p.ValueBands, b)
	}
	return p
}

// prices are so many percent of others.
func (r chance) prices(of *fare.Prices, percent int) *fare.Prices {
	p := *of
	for group := range p {
		for zones := range p[group] {
			if p[group][zones] > 0 {
				p[group][zones] = p[group][zones] * cardlayout.Cents(percent) / 100
			}
		}
	}
	return &p
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
	if r.IntN(4) == 0 {
		tap.NextZone = uint8(1 + r.IntN(10))
	}
	tap.Lent = r.IntN(8) == 0
	if r.IntN(3) == 0 {
		tap.Zones = cardlayout.ZoneRun(tap.Zone, tap.Zone)
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

// worlds plays many cards and taps in many tariffs.
func worlds(t *testing.T, seed uint64, each func(chance, cardlayout.Card, fare.Tap, *fare.Tariff)) {
	r := chance{rand.New(rand.NewPCG(seed, 2))}
	for range 60 {
		prices := r.tariff(t)
		for range 2_000 {
			at := r.at()
			card := r.card(cardlayout.InstantOf(at), prices.ServiceDay(at))
			require.NoError(t, card.Check())
			each(r, card, r.tap(at, card.Journey.Persons.Total()), prices)
		}
	}
}

// What must hold of every decision, whatever the card, the tap and the tariff.
func TestEveryDecision(t *testing.T) {
	seen := map[fare.Reason]int{}
	worlds(t, 1, func(_ chance, card cardlayout.Card, tap fare.Tap, prices *fare.Tariff) {
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
	paid := 0
	worlds(t, 3, func(r chance, card cardlayout.Card, tap fare.Tap, prices *fare.Tariff) {
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
				again.Persons = r.regrouped(tap.Persons) // the driver names them otherwise
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

// a transfer within the paid zones, in time and with no more persons, costs
// nothing.
func TestTransfersCostNothing(t *testing.T) {
	tried := 0
	worlds(t, 5, func(r chance, card cardlayout.Card, tap fare.Tap, prices *fare.Tariff) {
		d := fare.Decide(card, tap, prices)
		j := d.After.Journey
		if !d.Accept() || j.Minutes == 0 || j.Area != mikkeli || j.Persons.Total() == 0 ||
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
				next.Persons = r.regrouped(j.Persons)
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
	worlds(t, 7, func(r chance, card cardlayout.Card, tap fare.Tap, prices *fare.Tariff) {
		tap.Persons = cardlayout.Persons{}
		card.Seasons[1] = cardlayout.Season{}
		more, kind := card, r.IntN(6)
		if kind == 5 {
			card.Seasons[0] = cardlayout.Season{}
		}
		season, journey := &more.Seasons[0], &more.Journey
		run := r.zones()
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
	for kind := range 6 {
		require.Greater(t, kinds[kind], 2_000, "kind %d", kind)
	}
}

// Ensure that whoever is let in with some value is let in with more, for the same.
func TestMoreValueIsNeverRefused(t *testing.T) {
	tried := 0
	worlds(t, 9, func(r chance, card cardlayout.Card, tap fare.Tap, prices *fare.Tariff) {
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
