package fare

import "leima/cardlayout"

// group is the customer group the load is sold to: the card's, or in a web shop that
// goes by its accounts the account's.
func (l *load) group() cardlayout.Group {
	account := l.sale.Customer.Account
	if l.byAccount() {
		return account
	}
	return l.card.Group
}

func (l *load) byAccount() bool {
	return l.tariff.Office.AccountCounts && l.sale.Channel == WebShop &&
		l.sale.Customer.Account != 0
}

// channelRefused tells whether the product is not loaded here.
func (l *load) channelRefused() error {
	if l.commission() != NoPrice {
		return nil
	}
	return l.refuse(61, "load it at "+l.elsewhere(),
		"this product is not loaded at a %v", l.sale.Channel)
}

// elsewhere names the first channel that loads the product.
func (l *load) elsewhere() string {
	for channel := ServicePoint; channel < Channels; channel++ {
		if l.rule.Commission[channel] != NoPrice {
			return "a " + channel.String()
		}
	}
	return "no place: the tariff sells it nowhere"
}

// groupRefused tells whether the card has a group that only personal cards may have.
func (l *load) groupRefused() error {
	return l.personalGroup(l.card.Kind, l.card.Group)
}

func (a *asking) personalGroup(k cardlayout.Kind, g cardlayout.Group) error {
	if k == cardlayout.Personal || g >= cardlayout.Groups || !a.tariff.Office.PersonalGroups[g] {
		return nil
	}
	rule := RuleID(153)
	if g == cardlayout.Student {
		rule = 147
	}
	return a.refuse(rule, "use the customer's own personal card",
		"the group %v is for personal cards and this is a %v card", g, k)
}

// trueGroup is the group that the seller saw, or where nobody looked what the holder's age
// says of a personal card in an area that charges by it.
func (l *load) trueGroup() cardlayout.Group {
	if seen := l.sale.Customer.Group; seen != 0 {
		return seen
	}
	return l.tariff.TrueGroup(&l.card, l.day())
}

// updateRefused tells whether the card's group must be put right before it takes a
// season. Value it takes all the same. So it is with who has grown out of the card's
// group, or studies no more; whoever is entitled to a lower price by now and does not ask for
// it, as an adult of 65, buys what the card's group buys.
func (l *load) updateRefused() error {
	stored, truly := l.card.Group, l.trueGroup()
	ended := stored == cardlayout.Student && l.card.StudentUntil != 0 &&
		l.card.StudentUntil < l.day()
	switch {
	case !l.tariff.Office.UpdateFirst || l.byAccount():
		return nil
	case stored == cardlayout.Student && (ended || truly != stored):
		return l.refuse(74, "send the customer to the service point to have the group changed",
			"the right to the student's price has ended")
	case outgrown(stored, truly):
		return l.refuse(71, "send the customer to the service point to have the group changed",
			"the card says %v and its holder is %v", stored, truly)
	}
	return nil
}

// outgrown tells whether somebody is no child any more, or not young.
func outgrown(stored, truly cardlayout.Group) bool {
	switch stored {
	case cardlayout.Child:
		return truly != cardlayout.Child
	case cardlayout.Youth:
		return truly != cardlayout.Youth && truly != cardlayout.Child
	}
	return false
}

// entitlementRefused tells whether the customer lacks what the product asks for.
func (l *load) entitlementRefused(product uint16) error {
	switch l.rule.Entitlement {
	case StudentRight:
		if l.byAccount() && l.group() == cardlayout.Student {
			return nil // the shop has seen the right
		}
		if l.card.Group != cardlayout.Student || l.card.StudentUntil < l.day() {
			return l.refuse(146, "send the customer to the service point with the certificate",
				"no right to the student's price is on the card")
		}
	case ByCertificate:
		if l.had(product) || l.sale.Channel == ServicePoint && l.sale.Customer.Certificate {
			return nil
		}
		return l.refuse(152, "send the customer to the service point with the purchase certificate",
			"the first of these seasons is sold there, against the certificate")
	}
	return nil
}

// had tells whether the card says that it has had the product before.
func (l *load) had(product uint16) bool {
	c := &l.card
	return c.SeasonLoad.Loaded && c.SeasonLoad.Product == product ||
		c.Seasons[0].Days != 0 && c.Seasons[0].Product == product ||
		c.Seasons[1].Days != 0 && c.Seasons[1].Product == product
}

// lengthRefused tells whether the days asked for are none that are sold.
func (l *load) lengthRefused(days uint16) error {
	least, most := l.rule.LeastDays, l.rule.MostDays
	switch {
	case most == 0 && days != 0:
		return l.refuse(24, "ask for it without a number of days", "it has a length of its own")
	case most != 0 && (days < least || days > most):
		return l.refuse(24, "ask for a number between",
			"it is sold for %d to %d days and not for %d", least, most, days)
	}
	return nil
}

// ChangeGroup puts another customer group on a card at the service point. The
// group of a bearer card never changes.
func ChangeGroup(card cardlayout.Card, to cardlayout.Group, s Sale, t *Tariff) (
	cardlayout.Card, error,
) {
	l := &load{asking: asking{t, "changing the group to " + to.String()}, card: card, sale: s}
	if err := l.changeRefused(to); err != nil {
		return card, err
	}
	after := card
	after.Group = to
	if to != cardlayout.Student {
		after.StudentUntil = 0
	}
	return l.count(after)
}

func (l *load) changeRefused(to cardlayout.Group) error {
	truly := l.sale.Customer.Group
	if err := l.cardRefused(); err != nil {
		return err
	}
	switch {
	case to == 0 || to >= cardlayout.Groups:
		return l.refuse(17, "choose a group of the tariff", "there is no such group")
	case l.sale.Channel != ServicePoint:
		return l.refuse(17, "send the customer to the service point",
			"a %v does not change groups", l.sale.Channel)
	}
	if err := l.personalGroup(l.card.Kind, to); err != nil {
		return err
	}
	switch {
	case l.card.Kind != cardlayout.Personal:
		return l.refuse(16, "sell a new card of that group", "the group of a %v card never changes",
			l.card.Kind)
	case truly != 0 && truly != to:
		return l.refuse(17, "choose the group the customer belongs to",
			"the customer is %v", truly)
	}
	return nil
}
