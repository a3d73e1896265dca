package sale

import (
	"leima/cardlayout"
	"leima/fare"
)

// group is the customer group that buys: the card's, or in a web shop that goes by accounts the
// account's.
func (l *loading) group() cardlayout.Group {
	account := l.sale.Customer.Account
	if l.byAccount() {
		return account
	}
	return l.card.Group
}

func (l *loading) byAccount() bool {
	return l.tariff.Terms.AccountCounts && l.sale.Channel == fare.WebShop &&
		l.sale.Customer.Account != 0
}

// checkChannel refuses a product that is not loaded here.
func (l *loading) checkChannel() error {
	if l.commission() != fare.NoPrice {
		return nil
	}
	return l.refuseWith(fare.RuleLoading, l.otherChannel(),
		fare.Say("this product is not loaded at a %v", l.sale.Channel))
}

// otherChannel is the remedy: the first channel that loads the product.
func (l *loading) otherChannel() fare.Phrase {
	for channel := fare.ServicePoint; channel < fare.Channels; channel++ {
		if l.rule.Commission[channel] != fare.NoPrice {
			return fare.Say("load it at a %v", channel)
		}
	}
	return fare.Say("load it at no place: the tariff sells it nowhere")
}

// checkGroup refuses a card of a group that only personal cards may have.
func (l *loading) checkGroup() error {
	return l.checkPersonalGroup(l.card.Kind, l.card.Group)
}

func (a *request) checkPersonalGroup(k cardlayout.Kind, g cardlayout.Group) error {
	if k == cardlayout.Personal || g >= cardlayout.Groups || !a.tariff.Terms.PersonalGroups[g] {
		return nil
	}
	rule := fare.RuleSeniorHours
	if g == cardlayout.Student {
		rule = fare.RuleStudentValue
	}
	return a.refuse(rule, "use the customer's own personal card",
		"the group %v is for personal cards and this is a %v card", g, k)
}

// trueGroup is the group that the seller saw; otherwise by the holder's age on a personal card in
// an area that charges by age.
func (l *loading) trueGroup() cardlayout.Group {
	if seen := l.sale.Customer.Group; seen != 0 {
		return seen
	}
	return l.tariff.TrueGroup(&l.card, l.certainDay())
}

// checkUpdate refuses a season if the card's group must be updated first, because its holder has
// outgrown it or no longer studies. Value is loaded nevertheless. A holder who now has the
// right to a lower price and does not ask for it, such as an adult of 65, buys by the card's group
//
func (l *loading) checkUpdate() error {
	stored, truly := l.card.Group, l.trueGroup()
	ended := stored == cardlayout.Student && l.card.StudentUntil != 0 &&
		l.card.StudentUntil < l.certainDay()
	switch {
	case !l.tariff.Terms.UpdateFirst || l.byAccount():
		return nil
	case stored == cardlayout.Student && (ended || truly != stored):
		return l.refuse(fare.RuleStudiesEnded,
			"send the customer to the service point to have the group changed",
			"the right to the student's price has ended")
	case pastAgeGroup(stored, truly):
		return l.refuse(fare.RuleUpdateBeforeSeason,
			"send the customer to the service point to have the group changed",
			"the card says %v and its holder is %v", stored, truly)
	}
	return nil
}

// pastAgeGroup reports whether a holder is no longer a child, or no longer young.
func pastAgeGroup(stored, truly cardlayout.Group) bool {
	switch stored {
	case cardlayout.Child:
		return truly != cardlayout.Child
	case cardlayout.Youth:
		return truly != cardlayout.Youth && truly != cardlayout.Child
	}
	return false
}

// checkEntitlement refuses a customer without the product's entitlement.
func (l *loading) checkEntitlement(product uint16) error {
	switch l.rule.Entitlement {
	case fare.StudentRight:
		if l.byAccount() && l.group() == cardlayout.Student {
			return nil // the shop has seen the right
		}
		if l.card.Group != cardlayout.Student || l.card.StudentUntil < l.certainDay() {
			return l.refuse(fare.RuleFirstAtServicePoint,
				"send the customer to the service point with the certificate",
				"no right to the student's price is on the card")
		}
	case fare.ByCertificate:
		if l.hadProduct(product) || l.sale.Channel == fare.ServicePoint &&
			l.sale.Customer.Certificate {
			return nil
		}
		return l.refuse(fare.RuleKelaSeason,
			"send the customer to the service point with the purchase certificate",
			"the first of these seasons is sold there, against the certificate")
	}
	return nil
}

// hadProduct reports whether the card shows that it had the product before.
func (l *loading) hadProduct(product uint16) bool {
	c := &l.card
	return c.SeasonLoad.Loaded && c.SeasonLoad.Product == product ||
		c.Seasons[0].Days != 0 && c.Seasons[0].Product == product ||
		c.Seasons[1].Days != 0 && c.Seasons[1].Product == product
}

// checkLength refuses a number of days that is not sold.
func (l *loading) checkLength(days uint16) error {
	least, most := l.rule.LeastDays, l.rule.MostDays
	switch {
	case most == 0 && days != 0:
		return l.refuse(fare.RuleDayTicket, "ask for it without a number of days",
			"it has a length of its own")
	case most != 0 && (days < least || days > most):
		return l.refuse(fare.RuleDayTicket, "ask for a number between",
			"it is sold for %d to %d days and not for %d", least, most, days)
	}
	return nil
}

// ChangeGroup puts another customer group on a card at the service point. The
// group of a bearer card never changes.
func ChangeGroup(card cardlayout.Card, to cardlayout.Group, s Sale, t *fare.Tariff) (
	cardlayout.Card, error,
) {
	l := &loading{
		request: request{t, fare.Say("changing the group to %v", to)}, card: card,
		sale: s,
	}
	if err := l.checkChange(to); err != nil {
		return card, err
	}
	after := card
	after.Group = to
	if to != cardlayout.Student {
		after.StudentUntil = 0
	}
	return l.countTransaction(after)
}

func (l *loading) checkChange(to cardlayout.Group) error {
	truly := l.sale.Customer.Group
	if err := l.checkCard(); err != nil {
		return err
	}
	switch {
	case to == 0 || to >= cardlayout.Groups:
		return l.refuse(fare.RuleGroupUpdate, "choose a group of the tariff",
			"there is no such group")
	case l.sale.Channel != fare.ServicePoint:
		return l.refuse(fare.RuleGroupUpdate, "send the customer to the service point",
			"a %v does not change groups", l.sale.Channel)
	}
	if err := l.checkPersonalGroup(l.card.Kind, to); err != nil {
		return err
	}
	switch {
	case l.card.Kind != cardlayout.Personal:
		return l.refuse(fare.RuleBearerGroup, "sell a new card of that group",
			"the group of a %v card never changes", l.card.Kind)
	case truly != 0 && truly != to:
		return l.refuse(fare.RuleGroupUpdate, "choose the group the customer belongs to",
			"the customer is %v", truly)
	}
	return nil
}
