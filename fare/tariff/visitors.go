package tariff

import "leima/cardlayout"

// visitors gives every customer group without rows in the file the value prices of one that has
// rows: a card of another area is accepted whatever its group.
func (c *compiler) visitors() {
	if c.doc.Groups == nil || len(c.declared) == 0 {
		return
	}
	pay := map[string]value{}
	if as := c.doc.Groups.As; as != nil {
		c.provenance("groups.as", as.provenance)
		pay = as.Pay
	}
	for _, key := range sorted(pay) {
		if _, err := cardlayout.ParseGroup(key); err != nil {
			c.fault("groups.as.pay."+key, "%v", err)
		}
	}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		key := group.String()
		like, known := c.declared[string(pay[key])]
		_, declared := c.declared[key]
		switch {
		case declared && pay[key] != "":
			c.fault("groups.as.pay."+key, "%s has prices of its own: take the line away", key)
		case declared:
		case pay[key] == "":
			c.fault("groups", "nothing says what cards of group %s pay: want a line of "+
				"[groups.as.pay], for example %s = \"adult\"", key, key)
		case !known:
			c.fault("groups.as.pay."+key, "%q is no customer group of this file: want %s",
				pay[key], c.groupList())
		default:
			c.tariff.PaysAs[group] = like
		}
	}
}
