package tariff

import (
	"leima/cardlayout"
	"leima/fare"
)

// The limits of the card's fields.
const (
	maxSeasonPrice cardlayout.Cents = 655_35 // 16 bits
	maxSeasonDays                   = 1<<9 - 1
	maxDayTicket                    = 60
	maxCode                         = 1<<14 - 1
)

// tickets compiles all tickets. Without groups and zones their prices cannot be checked.
func (c *compiler) tickets() {
	c.codes = map[uint16]string{}
	c.tariff.Value, c.tariff.Single = noPrices(), noPrices()
	if c.doc.Value == nil {
		c.fault("", "no [value]: want the value ticket and its prices")
	}
	if c.zones == 0 || len(c.declared) == 0 {
		return
	}
	if value := c.doc.Value; value != nil {
		c.name("value.name", value.Name)
		c.tariff.Value, c.tariff.ValueBands = c.ticket("value", value.ticket)
		c.tariff.ValueProduct = c.code("value.code", value.Code)
	}
	if single := c.doc.Single; single != nil {
		c.name("single.name", single.Name)
		c.tariff.Single, c.tariff.SingleBands = c.ticket("single", *single)
	}
	if limit := c.doc.DayCap; limit != nil {
		c.provenance("day_cap", limit.provenance)
		prices := c.prices("day_cap", limit.rows, cardlayout.MaxFare)
		c.tariff.DayCap = &prices
	}
	for n, season := range c.doc.Seasons {
		c.tariff.Seasons = append(c.tariff.Seasons, c.season(element("season", n), season))
	}
}

func noPrices() (p fare.Prices) {
	for group := range p {
		for zones := range p[group] {
			p[group][zones] = fare.NoPrice
		}
	}
	return p
}

func (c *compiler) season(path string, s season) fare.SeasonProduct {
	kind, longest := fare.SeasonTicket, maxSeasonDays
	if s.Kind != "" && c.either(join(path, "kind"), s.Kind, "season", "day") {
		kind, longest = fare.DayTicket, maxDayTicket
	}
	c.provenance(path, s.provenance)
	if len(s.Bands) > 0 {
		c.fault(join(path, "band"), "a season is bought at any hour: want no bands here")
	}
	return fare.SeasonProduct{
		Code:     c.code(join(path, "code"), s.Code),
		Name:     c.name(join(path, "name"), s.Name),
		Swedish:  string(s.Name.Swedish),
		English:  string(s.Name.English),
		Kind:     kind,
		Days:     uint16(c.number(join(path, "days"), s.Days, 1, longest)),
		Personal: c.either(join(path, "holder"), s.Holder, "any", "personal"),
		Prices:   c.prices(path, s.rows, maxSeasonPrice),
	}
}

// code reads a product code; each product has its own.
func (c *compiler) code(path string, r rule[value]) uint16 {
	text := c.stated(path, r)
	if text == "" {
		return 0
	}
	path = join(path, "is")
	code := uint16(c.number(path, text, 1, maxCode))
	if earlier, taken := c.codes[code]; taken && code != 0 {
		c.fault(path, "code %d stands in line %d already: want another", code, c.line(earlier))
	}
	c.codes[code] = path
	return code
}

// ticket compiles the prices of a ticket and its bands. A group whose prices are all in bands
// needs no row.
func (c *compiler) ticket(path string, t ticket) (fare.Prices, []fare.Band) {
	c.provenance(path, t.provenance)
	bands, banded := c.bands(path, t.Bands)
	return c.pricesBut(banded, path, t.rows, cardlayout.MaxFare), bands
}

// prices compiles rows of prices: one for every group of the file and every number of zones.
func (c *compiler) prices(path string, r rows, most cardlayout.Cents) fare.Prices {
	return c.pricesBut(0, path, r, most)
}

