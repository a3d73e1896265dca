package fare

import (
	"cmp"
	"fmt"

	"leima/cardlayout"
)

// Loaded is a load that was done: the card before and as it should become, and the
// receipt. The device that loaded keeps it for as long as it may have to take the load
// back.
type Loaded struct {
	Sale          Sale
	Before, After cardlayout.Card
	Receipt       Lines
}

// LoadValue is SellValue for who needs no receipt.
func LoadValue(card cardlayout.Card, s Sale, t *Tariff, amount cardlayout.Cents) (
	cardlayout.Card, error,
) {
	l, err := SellValue(card, s, t, amount)
	return l.After, err
}

// LoadSeason is SellSeason for who needs no receipt.
func LoadSeason(
	card cardlayout.Card, s Sale, t *Tariff, product uint16, zones cardlayout.Zones,
) (cardlayout.Card, error) {
	l, err := SellSeason(card, s, t, SeasonOrder{Product: product, Zones: zones})
	return l.After, err
}

// SellValue adds an amount to the purse. After an error, a *Refusal for every refusal,
// the card is as it was.
func SellValue(card cardlayout.Card, s Sale, t *Tariff, amount cardlayout.Cents) (Loaded, error) {
	l := newLoad(card, s, t, &t.Office.Value, euros(amount))
	if err := l.valueRefused(amount); err != nil {
		return l.asItWas(), err
	}
	receipt := l.receipt(ValueItem, 0, amount)
	if err := l.fundingRefused(receipt); err != nil {
		return l.asItWas(), err
	}
	return l.done(l.withValue(amount), receipt)
}

// withValue is the card with an amount more in its purse.
func (l *load) withValue(amount cardlayout.Cents) cardlayout.Card {
	after, s := l.card, &l.sale
	after.Purse += amount
	after.Kept = min(l.card.Kept, l.card.Purse) // what was spent is kept no more
	if s.Funding.By != Nobody {
		after.Kept += amount
	}
	after.ValueLoad = cardlayout.ValueLoad{
		At: l.tariff.Local(s.At), Amount: amount, Organisation: s.Organisation, Device: s.Device,
	}
	return after
}

// A SeasonOrder is the season that is asked for.
type SeasonOrder struct {
	Product uint16
	Zones   cardlayout.Zones
	Days    uint16 // of a product sold by the day; otherwise 0
}

// SellSeason puts a season on the card. It starts at its first validation,
// behind the one that is there. After an error, a *Refusal for every refusal,
// the card is as it was.
func SellSeason(card cardlayout.Card, s Sale, t *Tariff, o SeasonOrder) (Loaded, error) {
	l := newLoad(card, s, t, t.Office.SaleRule(o.Product),
		fmt.Sprintf("season %d for zones %v", o.Product, o.Zones))
	if err := l.cardRefused(); err != nil {
		return l.asItWas(), err
	}
	season, receipt, err := l.season(o)
	if err != nil {
		return l.asItWas(), err
	}
	last := &l.card.SeasonLoad
	alike := last.Loaded && last.Product == season.Product && last.Days == season.Days
	if err := l.doneRefused(alike, last.At, last.Organisation, last.Device); err != nil {
		return l.asItWas(), err
	}
	after, err := l.withSeason(season)
	if err != nil {
		return l.asItWas(), err
	}
	return l.done(after, receipt)
}

// withSeason is the card with a season more, in its place.
func (l *load) withSeason(season cardlayout.Season) (after cardlayout.Card, err error) {
	after = l.card
	if after.Seasons, err = l.queue(season); err != nil {
		return l.card, err
	}
	after.SeasonLoad = cardlayout.SeasonLoad{
		Product: season.Product, At: l.tariff.Local(l.sale.At), Days: season.Days,
		Price: season.Price, Organisation: l.sale.Organisation, Device: l.sale.Device,
		Loaded: true,
	}
	return after, nil
}

// A load is one load being judged.
type load struct {
	asking
	card cardlayout.Card
	sale Sale
	rule *SaleRule
}

func newLoad(card cardlayout.Card, s Sale, t *Tariff, rule *SaleRule, what string) *load {
	return &load{asking: asking{t, "loading " + what}, card: card, sale: s, rule: rule}
}

func (l *load) asItWas() Loaded {
	return Loaded{Sale: l.sale, Before: l.card, After: l.card}
}

