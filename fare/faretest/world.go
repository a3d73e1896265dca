package faretest

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Chance makes random cards and taps in the small world of one tariff, so that they often
// have to do with each other.
type Chance struct {
	*rand.Rand
	Tariff *fare.Tariff
}

// Yes is as often true as not.
func (r Chance) Yes() bool { return r.IntN(2) == 0 }

func (r Chance) persons(most int) (p cardlayout.Persons) {
	for n := r.IntN(most + 1); n > 0; n-- {
		p[r.IntN(len(p))]++
	}
	return p
}

// Regrouped are as many persons, by other groups.
func (r Chance) Regrouped(p cardlayout.Persons) (other cardlayout.Persons) {
	for n := p.Total(); n > 0; n-- {
		other[r.IntN(len(other))]++
	}
	return other
}

func (r Chance) area() cardlayout.Area {
	const elsewhere = 1
	if r.IntN(4) == 0 {
		return elsewhere
	}
	return r.Tariff.Area
}

func (r Chance) event() cardlayout.EventID {
	return cardlayout.EventID{Device: uint16(r.IntN(2)), Sequence: uint32(r.IntN(3))}
}

// zone is one of the area's, and rarely one that it has not.
func (r Chance) zone() uint8 {
	most := r.Tariff.Zones
	if r.IntN(20) == 0 {
		most = cardlayout.MaxZone
	}
	return uint8(1 + r.IntN(int(max(most, 1))))
}

// Zones are up to three that lie side by side.
func (r Chance) Zones() cardlayout.Zones {
	first := r.zone()
	return cardlayout.ZoneRun(first, min(max(first, r.zone()), first+2))
}

// Product is one that the tariff sells, and rarely one that it knows no more.
func (r Chance) Product() fare.SeasonProduct {
	if n := len(r.Tariff.Seasons); n > 0 && r.IntN(10) > 0 {
		return r.Tariff.Seasons[r.IntN(n)]
	}
	return fare.SeasonProduct{Code: 9999}
}

func (r Chance) season(today cardlayout.Day) cardlayout.Season {
	product := r.Product()
	s := cardlayout.Season{
		Area: r.area(), Product: product.Code, Zones: r.Zones(),
		Days: uint16(r.IntN(4)), Conditions: cardlayout.SeasonConditions(r.IntN(2)),
	}
	if r.IntN(3) > 0 {
		s.First = today - cardlayout.Day(r.IntN(4))
		s.Last = s.First + cardlayout.Day(r.IntN(4))
		if product.Kind == fare.DayTicket && r.Yes() {
			s.Start = uint16(1 + r.IntN(1439))
		}
	}
	return s
}

func (r Chance) journey(now cardlayout.Instant) cardlayout.Journey {
	start, zones := now-cardlayout.Instant(r.IntN(7200))+300, r.Zones()
	j := cardlayout.Journey{
		Start: start, Area: r.area(), Zones: zones,
		Source: cardlayout.Source(1 + r.IntN(4)), Minutes: r.Tariff.Transfer[zones],
		Trip:    uint16(11 + r.IntN(2)),
		Boarded: start + cardlayout.Instant(r.IntN(1800)), Persons: r.persons(3),
	}
	j.Persons[0] = 0
	return j
}

func (r Chance) card(now cardlayout.Instant, today cardlayout.Day) cardlayout.Card {
	c := cardlayout.Card{
		Number: 924699001123456787, Kind: cardlayout.Kind(1 + r.IntN(3)), Area: r.area(),
		Group: cardlayout.Group(1 + r.IntN(6)), Generation: 2,
		Purse:   cardlayout.Cents(r.IntN(2000)),
		Counter: uint32(r.IntN(1 << 20)), Blocked: r.IntN(20) == 0, Unblocking: uint8(r.IntN(3)),
		Last: r.event(), Birth: today - cardlayout.Day(r.IntN(90*365)),
		StudentUntil: today + cardlayout.Day(r.IntN(3)-1),
	}
	if r.IntN(8) == 0 {
		c.ValidUntil = today + cardlayout.Day(r.IntN(3)-1)
	}
	if r.IntN(3) == 0 {
		c.School = cardlayout.School{Trips: uint8(r.IntN(4)), Calendar: 1, From: 360, To: 1050}
		if n := len(r.Tariff.SchoolDays); n > 0 && r.IntN(4) > 0 {
			c.School.Calendar = r.Tariff.SchoolDays[r.IntN(n)].Number
		}
	}
	if r.IntN(2) == 0 {
		c.Today = cardlayout.Today{
			Day:         today + cardlayout.Day(r.IntN(3)-1),
			SchoolTrips: uint8(r.IntN(3)), Spent: cardlayout.Cents(r.IntN(900)),
		}
	}
	for n := range c.Seasons {
		if r.IntN(2) == 0 {
			c.Seasons[n] = r.season(today)
		}
	}
	if r.IntN(2) == 0 {
		c.Journey = r.journey(now)
	}
	if r.IntN(3) == 0 {
		j := r.journey(now)
		c.Former = cardlayout.Right{
			Area: j.Area, Zones: j.Zones, Persons: j.Persons,
			Until: j.Start + cardlayout.Instant(j.Minutes)*60,
		}
	}
	return c
}

