package tariff

import (
	"strings"

	"leima/cardlayout"
	"leima/fare"
)

// ages compiles the groups' years of life. Every age is in exactly one group of age; a student's
// years only bound the right, and the special group has no age.
func (c *compiler) ages() {
	if c.doc.Groups == nil || c.doc.Groups.Ages == nil {
		return
	}
	c.provenance("groups.ages", c.doc.Groups.Ages.provenance)
	years, before := c.doc.Groups.Ages.Years, len(c.list)
	const path = "groups.ages.years"
	c.known(path, sorted(years))
	for _, key := range sorted(c.declared) {
		group, text := c.declared[key], years[key]
		at := join(path, key)
		switch {
		case group == cardlayout.Special && text != "":
			c.fault(at, "nobody becomes special with the years: take it away")
		case group == cardlayout.Special:
		case group == cardlayout.Student && text == "":
			c.tariff.Ages[group] = fare.Ages{To: fare.AnyAge}
		default:
			c.tariff.Ages[group] = c.years(at, text)
		}
	}
	if len(c.list) == before {
		c.everybodyOnce(path)
	}
}

// years reads "7-16", both included, or "65-" without an end.
func (c *compiler) years(path string, text value) fare.Ages {
	const oldest = 150
	first, last, found := strings.Cut(string(text), "-")
	if !found {
		c.fault(path, `%q: want years of life, for example "7-16" or "65-"`, text)
		return fare.Ages{}
	}
	ages := fare.Ages{From: uint8(c.number(path, value(first), 0, oldest)), To: fare.AnyAge}
	if last != "" {
		ages.To = uint8(c.number(path, value(last), max(1, int(ages.From)), oldest))
	}
	return ages
}

// everybodyOnce finds an age that is in no group of age, or in two.
func (c *compiler) everybodyOnce(path string) {
	for years := range fare.AnyAge {
		holder := ""
		for _, key := range sorted(c.declared) {
			group := c.declared[key]
			if group == cardlayout.Student || !c.tariff.Ages[group].Hold(years) {
				continue
			}
			if holder != "" {
				c.fault(join(path, key), "people of %d years stand in line %d already, as %s: "+
					"want years that do not overlap", years, c.line(join(path, holder)), holder)
				return
			}
			holder = key
		}
		if holder == "" {
			c.fault(path, "people of %d years belong to no group: want years without a gap, "+
				"from 0", years)
			return
		}
	}
}
