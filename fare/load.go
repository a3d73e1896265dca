package fare

import (
	"fmt"
	"time"

	"leima/cardlayout"
)

// A Sale is where and when something is loaded.
type Sale struct {
	At           time.Time
	Organisation uint16 // the seller, 14 bits
	Device       uint16 // 14 bits; 13 where a season is loaded
	OnBus        bool   // sold by the driver
}

// A LoadError says that a load is refused and the card stays as it is. Unlike a
// tap, a load has somebody at the counter who reads it.
type LoadError struct {
	Rule  RuleID // 0: no rule of travel, but the card itself has no room
	Asked string // what was to be loaded
	Why   string // why it is not
	Do    string // what to do instead
}

func (e *LoadError) Error() string {
	rule := ""
	if e.Rule != 0 {
		rule = fmt.Sprintf(" (%v)", e.Rule)
	}
	return fmt.Sprintf("loading %s: %s%s: %s", e.Asked, e.Why, rule, e.Do)
}

// LoadValue adds an amount to the purse. After an error, a *LoadError for every
// refusal, it returns the card as it was.
func LoadValue(card cardlayout.Card, s Sale, t *Tariff, amount cardlayout.Cents) (
	cardlayout.Card, error,
) {
	l := load{card: card, sale: s, tariff: t, asked: euros(amount)}
	if err := l.cardRefused(); err != nil {
		return card, err
	}
	if err := l.amountRefused(amount); err != nil {
		return card, err
	}
	after := card
	after.Purse += amount
	after.ValueLoad = cardlayout.ValueLoad{
		At: t.Local(s.At), Amount: amount, Organisation: s.Organisation, Device: s.Device,
	}
	return l.count(after)
}

// LoadSeason puts a season on the card. It starts at its first validation,
// behind the one that is there. After an error, a *LoadError for every
// refusal, it returns the card as it was.
func LoadSeason(
	card cardlayout.Card, s Sale, t *Tariff, product uint16, zones cardlayout.Zones,
) (cardlayout.Card, error) {
	l := load{card: card, sale: s, tariff: t,
		asked: fmt.Sprintf("season %d for zones %v", product, zones)}
	if err := l.cardRefused(); err != nil {
		return card, err
	}
	season, err := l.season(product, zones)
	if err != nil {
		return card, err
	}
	after := card
	if after.Seasons, err = l.queue(season); err != nil {
		return card, err
	}
	after.SeasonLoad = cardlayout.SeasonLoad{
		Product: product, At: t.Local(s.At), Days: season.Days, Price: season.Price,
		Organisation: s.Organisation, Device: s.Device, Loaded: true,
	}
	return l.count(after)
}

// A load is one load being judged.
type load struct {
	card   cardlayout.Card
	sale   Sale
	tariff *Tariff
	asked  string
}

func (l *load) refuse(rule RuleID, do, why string, args ...any) error {
	return &LoadError{Rule: rule, Asked: l.asked, Why: fmt.Sprintf(why, args...), Do: do}
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
	case c.ValidUntil != 0 && c.ValidUntil < l.day():
		return l.refuse(32, "sell a new card; the service point moves the value to it",
			"the card could be used until %v", c.ValidUntil)
	}
	return nil
}

func (l *load) amountRefused(amount cardlayout.Cents) error {
	rule := l.tariff.Load
	switch {
	case amount <= 0:
		return l.refuse(61, "ask for an amount of money", "that adds nothing to the purse")
	case amount < rule.Least:
		return l.refuse(4, "ask for more", "the least that may be loaded is %s", euros(rule.Least))
	case rule.Most != 0 && amount > rule.Most:
		return l.refuse(4, "ask for less", "the most that may be loaded is %s", euros(rule.Most))
	case l.sale.OnBus && rule.BusMultiple != 0 && amount%rule.BusMultiple != 0:
		return l.refuse(61, "round the amount, or load it at a sales point",
			"a bus loads only multiples of %s", euros(rule.BusMultiple))
	case amount > cardlayout.MaxPurse-l.card.Purse:
		return l.refuse(0, "load less, or travel first", "the purse already holds %s of at most %s",
			euros(l.card.Purse), euros(cardlayout.MaxPurse))
	}
	return nil
}

// season is the product as it will lie on the card, if the card may have it.
func (l *load) season(product uint16, zones cardlayout.Zones) (cardlayout.Season, error) {
	var none cardlayout.Season
	p, known := l.tariff.Season(product)
	if !known {
		return none, l.refuse(4, "choose one that tariff "+l.tariff.ID+" sells",
			"the tariff knows no such product")
	}
	if p.Personal && l.card.Kind != cardlayout.Personal {
		return none, l.refuse(11, "load it on the customer's own personal card",
			"it is for personal cards and this is a %v card", l.card.Kind)
	}
	price, sold := p.price(l.card.Group, zones)
	if !sold {
		return none, l.refuse(11, "choose other zones or another product",
			"it is not sold to the card's group, %v, for these zones", l.card.Group)
	}
	s := cardlayout.Season{
		Area: l.tariff.Area, Product: product, Zones: zones, Days: p.Days, Price: price,
	}
	if p.Personal {
		s.Terms = cardlayout.PersonalOnly
	}
	return s, nil
}

// price is what the season costs; ok is false where it is not sold.
func (p *SeasonProduct) price(group cardlayout.Group, zones cardlayout.Zones) (
	price cardlayout.Cents, ok bool,
) {
	if group == 0 || group >= cardlayout.Groups || zones == 0 || zones > cardlayout.MaxZones {
		return 0, false
	}
	price = p.Prices[group][zones]
	return price, price >= 0
}

// queue puts a season behind the one the card holds. One that waits moves to the
// first slot where the other is free, for the first slot starts first: the older
// season is used before the newer one, which may have another price to refund.
func (l *load) queue(next cardlayout.Season) ([2]cardlayout.Season, error) {
	slots := l.card.Seasons
	first, second := l.holds(&slots[0]), l.holds(&slots[1])
	switch {
	case first && second:
		return slots, l.refuse(47, "come back when the first has ended",
			"the card already holds a season and one that waits")
	case first && !alike(&slots[0], &next):
		return slots, l.otherKind(&slots[0])
	case second && !alike(&slots[1], &next):
		return slots, l.otherKind(&slots[1])
	case first:
		slots[1] = next
	case second && slots[1].First == 0:
		slots[0], slots[1] = slots[1], next
	default:
		slots[0] = next
	}
	return slots, nil
}

func (l *load) otherKind(held *cardlayout.Season) error {
	return l.refuse(47, "load the same again, or come back when that one has ended",
		"the card holds season %d for zones %v, and only another of that kind may wait behind it",
		held.Product, held.Zones)
}

// holds tells whether a slot is taken by a season that is or will be of use. One
// that has ended may be overwritten.
func (l *load) holds(s *cardlayout.Season) bool {
	if s.First == 0 {
		return s.Days != 0
	}
	return l.day() <= s.Last
}

// alike tells whether two seasons are of the same kind («samanlainen»).
func alike(a, b *cardlayout.Season) bool {
	return a.Area == b.Area && a.Product == b.Product && a.Zones == b.Zones
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
		return l.card, fmt.Errorf("loading %s: %w", l.asked, err)
	}
	return after, nil
}

func (l *load) day() cardlayout.Day { return l.tariff.ServiceDay(l.sale.At) }

func euros(amount cardlayout.Cents) string { return amount.String() + " €" }
