package tariff

import "leima/cardlayout"

// included compiles the zones that come free with others. A right for some zones includes the
// free ones; so does any wider right, also beyond the area's zones.
func (c *compiler) included() {
	if c.doc.Included == nil || c.zones == 0 {
		return
	}
	c.provenance("zones_included", c.doc.Included.provenance)
	for _, key := range sorted(c.doc.Included.With) {
		at := "zones_included.with." + key
		paid, free := c.run(at, key), c.run(at, string(c.doc.Included.With[key]))
		switch {
		case paid == 0 || free == 0:
			continue
		case paid.Cover(free):
			c.fault(at, "zones %s are paid for anyway: take them away", free)
		case paid.With(free).Count() > paid.Count()+free.Count():
			c.fault(at, "zones %s do not touch zones %s: want neighbours", free, paid)
		}
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			if zones.Cover(paid) {
				c.tariff.Included[zones] = c.tariff.Included[zones].With(zones).With(free)
			}
		}
	}
}
