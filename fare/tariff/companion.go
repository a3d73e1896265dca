package tariff

import "leima/fare"

// companions compiles the children who travel free beside somebody else.
func (c *compiler) companions() {
	a := c.doc.Companions
	if a == nil {
		return
	}
	const mostFree = 10
	if a.Free != "" || a.Pram == nil || a.provenance != (provenance{}) {
		c.provenance("accompanied", a.provenance)
	}
	allowed := func(path string, text value) fare.Allowance {
		if text == "" {
			return 0
		}
		if most := c.number(path, text, 0, mostFree); most > 0 {
			return fare.Allowance(most)
		}
		return fare.NoneFree
	}
	c.tariff.Companions.Free = allowed("accompanied.free", a.Free)
	pram := a.Pram
	if pram == nil {
		return
	}
	c.provenance("accompanied.pram", pram.provenance)
	c.tariff.Companions.PramFree = allowed("accompanied.pram.free", pram.Free)
	c.tariff.Companions.PramDays = c.kindsOfDay("accompanied.pram.days", pram.Days)
	c.tariff.Companions.PramHours = fare.Hours{}
	if pram.Hours != "" {
		c.tariff.Companions.PramHours = c.hours("accompanied.pram.hours", pram.Hours)
	}
}
