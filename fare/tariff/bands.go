package tariff

import (
	"fmt"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// bands compiles the bands of a ticket and returns the groups whose prices are all in bands. No two
// bands may differ about the same time, and every time has a price.
func (c *compiler) bands(path string, all []band) (bands []fare.Band, banded fare.GroupSet) {
	path = join(path, "band")
	for n, b := range all {
		bands = append(bands, c.band(element(path, n), b))
		for m := range n {
			c.checkOverlap(path, bands, m, n)
		}
	}
	for _, key := range sorted(c.declared) {
		group := c.declared[key]
		if !priced(bands, group) {
			continue
		}
		banded = banded.With(group)
		if c.hasRow(path, key) {
			continue
		}
		if gap := c.gap(bands, group); gap != "" {
			c.fault(parent(path), "no price for %s %s: want a row for %s in [%s.prices], or a "+
				"band that holds then", key, gap, key, parent(path))
		}
	}
	return bands, banded
}

// hasRow reports whether a group has prices outside the bands.
func (c *compiler) hasRow(path, key string) bool {
	_, known := c.lines[join(parent(path), "prices."+key)]
	return known
}

func priced(bands []fare.Band, group cardlayout.Group) bool {
	for n := range bands {
		if bands[n].Groups.Has(group) {
			return true
		}
	}
	return false
}

func (c *compiler) band(path string, b band) fare.Band {
	c.provenance(path, b.provenance)
	band := fare.Band{
		Name: c.name(join(path, "name"), b.Name),
		Days: c.kindsOfDay(join(path, "days"), b.Days),
	}
	if b.Hours != "" {
		band.Hours = c.hours(join(path, "hours"), b.Hours)
	}
	if b.Dates != "" {
		span := c.span(join(path, "dates"), b.Dates)
		band.First, band.Last = span.First, span.Last
	}
	for _, key := range sorted(b.Prices) {
		if group, declared := c.declared[key]; declared {
			band.Groups = band.Groups.With(group)
		}
	}
	band.Prices = c.pricesBut(^band.Groups, path, b.rows, cardlayout.MaxFare)
	if b.Supplement != "" {
		band.Supplement, band.Percent = c.supplement(join(path, "supplement"), b.Supplement)
	}
	if b.Supplement == "" && len(b.Prices) == 0 {
		c.fault(path, "the band changes nothing: want rows of prices, or a supplement")
	}
	return band
}

// supplement reads "1.00", or "100%" of the price.
func (c *compiler) supplement(path string, text value) (cardlayout.Cents, uint16) {
	if percent, relative := strings.CutSuffix(string(text), "%"); relative {
		return 0, uint16(c.number(path, value(percent), 1, 1000))
	}
	return max(0, c.cents(path, text, 1, cardlayout.MaxFare)), 0
}

// kindsOfDay reads the days of a band; without any, daily.
func (c *compiler) kindsOfDay(path string, words []value) (set fare.DayKindSet) {
	for n, text := range words {
		kind, known := kindNamed(text)
		if !known {
			c.fault(element(path, n), "%q is no kind of day: want %s", text, kindList())
			continue
		}
		if set.Has(kind) {
			c.fault(element(path, n), "%s stands here twice: take one away", kind)
		}
		set |= fare.KindsOfDay(kind)
	}
	if len(words) == 0 {
		return fare.Daily
	}
	return set
}

func kindNamed(text value) (fare.DayKind, bool) {
	for kind := range fare.DayKind(fare.DayKinds) {
		if kind.String() == string(text) {
			return kind, true
		}
	}
	return 0, false
}

func kindList() string {
	var names []string
	for kind := range fare.DayKind(fare.DayKinds) {
		names = append(names, kind.String())
	}
	return strings.Join(names, ", ")
}

const minutesOfDay = 24 * 60

// hours reads "09:00-14:00"; they may pass midnight.
func (c *compiler) hours(path string, text value) fare.Hours {
	first, last, _ := strings.Cut(string(text), "-")
	from, ok := minuteOf(first)
	to, ok2 := minuteOf(last)
	if !ok || !ok2 || from == to || from == minutesOfDay {
		c.fault(path, `%q: want two times of the day, for example "09:00-14:00", `+
			`"23:00-04:00" or "17:30-24:00"`, text)
	}
	return fare.Hours{From: from, To: to}
}

// minuteOf reads a time of day, in minutes after midnight; 24:00 is the day's end.
func minuteOf(text string) (uint16, bool) {
	if text == "24:00" {
		return minutesOfDay, true
	}
	at, err := time.Parse("15:04", text)
	return uint16(at.Hour()*60 + at.Minute()), err == nil && len(text) == len("15:04")
}

// checkOverlap finds a time about which two bands differ. A campaign goes before an everyday band,
// so only bands of the same sort are compared.
func (c *compiler) checkOverlap(path string, bands []fare.Band, earlier, later int) {
	a, b := &bands[earlier], &bands[later]
	group, both := cardlayout.Group(0), a.Groups&b.Groups
	for g := cardlayout.Adult; g < cardlayout.Groups && group == 0; g++ {
		if both.Has(g) {
			group = g
		}
	}
	supplements := (a.Supplement > 0 || a.Percent > 0) && (b.Supplement > 0 || b.Percent > 0)
	if a.Days&b.Days == 0 || group == 0 && !supplements || !sameDates(a, b) {
		return
	}
	for minute := range uint16(minutesOfDay) {
		if inHours(a.Hours, minute) && inHours(b.Hours, minute) {
			what := "a supplement"
			if group != 0 {
				what = "a price for " + group.String()
			}
			c.fault(element(path, later), "%s at %s stands in the band of line %d already: "+
				"want hours, days or dates that do not overlap", what, clockOf(minute),
				c.line(element(path, earlier)))
			return
		}
	}
}

// sameDates reports whether two bands are both everyday bands, or campaigns with a common day.
func sameDates(a, b *fare.Band) bool {
	if a.First == 0 || b.First == 0 {
		return a.First == b.First
	}
	return a.First <= b.Last && b.First <= a.Last
}

func inHours(h fare.Hours, minute uint16) bool {
	switch {
	case h.From < h.To:
		return h.From <= minute && minute < h.To
	case h.From > h.To:
		return h.From <= minute || minute < h.To
	}
	return true
}

// gap finds a time for which no everyday band has a price for a group; "" if none.
func (c *compiler) gap(bands []fare.Band, group cardlayout.Group) string {
	for kind := range fare.DayKind(fare.DayKinds) {
		for minute := range uint16(minutesOfDay) {
			found := false
			for n := range bands {
				b := &bands[n]
				found = found || b.First == 0 && b.Groups.Has(group) && b.Days.Has(kind) &&
					inHours(b.Hours, minute)
			}
			if !found {
				return fmt.Sprintf("on a %s at %s", kind, clockOf(minute))
			}
		}
	}
	return ""
}

func clockOf(minute uint16) string { return cardlayout.Stamp{Minute: minute}.Clock() }
