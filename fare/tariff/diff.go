package tariff

import (
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A Change is a trip or a ticket whose price differs under another tariff.
type Change struct {
	Ticket string // value ticket, single ticket, or the name of a season
	Group  cardlayout.Group
	Zones  cardlayout.Zones
	When   string // the moments of the corpus; empty: always

	Before, After cardlayout.Cents // fare.NoPrice if it is not sold
}

// A Comparison is the cost of a corpus of trips under two tariffs.
type Comparison struct {
	Corpus  []string // what was compared, in words
	Changes []Change

	// Dearer, Cheaper and Alike count all trips of the corpus that both sell.
	Dearer, Cheaper, Alike int
}

// Diff compares the costs under two tariffs: of every journey of the corpus at each of its moments,
// of the driver's single ticket, and of seasons of the same name, for every customer group and run
// of zones that either sells. A group that pays as another group in both is left out. A journey
// that costs the same number of first trips under both, such as a party of two, is left out; one
// that stays the same when the first trip changes is listed with its unchanged price.
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

// trips compares all journeys of a group in some zones, and reports whether either tariff
// sells the first trip at any moment.
func (c *Comparison) trips(before, after *fare.Tariff, all []moment, group cardlayout.Group,
	zones cardlayout.Zones,
) (sold bool) {
	var first []pair
	for _, j := range journeys {
		var costs []pair
		for _, m := range all {
			costs = append(costs, pair{
				j.cost(fareCase{before, m.at, group, zones}),
				j.cost(fareCase{after, m.at, group, zones}),
			})
		}
		if j.name == firstTrip {
			first = costs
		}
		if !slices.ContainsFunc(first, pair.sold) {
			return false
		}
		c.change(Change{Ticket: j.name, Group: group, Zones: zones}, all, first, costs)
	}
	return true
}

// A pair is the cost of one thing under two tariffs.
type pair [2]cardlayout.Cents

func (p pair) sold() bool { return p[0] >= 0 || p[1] >= 0 }

// change adds a journey's changes, one for all moments of the same costs.
func (c *Comparison) change(change Change, all []moment, first, costs []pair) {
	var possible []moment // for the journey
	changed := map[pair][]moment{}
	var order []pair
	for n, cost := range costs {
		if !cost.sold() {
			continue
		}
		possible = append(possible, all[n])
		c.count(cost)
		listed := change.Ticket == firstTrip || !cost.follows(first[n])
		if !listed || cost[0] == cost[1] && first[n][0] == first[n][1] {
			continue
		}
		if changed[cost] == nil {
			order = append(order, cost)
		}
		changed[cost] = append(changed[cost], all[n])
	}
	for _, cost := range order {
		change.Before, change.After = cost[0], cost[1]
		change.When = describe(possible, changed[cost])
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

// follows reports whether a journey costs the same number of first trips under both tariffs.
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
				c.Changes = append(c.Changes, Change{
					Ticket: name, Group: group, Zones: zones,
					Before: a, After: b,
				})
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
