package tariff

import (
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A Change is a trip, or a ticket, that costs something else under another tariff.
type Change struct {
	Ticket string // value ticket, single ticket, or the name of a season
	Group  cardlayout.Group
	Zones  cardlayout.Zones
	When   string // the moments of the corpus at which it is so; empty: always

	Before, After cardlayout.Cents // fare.NoPrice where it is not sold
}

// A Comparison is what a corpus of trips costs under two tariffs.
type Comparison struct {
	Corpus  []string // what was compared, in words
	Changes []Change

	// Dearer, Cheaper and Alike count all trips of the corpus that both sell.
	Dearer, Cheaper, Alike int
}

// Diff tells who pays more and who pays less under after than under before: over every
// customer group and run of zones that either sells, for every journey of the corpus at
// every moment of it, for the driver's single ticket, and for the seasons of equal names. A
// group that pays as another does in both is told of with that one. A journey that costs the
// same number of first trips under both, as a party of two does, is told by the first trip;
// one that does not change where the first trip does is told with a price that stays.
func Diff(before, after *fare.Tariff) (c Comparison) {
	all := moments(before, after)
	groups, runs := 0, map[cardlayout.Zones]bool{}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if as := before.PaysAs[group]; as != 0 && as == after.PaysAs[group] {
			continue
		}
		sold := false
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			if c.trips(before, after, all, group, zones) {
				sold, runs[zones] = true, true
			}
		}
		if sold {
			groups++
		}
	}
	c.tickets("single ticket", &before.Single, &after.Single)
	for n := range before.Seasons {
		name := before.Seasons[n].Name
		c.tickets(name, &before.Seasons[n].Prices, pricesOf(after, name))
	}
	for n := range after.Seasons {
		if name := after.Seasons[n].Name; !sells(before, name) {
			c.tickets(name, &unsold, &after.Seasons[n].Prices)
		}
	}
	c.Corpus = corpusText(before, after, groups, len(runs))
	return c
}

// firstMonday is the first Monday of a September in which both tariffs are in force: a week
// without holidays.
func firstMonday(before, after *fare.Tariff) time.Time {
	from := before.From
	if after.From.After(from) {
		from = after.From
	}
	year := from.In(after.Location).Year()
	at := time.Date(year, time.September, 1, 0, 0, 0, 0, after.Location)
	if at.Before(from) {
		at = at.AddDate(1, 0, 0)
	}
	for at.Weekday() != time.Monday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// trips compares all journeys of a group in some zones, and tells whether either tariff
// sells the first trip at any moment.
func (c *Comparison) trips(before, after *fare.Tariff, all []moment, group cardlayout.Group,
	zones cardlayout.Zones,
) (sold bool) {
	var first []pair
	for _, j := range journeys {
		var costs []pair
		for _, m := range all {
			costs = append(costs, pair{j.cost(passage{before, m.at, group, zones}),
				j.cost(passage{after, m.at, group, zones})})
		}
		if j.name == firstTrip {
			first = costs
		}
		if !slices.ContainsFunc(first, pair.sold) {
			return false
		}
		c.tell(Change{Ticket: j.name, Group: group, Zones: zones}, all, first, costs)
	}
	return true
}

// A pair is what the same costs under two tariffs.
type pair [2]cardlayout.Cents

func (p pair) sold() bool { return p[0] >= 0 || p[1] >= 0 }

// tell adds a journey's changes, one for all moments at which they are alike.
func (c *Comparison) tell(change Change, all []moment, first, costs []pair) {
	var asked []moment // at which the journey can be made
	meant := map[pair][]moment{}
	var order []pair
	for n, cost := range costs {
		if !cost.sold() {
			continue
		}
		asked = append(asked, all[n])
		c.count(cost)
		told := change.Ticket == firstTrip || !cost.follows(first[n])
		if !told || cost[0] == cost[1] && first[n][0] == first[n][1] {
			continue
		}
		if meant[cost] == nil {
			order = append(order, cost)
		}
		meant[cost] = append(meant[cost], all[n])
	}
	for _, cost := range order {
		change.Before, change.After = cost[0], cost[1]
		change.When = describe(asked, meant[cost])
		c.Changes = append(c.Changes, change)
	}
}

// count counts a trip that both sell.
func (c *Comparison) count(cost pair) {
	switch {
	case cost[0] < 0 || cost[1] < 0:
	case cost[1] > cost[0]:
		c.Dearer++
	case cost[1] < cost[0]:
		c.Cheaper++
	default:
		c.Alike++
	}
}

// follows tells whether a journey costs the same number of first trips under both tariffs.
func (p pair) follows(first pair) bool {
	for n := cardlayout.Cents(1); n <= 4; n++ {
		if p == (pair{times(n, first[0]), times(n, first[1])}) {
			return true
		}
	}
	return false
}

func times(n, price cardlayout.Cents) cardlayout.Cents {
	if price == fare.NoPrice {
		return price
	}
	return n * price
}

// tickets compares two price lists.
func (c *Comparison) tickets(name string, before, after *fare.Prices) {
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			if a, b := before[group][zones], after[group][zones]; a != b {
				c.Changes = append(c.Changes, Change{Ticket: name, Group: group, Zones: zones,
					Before: a, After: b})
			}
		}
	}
}

// unsold are the prices of a ticket that is not sold.
var unsold = noPrices()

func pricesOf(t *fare.Tariff, season string) *fare.Prices {
	for n := range t.Seasons {
		if t.Seasons[n].Name == season {
			return &t.Seasons[n].Prices
		}
	}
	return &unsold
}

func sells(t *fare.Tariff, season string) bool { return pricesOf(t, season) != &unsold }