// pricesBut compiles prices that some groups do not need.
func (c *compiler) pricesBut(
	unneeded fare.GroupSet, path string, r rows, most cardlayout.Cents,
) fare.Prices {
	least := cardlayout.Cents(1)
	if r.FreeAllowed != "" && c.either(join(path, "free_allowed"), r.FreeAllowed, "false", "true") {
		least = 0
	}
	c.known(join(path, "prices"), sorted(r.Prices))
	c.known(join(path, "prices_for"), sorted(r.PricesFor))

	prices := noPrices()
	for _, key := range sorted(c.declared) {
		row := &prices[c.declared[key]]
		read := func(at string, text value) cardlayout.Cents {
			return c.cents(at, text, least, most)
		}
		if r.Prices[key] == nil {
			if !unneeded.Has(c.declared[key]) {
				c.fault(join(path, "prices"), `no prices for %s: want a row of %d, `+
					`for 1 zone and more, with "-" where none is sold`, key, c.zones)
			}
			continue
		}
		byCount(c, join(path, "prices."+key), r.Prices[key], row[:], read)
		byRun(c, join(path, "prices_for."+key), r.PricesFor[key], row[:], read)
	}
	return prices
}

// known checks that the rows are those of the file's groups.
func (c *compiler) known(path string, keys []string) {
	for _, key := range keys {
		if _, declared := c.declared[key]; !declared {
			c.fault(join(path, key), "no customer group of this file: want %s", c.groupList())
		}
	}
}

// byCount gives every run of n zones the n-th entry of a row.
func byCount[T any](c *compiler, path string, row []value, all []T,
	read func(string, value) T,
) {
	if len(row) != c.zones {
		c.fault(path, "the row has %d entries: want %d, for 1 zone and more", len(row), c.zones)
		return
	}
	for n, text := range row {
		entry := read(element(path, n), text)
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			if zones.Count() == n+1 && int(zones.Last()) <= c.zones {
				all[zones] = entry
			}
		}
	}
}

// byRun gives runs of zones their own entries.
func byRun[T any](c *compiler, path string, runs map[string]value, all []T,
	read func(string, value) T,
) {
	seen := map[cardlayout.Zones]bool{}
	for _, key := range sorted(runs) {
		at := join(path, key)
		zones := c.run(at, key)
		if zones == 0 {
			continue
		}
		if seen[zones] {
			c.fault(at, "zones %s stand here twice: take one away", zones)
		}
		seen[zones] = true
		all[zones] = read(at, runs[key])
	}
}

// transfer compiles the transfer right.
func (c *compiler) transfer() {
	t := c.doc.Transfer
	if t == nil {
		c.fault("", `no [transfer]: want its times, or "-" where there is no transfer`)
		return
	}
	c.provenance("transfer", t.provenance)
	if c.zones == 0 {
		return
	}
	read := func(at string, text value) uint16 {
		if text == noValue {
			return 0
		}
		return c.minutes(at, text)
	}
	byCount(c, "transfer.times", t.Times, c.tariff.Transfer[:], read)
	byRun(c, "transfer.times_for", t.TimesFor, c.tariff.Transfer[:], read)
}

// load compiles the bounds of a load. A field left out sets no bound.
func (c *compiler) load() {
	l := c.doc.Load
	if l == nil {
		return
	}
	c.provenance("load", l.provenance)
	bound := func(path string, text value) cardlayout.Cents {
		if text == "" {
			return 0
		}
		return max(0, c.cents(path, text, 1, cardlayout.MaxPurse))
	}
	rule := fare.LoadRule{
		Least:       bound("load.least", l.Least),
		Most:        bound("load.most", l.Most),
		BusMultiple: bound("load.bus_multiple", l.BusMultiple),
	}
	if rule.Most != 0 && rule.Least > rule.Most {
		c.fault("load.least", "%s is more than the most, %s: want it the other way round",
			rule.Least, rule.Most)
	}
	c.tariff.Load = rule
}
