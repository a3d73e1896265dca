// Package terminal is the driver's terminal (kuljettajan laite) of a validator: sales and loads,
// looks at cards, groups, free boardings, shifts. It knows the business of the next card and
// records the driver's actions in the journal. It does not know how a card is read or written: only
// the tap does.
//
// A driver's orders are commands, each carried out between two taps. The journal records in words
// those that have no event of their own.
package terminal

import (
	"context"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/messages"
)

// A Terminal is the driver's side of a validator. Its fields are set before the first tap.
type Terminal struct {
	Validator *validator.Validator

	// Own: this is the driver's own device, which looks at cards and loads them; no trip is paid on
	// it.
	Own bool

	// Organisation is the seller of loads, 14 bits.
	Organisation uint16

	// Moved is called when the driver has said that the vehicle is at another place; it does not
	// wait. nil: not needed.
	Moved func(from, to validator.Place)

	order      order
	shift      validator.Shift
	lastLook   recentLook
	loads      loads
	birthTries attempts
	orderKey   validator.OrderKey // of the order being carried out; zero if none
}

// New makes the terminal of a validator and connects both.
func New(v *validator.Validator, organisation uint16) *Terminal {
	t := &Terminal{Validator: v, Organisation: organisation}
	v.Terminal = t
	return t
}

// A Command is a command of a driver, or of the bus itself.
type Command interface {
	apply(t *Terminal) (Result, error)
}

// A Result is the result of a command that was carried out.
type Result struct {
	Shift   validator.Shift    // of SignOn
	Ticket  *sale.SingleTicket // printed for each person; nil if none was sold
	Charged sale.Lines         // the receipt of a misuse
	Held    cardlayout.Day     // until which a taken card can be had; 0 if none was taken
	Matches *bool              // whether the birth date is the card's; nil if not asked
}

// Do applies a command as soon as no tap is under way.
func (t *Terminal) Do(c Command) (Result, error) { return t.DoWithin(context.Background(), c) }

// DoWithin is Do for a caller who cannot wait: see validator.Validator.DoWithin.
func (t *Terminal) DoWithin(ctx context.Context, c Command) (r Result, err error) {
	err = t.Validator.DoWithin(ctx, func() (err error) {
		r, err = c.apply(t)
		return err
	})
	return r, err
}

// Shift implements validator.Terminal.
func (t *Terminal) Shift() validator.Shift { return t.shift }

// ClockCorrected implements validator.Terminal: the order and the look keep the time they had left.
func (t *Terminal) ClockCorrected(by time.Duration) {
	t.order.until = t.order.until.Add(by)
	t.lastLook.until = t.lastLook.until.Add(by)
}

// Asked implements validator.Terminal.
func (t *Terminal) Asked(l messages.Language) string {
	if t.order.none() || t.order.card != 0 || t.order.expired(t.now()) {
		return ""
	}
	tariff, _ := t.Validator.Tariffs(t.now()) // without one a product is its code
	return t.order.In(l, tariff)
}

// Ended implements validator.Terminal.
func (t *Terminal) Ended(o *validator.Outcome) {
	if look := o.Decision.Look; look != nil {
		t.lastLook = recentLook{*look, o.Decision.After.Birth, o.Event.At.Add(orderTimeout)}
		o.Decision.After.Birth = 0 // for Identify only
	}
	t.loads.remember(o, t.order.Sale)
	t.useOrder(o)
}

func (t *Terminal) now() time.Time { return t.Validator.Clock().At }

// newEvent begins the event of a driver's action.
func (t *Terminal) newEvent() validator.Event {
	e := t.Validator.NewEvent()
	e.Order = t.orderKey
	return e
}

// recordEvent records the event of a driver's action. After an error nothing has happened.
func (t *Terminal) recordEvent(event validator.Event) error {
	if err := t.Validator.Journal.Record(event); err != nil {
		return fare.Say("%v: %v", ErrUnable, err)
	}
	return nil
}

// tariff is the tariff at a driver's action, noted in its event.
func (t *Terminal) tariff(e *validator.Event) (*fare.Tariff, error) {
	tariff, err := t.Validator.Tariffs(e.At)
	if err != nil {
		return nil, fare.Say("%v: %v", ErrUnable, err)
	}
	e.Tariff, e.UsedIn, e.Zones = tariff.ID, tariff.Area, e.Place.ZonesHere()
	return tariff, nil
}