// cardRefused tells whether nothing at all may be loaded on the card. A bearer card
// cannot be blocked, whatever it says.
func (l *load) cardRefused() error {
	c := &l.card
	switch {
	case c.Area != l.tariff.Area:
		return l.refuse(27, "load it where its own area's tickets are sold",
			"the card belongs to area %d, not to area %d", c.Area, l.tariff.Area)
	case c.Blocked && c.Kind != cardlayout.Bearer:
		return l.refuse(103, "send its owner to the service point", "the card is blocked")
	case l.pastItsLife():
		return l.refuse(32, "sell a new card; the service point moves the value to it",
			"the card could be used until %v", c.ValidUntil)
	}
	return nil
}

func (l *load) pastItsLife() bool {
	return l.card.ValidUntil != 0 && l.card.ValidUntil < l.day() && !l.sale.Unsure
}

// valueRefused tells whether the amount may not be loaded, whoever pays.
func (l *load) valueRefused(amount cardlayout.Cents) error {
	last := &l.card.ValueLoad
	return cmp.Or(l.cardRefused(), l.amountRefused(amount), l.channelRefused(), l.groupRefused(),
		l.doneRefused(last.Amount == amount, last.At, last.Organisation, last.Device))
}

// doneRefused tells whether the card has had the same load of the same seller a moment ago,
// perhaps by a device that never heard of it: one payment is one load. Who is paid twice says
// so.
func (l *load) doneRefused(alike bool, at cardlayout.Stamp, organisation, device uint16) error {
	elapsed := l.tariff.Local(l.sale.At).Minutes() - at.Minutes()
	if !alike || l.sale.Again || organisation != l.sale.Organisation ||
		max(elapsed, -elapsed) > aMoment {
		return nil
	}
	return l.refuse(0, "compare its value and seasons with the receipt, and ask again only if the "+
		"customer pays once more", "the card has had just that load at %s, by device %d",
		at.Clock(), device)
}

// aMoment is how long, in minutes and to both sides, a load is taken for the one that is asked
// for: the clocks of two devices differ.
const aMoment = 10

func (l *load) amountRefused(amount cardlayout.Cents) error {
	rule := l.tariff.Load
	switch {
	case amount <= 0:
		return l.refuse(61, "ask for an amount of money", "that adds nothing to the purse")
	case amount < rule.Least:
		return l.refuse(4, "ask for more", "the least that may be loaded is %s", euros(rule.Least))
	case rule.Most != 0 && amount > rule.Most:
		return l.refuse(4, "ask for less", "the most that may be loaded is %s", euros(rule.Most))
	case l.sale.Channel == DriverDesk && rule.BusMultiple != 0 && amount%rule.BusMultiple != 0:
		return l.refuse(61, "round the amount, or load it at a sales point",
			"a bus loads only multiples of %s", euros(rule.BusMultiple))
	case amount > cardlayout.MaxPurse-l.card.Purse:
		return l.refuse(0, "load less, or travel first", "the purse already holds %s of at most %s",
			euros(l.card.Purse), euros(cardlayout.MaxPurse))
	case l.sale.Funding.By != Nobody && amount > mostKept-min(l.card.Kept, l.card.Purse):
		return l.refuse(0, "load less, or travel first",
			"a card keeps apart at most %s that an employer has paid", euros(mostKept))
	}
	return nil
}

// mostKept is what the card can keep apart of its purse (cardlayout, file 6: 16 bits).
const mostKept cardlayout.Cents = 1<<16 - 1

// done closes a load.
func (l *load) done(after cardlayout.Card, receipt Lines) (Loaded, error) {
	after, err := l.count(after)
	if err != nil {
		return l.asItWas(), err
	}
	return Loaded{Sale: l.sale, Before: l.card, After: after, Receipt: receipt}, nil
}

// count makes the load one of the card's transactions. What the card's fields
// cannot hold is an error here and no refusal: the seller's own numbers, for
// example, are nothing a customer could change.
func (l *load) count(after cardlayout.Card) (cardlayout.Card, error) {
	const mostTransactions = 1<<24 - 1
	if after.Counter >= mostTransactions {
		return l.card, l.refuse(0, "give the customer a new card",
			"the card has counted all the transactions it can")
	}
	after.Counter++
	if err := after.Check(); err != nil {
		return l.card, fmt.Errorf("%s: %w", l.asked, err)
	}
	return after, nil
}

func (l *load) day() cardlayout.Day { return l.tariff.ServiceDay(l.sale.At) }
