package sale

import (
	"cmp"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// Loaded is a load: the card before it and after, and the receipt. The loading device keeps it
// while it may have to take the load back.
type Loaded struct {
	Sale          Sale
	Before, After cardlayout.Card
	Receipt       Lines
}

// LoadValue is SellValue without the receipt.
func LoadValue(card cardlayout.Card, s Sale, t *fare.Tariff, amount cardlayout.Cents) (
	cardlayout.Card, error,
) {
	l, err := SellValue(card, s, t, amount)
	return l.After, err
}

// LoadSeason is SellSeason without the receipt.
func LoadSeason(
	card cardlayout.Card, s Sale, t *fare.Tariff, product uint16, zones cardlayout.Zones,
) (cardlayout.Card, error) {
	l, err := SellSeason(card, s, t, SeasonOrder{Product: product, Zones: zones})
	return l.After, err
}

// SellValue adds an amount to the purse. After an error, a *Refusal if it is refused, the card is
// as it was.
func SellValue(card cardlayout.Card, s Sale, t *fare.Tariff, amount cardlayout.Cents) (
	Loaded, error,
) {
	l := newLoad(card, s, t, &t.Terms.Value, fare.Say("loading %v €", amount))
	if err := l.checkValue(amount); err != nil {
		return l.unchanged(), err
	}
	receipt := l.receipt(ValueItem, 0, amount)
	if err := l.checkFunding(receipt); err != nil {
		return l.unchanged(), err
	}
	return l.complete(l.withValue(amount), receipt)
}

// withValue is the card with an amount added to its purse.
func (l *loading) withValue(amount cardlayout.Cents) cardlayout.Card {
	after, s := l.card, &l.sale
	after.Purse += amount
	after.Funded = min(l.card.Funded, l.card.Purse) // funded value that was spent is gone
	if s.Funding.By != Unfunded {
		after.Funded += amount
	}
	after.ValueLoad = cardlayout.ValueLoad{
		At: l.tariff.Local(s.At), Amount: amount, Organisation: s.Organisation, Device: s.Device,
	}
	return after
}

// A SeasonOrder names the season to load.
type SeasonOrder struct {
	Product uint16
	Zones   cardlayout.Zones
	Days    uint16 // of a product sold by the day; otherwise 0
}

// SellSeason puts a season on the card, behind one that is there. It starts at its first
// validation. After an error, a *Refusal if it is refused, the card is as it was.
func SellSeason(card cardlayout.Card, s Sale, t *fare.Tariff, o SeasonOrder) (Loaded, error) {
	l := newLoad(card, s, t, t.Terms.SaleRule(o.Product),
		fare.Say("loading season %d for zones %v", o.Product, o.Zones))
	if err := l.checkCard(); err != nil {
		return l.unchanged(), err
	}
	season, receipt, err := l.season(o)
	if err != nil {
		return l.unchanged(), err
	}
	last := &l.card.SeasonLoad
	alike := last.Loaded && last.Product == season.Product && last.Days == season.Days
	if err := l.checkDuplicate(alike, last.At, last.Organisation, last.Device); err != nil {
		return l.unchanged(), err
	}
	after, err := l.withSeason(season)
	if err != nil {
		return l.unchanged(), err
	}
	return l.complete(after, receipt)
}

// withSeason is the card with a season added.
func (l *loading) withSeason(season cardlayout.Season) (after cardlayout.Card, err error) {
	after = l.card
	if after.Seasons, err = l.enqueue(season); err != nil {
		return l.card, err
	}
	after.SeasonLoad = cardlayout.SeasonLoad{
		Product: season.Product, At: l.tariff.Local(l.sale.At), Days: season.Days,
		Price: season.Price, Organisation: l.sale.Organisation, Device: l.sale.Device,
		Loaded: true,
	}
	return after, nil
}

// A loading is a load under examination.
type loading struct {
	request
	card cardlayout.Card
	sale Sale
	rule *fare.SaleRule
}

func newLoad(card cardlayout.Card, s Sale, t *fare.Tariff, rule *fare.SaleRule, asked fare.Phrase,
) *loading {
	return &loading{request: request{t, asked}, card: card, sale: s, rule: rule}
}

func (l *loading) unchanged() Loaded {
	return Loaded{Sale: l.sale, Before: l.card, After: l.card}
}

// checkCard refuses a card that takes no load at all. A bearer card cannot be blocked, whatever
// it says.
func (l *loading) checkCard() error {
	c := &l.card
	switch {
	case c.Area != l.tariff.Area:
		return l.refuse(fare.RuleOneArea, "load it where its own area's tickets are sold",
			"the card belongs to area %d, not to area %d", c.Area, l.tariff.Area)
	case c.Blocked && c.Kind != cardlayout.Bearer:
		return l.refuse(fare.RuleBlockedCard, "send its owner to the service point",
			"the card is blocked")
	case l.expired():
		return l.refuse(fare.RuleCardLifetime,
			"sell a new card; the service point moves the value to it",
			"the card could be used until %v", c.ValidUntil)
	}
	return nil
}

func (l *loading) expired() bool {
	return l.card.ValidUntil != 0 && l.card.ValidUntil < l.day() && !l.sale.Certainty.Unknown
}

// checkValue refuses an amount for any payer.
func (l *loading) checkValue(amount cardlayout.Cents) error {
	last := &l.card.ValueLoad
	return cmp.Or(l.checkCard(), l.checkAmount(amount), l.checkChannel(), l.checkGroup(),
		l.checkDuplicate(last.Amount == amount, last.At, last.Organisation, last.Device))
}

// checkDuplicate refuses a load that the same seller made on the card a moment ago, perhaps with
// a device that got no answer: one payment is one load. A seller who was paid twice says so.
func (l *loading) checkDuplicate(
	alike bool, at cardlayout.Stamp, organisation, device uint16,
) error {
	if !alike || l.sale.Again || organisation != l.sale.Organisation ||
		!l.tariff.Near(at, l.sale.At, duplicateWindow) {
		return nil
	}
	return l.refuse(0, "compare its value and seasons with the receipt, and ask again only if the "+
		"customer pays once more", "the card has had just that load at %s, by device %d",
		at.Clock(), device)
}

// duplicateWindow is how long before or after the sale an equal load counts as the same one: the
// clocks of two devices differ.
const duplicateWindow = 10 * time.Minute

func (l *loading) checkAmount(amount cardlayout.Cents) error {
	rule := l.tariff.Load
	switch {
	case amount <= 0:
		return l.refuse(fare.RuleLoading, "ask for an amount of money",
			"that adds nothing to the purse")
	case amount < rule.Least:
		return l.refuse(fare.RulePriceList, "ask for more",
			"the least that may be loaded is %v €", rule.Least)
	case rule.Most != 0 && amount > rule.Most:
		return l.refuse(fare.RulePriceList, "ask for less",
			"the most that may be loaded is %v €", rule.Most)
	case l.sale.Channel == fare.OnBoard && rule.BusMultiple != 0 && amount%rule.BusMultiple != 0:
		return l.refuse(fare.RuleLoading, "round the amount, or load it at a sales point",
			"a bus loads only multiples of %v €", rule.BusMultiple)
	case amount > cardlayout.MaxPurse-l.card.Purse:
		return l.refuse(0, "load less, or travel first",
			"the purse already holds %v € of at most %v €", l.card.Purse, cardlayout.MaxPurse)
	case l.sale.Funding.By != Unfunded && amount > maxFunded-min(l.card.Funded, l.card.Purse):
		return l.refuse(0, "load less, or travel first",
			"a card keeps apart at most %v € that an employer has paid", maxFunded)
	}
	return nil
}

// maxFunded is the most funded value that the card can record (cardlayout, file 6: 16 bits).
const maxFunded cardlayout.Cents = 1<<16 - 1

// complete closes a load.
func (l *loading) complete(after cardlayout.Card, receipt Lines) (Loaded, error) {
	after, err := l.countTransaction(after)
	if err != nil {
		return l.unchanged(), err
	}
	return Loaded{Sale: l.sale, Before: l.card, After: after, Receipt: receipt}, nil
}

// countTransaction counts the load as a transaction of the card. A field out of range, such as the
// seller's number, is a plain error and no refusal: the customer can do nothing about it.
func (l *loading) countTransaction(after cardlayout.Card) (cardlayout.Card, error) {
	const mostTransactions = 1<<24 - 1
	if after.Counter >= mostTransactions {
		return l.card, l.refuse(0, "give the customer a new card",
			"the card has counted all the transactions it can")
	}
	after.Counter++
	if err := after.Check(); err != nil {
		return l.card, fmt.Errorf("%v: %w", l.what, err)
	}
	return after, nil
}

func (l *loading) day() cardlayout.Day { return l.tariff.ServiceDay(l.sale.At) }

// certainDay is the last day that has surely come; 0 if none.
func (l *loading) certainDay() cardlayout.Day {
	return l.sale.Certainty.CertainDay(l.tariff, l.day())
}
