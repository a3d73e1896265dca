package tariff

import "leima/fare"

// company compiles which children travel free beside somebody else.
func (c *compiler) company() {
	a := c.doc.Company
	if a == nil {
		return
	}
	const mostFree = 10
	c.provenance("accompanied", a.provenance)
	c.tariff.Company.Free = uint8(c.number("accompanied.free", a.Free, 0, mostFree))
	pram := a.Pram
	if pram == nil {
		return
	}
	c.provenance("accompanied.pram", pram.provenance)
	c.tariff.Company.PramFree = uint8(c.number("accompanied.pram.free", pram.Free, 0, mostFree))
	c.tariff.Company.PramDays = c.kindsOfDay("accompanied.pram.days", pram.Days)
	c.tariff.Company.PramHours = fare.Hours{}
	if pram.Hours != "" {
		c.tariff.Company.PramHours = c.hours("accompanied.pram.hours", pram.Hours)
	}
}
