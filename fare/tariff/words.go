package tariff

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// noValue stands for a price or time that is left out on purpose.
const noValue value = "-"

// provenance checks that a table names the source of its figures.
func (c *compiler) provenance(path string, p provenance) {
	switch {
	case p.Source == "" && p.Assumed == "":
		c.fault(path, `the figures have no source: want source = "public page, year", `+
			`or assumed = "why" for our own`)
	case p.Source != "" && p.Assumed != "":
		c.fault(join(path, "assumed"), "figures are either published or assumed: "+
			"want two tables, or one of the two")
	}
}

// name checks that a thing has a name in all languages and returns the Finnish one.
func (c *compiler) name(path string, n names) string {
	if n.Finnish == "" || n.Swedish == "" || n.English == "" {
		c.fault(path, `a name is missing: want { fi = "…", sv = "…", en = "…" }`)
	}
	return string(n.Finnish)
}

// number reads a whole number; 0 after a fault.
func (c *compiler) number(path string, text value, least, most int) int {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < least || n > most {
		c.fault(path, "%q: want a whole number from %d to %d", text, least, most)
		return 0
	}
	return n
}

// cents reads an amount of at most most. An amount left out on purpose is NoPrice.
func (c *compiler) cents(path string, text value, least, most cardlayout.Cents) cardlayout.Cents {
	if text == noValue {
		return fare.NoPrice
	}
	amount, err := cardlayout.ParseCents(string(text))
	switch {
	case err != nil:
		c.fault(path, "%v", err)
	case amount < least:
		c.fault(path, "%s is too low: want %s or more", amount, least)
	case amount > most:
		c.fault(path, "%s is too high: want %s or less, which is what the card can hold",
			amount, most)
	default:
		return amount
	}
	return fare.NoPrice
}

// instant reads a local time that exists exactly once.
func (c *compiler) instant(path string, text value, location *time.Location) time.Time {
	stamp, err := cardlayout.ParseStamp(string(text))
	if err != nil {
		c.fault(path, `%q: want the first local minute of validity, `+
			`for example "2025-01-01T00:00"`, text)
		return time.Time{}
	}
	year, month, day := stamp.Day.Date()
	at := time.Date(year, month, day, 0, int(stamp.Minute), 0, 0, location)
	switch stamp {
	case cardlayout.StampOf(at.Add(-time.Hour)), cardlayout.StampOf(at.Add(time.Hour)):
		c.fault(path, "%s comes twice that night: want a time outside the change of clocks",
			text)
	case cardlayout.StampOf(at):
	default:
		c.fault(path, "%s does not exist that night: want a time outside the change of clocks",
			text)
	}
	return at
}

// minutes reads a time such as 90m or 2h.
func (c *compiler) minutes(path string, text value) uint16 {
	length, err := time.ParseDuration(string(text))
	if err != nil || length%time.Minute != 0 || length < time.Minute || length >= 24*time.Hour {
		c.fault(path, `%q: want whole minutes from "1m" to "1439m", `+
			`for example "90m" or "2h"`, text)
		return 0
	}
	return uint16(length / time.Minute)
}

// stated reads the value of a rule; "" after a fault.
func (c *compiler) stated(path string, r rule[value]) value {
	if r == (rule[value]{}) {
		c.fault(path, `missing: want is = "…" and where it comes from`)
		return ""
	}
	c.provenance(path, r.provenance)
	if r.Is == "" {
		c.fault(path, `it says nothing: want is = "…"`)
	}
	return r.Is
}

func (c *compiler) again(path string, r rule[value]) time.Duration {
	text := c.stated(path, r)
	if text == "" {
		return 0
	}
	return time.Duration(c.minutes(join(path, "is"), text)) * time.Minute
}

// clock reads the start of a service day, in minutes after midnight. A start after noon would put
// most mornings into the day before.
func (c *compiler) clock(path string, r rule[value]) uint16 {
	text := c.stated(path, r)
	if text == "" {
		return 0
	}
	at, err := time.Parse("15:04", string(text))
	if err != nil || at.Hour() >= 12 {
		c.fault(join(path, "is"), `%q: want a time before noon, for example "04:30"`, text)
	}
	return uint16(at.Hour()*60 + at.Minute())
}

// choice reads one of two words and reports whether it is the second.
func (c *compiler) choice(path string, r rule[value], first, second value) bool {
	text := c.stated(path, r)
	return text != "" && c.either(join(path, "is"), text, first, second)
}

func (c *compiler) either(path string, text, first, second value) bool {
	if text != first && text != second {
		c.fault(path, "%q: want %q or %q", text, first, second)
	}
	return text == second
}

// run reads a run of zones as people write it: A, AB, ABC or A-C.
func (c *compiler) run(path, text string) cardlayout.Zones {
	ends := text
	if n := len(text); n > 1 && strings.Contains("ABCDEFGHIJ", text) {
		ends = text[:1] + "-" + text[n-1:]
	}
	zones, err := cardlayout.ParseZones(ends)
	switch {
	case err != nil || zones == 0:
		c.fault(path, `zones %q: want neighbouring zones, for example A, AB or A-C`, text)
		return 0
	case int(zones.Last()) > c.zones:
		c.fault(path, "zones %s: the area has %d, A to %s", zones, c.zones,
			cardlayout.ZoneRun(uint8(c.zones), uint8(c.zones)))
		return 0
	}
	return zones
}

func element(path string, n int) string { return fmt.Sprintf("%s[%d]", path, n) }
