package terminal

import (
	"fmt"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/messages"
)

// NextTap changes the next tap that is decided, if it comes within a minute: the persons who travel
// on the card, or the zones. A card that must be presented again keeps it until then. The zero
// NextTap cancels an earlier one.
type NextTap struct {
	validator.Party

	Check bool        // the card is only looked at
	Sale  *sale.Order // instead of a trip
}

// orderTimeout is how long a NextTap waits for its card. A load, for which a driver has taken
// money, waits longer; for a short while after that the next card is not simply charged a trip,
// because it may be the one that was paid for.
const (
	orderTimeout = time.Minute
	loadTimeout  = 5 * time.Minute
	graceTime    = 30 * time.Second
)

// order is a NextTap that waits for its card.
type order struct {
	NextTap
	until time.Time

	// card is the card that has begun to use the order; only it may then, for as long as the trip
	// lasts. A check or a load waits a minute more.
	card cardlayout.Number

	// unconfirmed is the event of the last commit that the card did not answer.
	unconfirmed cardlayout.EventID

	// otherServed: after the time a card came, and its passenger was sent to the driver.
	otherServed bool
}

// none reports whether there is no order.
func (o *order) none() bool { return o.NextTap == NextTap{} }

// expired reports whether the order has waited too long.
func (o *order) expired(at time.Time) bool {
	return (o.card == 0 || o.Sale != nil || o.Check) && at.After(o.until)
}

// loadExpired reports whether a load has waited too long: the driver sees that until the next
// order.
func (o *order) loadExpired(at time.Time) bool { return o.Sale != nil && o.expired(at) }

// isUnconfirmed reports whether a card has not answered its commit: the order may be done.
func (o *order) isUnconfirmed() bool { return o.unconfirmed != cardlayout.EventID{} }

// timeout is how long the order waits.
func (o *NextTap) timeout() time.Duration {
	if o.Sale != nil {
		return loadTimeout
	}
	return orderTimeout
}

// String is the order in words; empty if none.
func (o NextTap) String() string {
	var parts []string
	if o.Persons[0] > 0 {
		parts = append(parts, fmt.Sprintf("%d persons", o.Persons[0]))
	}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if n := o.Persons[group]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, group))
		}
	}
	if o.Zones != 0 {
		parts = append(parts, "zones "+o.Zones.String())
	}
	if o.Lent {
		parts = append(parts, "lent")
	}
	if o.Check {
		parts = append(parts, "check")
	}
	if o.Sale != nil {
		parts = append(parts, o.Sale.String())
	}
	return strings.Join(parts, ", ")
}

func (o NextTap) apply(t *Terminal) (r Result, err error) {
	if total := o.Persons.Total(); total > cardlayout.MaxPersons {
		return r, fare.Say("%d persons on one card: a card holds at most %d",
			total, cardlayout.MaxPersons)
	}
	if o.Zones > cardlayout.MaxZones {
		return r, fare.Say("zones with the code %d: there is no such run", o.Zones)
	}
	t.order = order{NextTap: o, until: t.now().Add(o.timeout())}
	t.Validator.ShowIdle()
	return r, nil
}

// In is the order for the next card, in a language.
func (o NextTap) In(l messages.Language, t *fare.Tariff) string {
	var parts []string
	if o.Persons[0] > 0 {
		parts = append(parts, l.Count(int(o.Persons[0]), "person"))
	}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if count := o.Persons[group]; count > 0 {
			parts = append(parts, fmt.Sprintf("%d × %s", count, l.Term("group", group)))
		}
	}
	if o.Zones != 0 {
		parts = append(parts, l.Text("zones.n", o.Zones))
	}
	if o.Lent {
		parts = append(parts, l.Text("lent"))
	}
	if o.Check {
		parts = append(parts, l.Text("check"))
	}
	if o.Sale != nil {
		parts = append(parts, orderIn(o.Sale, l, t))
	}
	return strings.Join(parts, ", ")
}

func orderIn(o *sale.Order, l messages.Language, t *fare.Tariff) string {
	switch {
	case o.Back != nil:
		return l.Text("take.back")
	case o.Amount != 0:
		return l.Text("load.pending", messages.Euros(o.Amount))
	}
	product := l.Product(o.Season.Product, t)
	return l.Text("load.pending", fmt.Sprintf("%s %v", product, o.Season.Zones))
}

// Business implements validator.Terminal: the driver's order for this card, or for any. An expired
// order no longer counts.
func (t *Terminal) Business(held *cardlayout.Card, at time.Time) (b validator.Business) {
	o := &t.order
	late := o.loadExpired(at)
	switch {
	case o.none(), o.card != 0 && o.card != held.Number,
		late && (o.otherServed || at.After(o.until.Add(graceTime))), !late && o.expired(at):
		return t.usual()
	case o.Sale != nil:
		b = t.load(o, held, late)
	case o.Check:
		b = lookBusiness()
	default:
		b = validator.Boarding(o.Party)
	}
	b.Asked = o.String()
	return b
}

// usual is the business of a card without an order.
func (t *Terminal) usual() validator.Business {
	if t.Own {
		return lookBusiness()
	}
	return validator.Boarding(validator.Party{})
}

// useOrder uses up the order, which was for one boarding. A card that must be presented again keeps
// it, and no other may use it; after a decision it is gone.
func (t *Terminal) useOrder(o *validator.Outcome) {
	decided := o.Ending == validator.Accepted || o.Ending == validator.Refused
	switch {
	case o.Event.Card == 0 || t.order.card != 0 && t.order.card != o.Event.Card:
	case o.Decision.Reason == fare.LoadRecovered:
		t.order = order{} // it was done, even if it has expired
	case t.order.loadExpired(o.Event.At):
		t.order.otherServed = t.order.otherServed || decided
	case decided || t.order.expired(o.Event.At):
		t.order = order{}
	case t.order.none():
	default:
		t.order.card = o.Event.Card
		if t.order.Sale != nil || t.order.Check {
			t.order.until = o.Event.At.Add(t.order.timeout())
		}
		if o.Ending == validator.Uncertain {
			t.order.unconfirmed = o.Event.ID
		}
	}
}