// at is a time of the tariff's first years, often near the edge of something: hours,
// midnight, a service day, a public holiday, a night in which the clock is changed.
func (r Chance) at() time.Time {
	edges := []string{
		"03-02", "03-07", "03-26", "03-28", "03-29", "10-24", "10-25", "05-14",
		"06-19",
		"12-06", "12-24", "12-31",
	}
	first := r.Tariff.From.In(r.Tariff.Location)
	day := first.AddDate(0, 0, r.IntN(800))
	if r.IntN(3) > 0 {
		edge, _ := time.Parse("01-02", edges[r.IntN(len(edges))])
		day = time.Date(first.Year()+1+r.IntN(2), edge.Month(), edge.Day(), 0, 0, 0, 0,
			first.Location())
	}
	at := day.Add(time.Duration(r.IntN(86400)) * time.Second)
	if r.IntN(3) == 0 {
		at = at.Truncate(30 * time.Minute).Add(time.Duration(r.IntN(3)-1) * time.Second)
	}
	return at
}

// varied is a tariff with settings, bands, a cap and school days as they come.
func (r Chance) varied() *fare.Tariff {
	p := new(fare.Tariff)
	*p = *r.Tariff
	p.Party, p.LimitIncluded = fare.PartyRule(1+r.IntN(2)), r.Yes()
	p.CheaperZone, p.MissingZones, p.MidnightCounts = r.Yes(), r.Yes(), r.Yes()
	p.FirstDayCounts, p.PeriodsOfDay = r.Yes(), r.Yes()
	p.Seasons = []fare.SeasonProduct{
		{Code: 30, Days: 30},
		{Code: 60, Days: 1, Kind: fare.DayTicket},
	}
	if p.ByAge = r.Yes(); p.ByAge {
		p.Ages = [cardlayout.Groups]fare.Ages{
			cardlayout.Child: {To: 16},
			cardlayout.Youth: {From: 17, To: 19},
			cardlayout.Adult: {From: 20, To: 64}, cardlayout.Senior: {From: 65, To: fare.AnyAge},
			cardlayout.Student: {From: 17, To: fare.AnyAge},
		}
	}
	p.School = fare.SchoolRule{Product: 40, Minutes: uint16(60 * r.IntN(2))}
	p.SchoolDays = []fare.SchoolCalendar{{Number: 1}}
	first := p.ServiceDay(p.From)
	for d := first; d < first+1200; d++ {
		p.SchoolDays[0].Days.Put(d, p.Calendar.Kind(d) == fare.Weekday)
	}
	if r.Yes() {
		p.DayCap = r.prices(&p.Value, 200+r.IntN(200))
	}
	p.ValueBands = nil
	for range r.IntN(4) {
		p.ValueBands = append(p.ValueBands, r.band(&p.Value))
	}
	return p
}

func (r Chance) band(of *fare.Prices) fare.Band {
	return fare.Band{
		Days: fare.DayKindSet(r.IntN(32)), Groups: fare.GroupSet(r.IntN(128)) &^ 1,
		Hours:      fare.Hours{From: uint16(60 * r.IntN(24)), To: uint16(60 * r.IntN(25))},
		Prices:     *r.prices(of, 40+r.IntN(100)),
		Supplement: cardlayout.Cents(50 * r.IntN(3)), Percent: uint16(50 * r.IntN(3)),
	}
}

// prices are so many percent of others.
func (r Chance) prices(of *fare.Prices, percent int) *fare.Prices {
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

func (r Chance) tap(at time.Time, aboard int) fare.Tap {
	tap := fare.Tap{
		At: at, Event: cardlayout.EventID{Device: 9, Sequence: r.Uint32()},
		Vehicle: 42, Trip: uint16(11 + r.IntN(2)), Zone: r.zone(), Zones: r.Zones(),
	}
	if r.IntN(2) == 0 {
		tap.Persons = r.persons(40)
	}
	if r.IntN(4) == 0 {
		tap.Chosen = r.Zones()
	}
	if r.IntN(4) == 0 {
		tap.Also = cardlayout.ZonesOf(r.zone())
	}
	tap.Lent = r.IntN(8) == 0
	if r.IntN(3) == 0 {
		tap.Zones = cardlayout.ZoneRun(tap.Zone, tap.Zone)
	}
	if r.IntN(10) == 0 {
		tap.Listing = fare.Listing{Listed: true, Unblocking: uint8(r.IntN(3))}
	}
	if aboard > 0 && r.IntN(6) == 0 {
		tap.Unconfirmed = fare.Unconfirmed{
			Event: r.event(), Trip: 11, Charge: 251,
			At: cardlayout.InstantOf(at) - cardlayout.Instant(r.IntN(1500)),
		}
	}
	return tap
}

// Worlds plays many cards and taps under every tariff of testdata, as it is and varied.
func Worlds(t *testing.T, seed uint64, each func(Chance, cardlayout.Card, fare.Tap, *fare.Tariff)) {
	all, untouched, taps := EveryTariff(t), EveryTariff(t), 2_000
	if testing.Short() {
		taps = 400
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		r := Chance{rand.New(rand.NewPCG(seed, 2)), all[name]}
		for n := range 6 {
			played := Chance{r.Rand, r.Tariff}
			if n >= 3 {
				played.Tariff = r.varied()
			}
			for range taps {
				at := played.at()
				card := played.card(cardlayout.InstantOf(at), played.Tariff.ServiceDay(at))
				require.NoError(t, card.Check(), name)
				each(played, card, played.tap(at, card.Journey.Persons.Total()), played.Tariff)
			}
		}
		if !reflect.DeepEqual(untouched[name], r.Tariff) {
			require.Fail(t, "a decision changed its tariff", name)
		}
	}
}
