package tariff

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
)

// Warnings lists what is allowed in a tariff but likely a typing mistake, at most one for a group
// and a ticket: more zones, or a longer season, for less money; and a price at which a party is too
// large for one card's fields.
func Warnings(t *fare.Tariff) []string {
	var found []string
	warn := func(ticket string, cheaper func(cardlayout.Group) string) {
		for group := range cardlayout.Group(cardlayout.Groups) {
			if what := cheaper(group); what != "" {
				found = append(found, fmt.Sprintf("%s, %s: %s", ticket, group, what))
			}
		}
	}
	zones := func(prices *fare.Prices) func(cardlayout.Group) string {
		return func(g cardlayout.Group) string { return cheaperZones(&prices[g]) }
	}
	warn("value ticket", zones(&t.Value))
	warn("value ticket", func(g cardlayout.Group) string { return smallParty(&t.Value[g]) })
	warn("single ticket", zones(&t.Single))
	for _, bands := range [][]fare.Band{t.ValueBands, t.SingleBands} {
		for n := range bands {
			warn(bands[n].Name, zones(&bands[n].Prices))
		}
	}
	if t.DayCap != nil {
		warn("day's cap", zones(t.DayCap))
		warn("day's cap", func(g cardlayout.Group) string { return lowCap(t, g) })
	}
	for n := range t.Seasons {
		season := &t.Seasons[n]
		warn(season.Name, zones(&season.Prices))
		for m := range t.Seasons {
			longer := &t.Seasons[m]
			if longer.Days > season.Days && longer.Kind == season.Kind {
				warn(longer.Name, func(g cardlayout.Group) string {
					return cheaperSeason(season, longer, g)
				})
			}
		}
	}
	return found
}

// cheaperZones finds a run of zones that costs less than a part of it.
func cheaperZones(prices *[cardlayout.MaxZones + 1]cardlayout.Cents) string {
	for wide := cardlayout.Zones(1); wide <= cardlayout.MaxZones; wide++ {
		for part := cardlayout.Zones(1); part <= cardlayout.MaxZones; part++ {
			if wide.Cover(part) && less(prices[wide], prices[part]) {
				return fmt.Sprintf("zones %s cost %s, zones %s alone %s",
					wide, prices[wide], part, prices[part])
			}
		}
	}
	return ""
}

// atLeast is the party size for which every card should have room.
const atLeast = 10

// smallParty finds zones at whose price a card's fare field does not hold ten persons.
func smallParty(prices *[cardlayout.MaxZones + 1]cardlayout.Cents) string {
	for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
		if price := prices[zones]; price > cardlayout.MaxFare/atLeast {
			return fmt.Sprintf("zones %s cost %s, and a card holds a fare of %s: %d persons are "+
				"too many for one card", zones, price, cardlayout.MaxFare,
				cardlayout.MaxFare/price+1)
		}
	}
	return ""
}

// lowCap finds zones of which a single trip costs more than a day.
func lowCap(t *fare.Tariff, g cardlayout.Group) string {
	for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
		if less(t.DayCap[g][zones], t.Value[g][zones]) {
			return fmt.Sprintf("zones %s cost %s for a day and %s for a trip", zones,
				t.DayCap[g][zones], t.Value[g][zones])
		}
	}
	return ""
}

// cheaperSeason finds zones for which a longer season costs less.
func cheaperSeason(short, long *fare.SeasonProduct, g cardlayout.Group) string {
	for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
		if less(long.Prices[g][zones], short.Prices[g][zones]) {
			return fmt.Sprintf("zones %s cost %s for %d days, %s for %d days", zones,
				long.Prices[g][zones], long.Days, short.Prices[g][zones], short.Days)
		}
	}
	return ""
}

// less reports whether a costs less than b. A ticket that is not sold is not cheaper; a free one
// is free on purpose.
func less(a, b cardlayout.Cents) bool { return a > 0 && a < b }
