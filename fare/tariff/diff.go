package tariff

import (
	"fmt"
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
	When   string // the moments of the week at which it is so; empty: always

	Before, After cardlayout.Cents // fare.NoPrice where it is not sold
}

// moments are the times of a week at which trips are compared: early, by day, in the
// evening and at night, on a working day and at the weekend.
var moments = func() (all []moment) {
	for _, day := range []struct {
		name string
		days int // after a Monday
	}{{"Monday", 0}, {"Friday", 4}, {"Saturday", 5}, {"Sunday", 6}} {
		for _, hour := range []int{5, 8, 12, 15, 18, 21, 23} {
			all = append(all, moment{fmt.Sprintf("%s %d", day.name, hour), day.days, hour})
		}
		all = append(all, moment{day.name + " night", day.days + 1, 2})
	}
	return all
}()

type moment struct {
	name       string
	days, hour int
}

// Diff tells who pays more and who pays less under after than under before: over every
// customer group and run of zones that either sells, for a first trip by value at every
// moment of an ordinary week, for the driver's single ticket, and for the seasons of equal
// names. The week is one in September. A group that pays as another does in both is told
// of with that one.
func Diff(before, after *fare.Tariff) (changes []Change) {
	monday := firstMonday(before, after)
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if as := before.PaysAs[group]; as != 0 && as == after.PaysAs[group] {
			continue
		}
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			changes = append(changes, trips(before, after, monday, group, zones)...)
		}
	}
	changes = append(changes, tickets("single ticket", &before.Single, &after.Single)...)
	for n := range before.Seasons {
		name := before.Seasons[n].Name
		was := &before.Seasons[n].Prices
		changes = append(changes, tickets(name, was, pricesOf(after, name))...)
	}
	for n := range after.Seasons {
		if name := after.Seasons[n].Name; !sells(before, name) {
			changes = append(changes, tickets(name, &unsold, &after.Seasons[n].Prices)...)
		}
	}
	return changes
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

// trips compares a value trip over the week and joins the moments that are alike.
func trips(before, after *fare.Tariff, monday time.Time, group cardlayout.Group,
	zones cardlayout.Zones,
) (changes []Change) {
	for _, m := range moments {
		at := monday.AddDate(0, 0, m.days).Add(time.Duration(m.hour) * time.Hour)
		c := Change{Ticket: "value ticket", Group: group, Zones: zones, When: m.name,
			Before: trip(before, at, group, zones), After: trip(after, at, group, zones)}
		if n := len(changes); n > 0 && changes[n-1].Before == c.Before &&
			changes[n-1].After == c.After {
			changes[n-1].When += ", " + m.name
			continue
		}
		changes = append(changes, c)
	}
	if len(changes) == 1 {
		changes[0].When = ""
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Before == c.After })
}

// trip is what a first trip costs a card of the group with value enough.
func trip(t *fare.Tariff, at time.Time, group cardlayout.Group, zones cardlayout.Zones,
) cardlayout.Cents {
	card := cardlayout.Card{Kind: cardlayout.Bearer, Area: t.Area, Group: group,
		Purse: cardlayout.MaxPurse}
	d := fare.Decide(card, fare.Tap{At: at, Trip: 1, Zone: zones.First(), Zones: zones}, t)
	if !d.Accept() {
		return fare.NoPrice
	}
	return d.Charge
}

// tickets compares two price lists.
func tickets(name string, before, after *fare.Prices) (changes []Change) {
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			if a, b := before[group][zones], after[group][zones]; a != b {
				changes = append(changes, Change{Ticket: name, Group: group, Zones: zones,
					Before: a, After: b})
			}
		}
	}
	return changes
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
