package validator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A Command is what a driver, or the bus itself, may say to a validator. It is
// applied between two taps.
type Command interface {
	apply(v *Validator) error
}

// Move says where the vehicle is now.
type Move struct{ Place Place }

// NextTap changes the next tap that is decided, if it comes within a minute: how many
// travel on the card, or which zones are paid for. A card that has to be presented
// again keeps it until then. The zero NextTap takes an earlier one back.
type NextTap struct {
	Persons cardlayout.Persons // index 0: of the holder's group
	Zones   cardlayout.Zones   // 0: as always
	Lent    bool               // somebody else than the owner uses the card

	Check  bool         // the card is only looked at
	Errand *fare.Errand // what it is presented for instead of a trip
}

// Pause takes the validator out of service; Resume puts it back.
type (
	Pause  struct{}
	Resume struct{}
)

// patience is how long a NextTap waits for its card; where a driver has taken money for it, it
// waits longer, and when its time is over the next card of a short while is not just let pay a
// trip: it may be the one that the money is for.
const (
	patience     = time.Minute
	loadPatience = 5 * time.Minute
	afterwards   = 30 * time.Second
)

// Renew takes other lists or tariffs into use. What it refuses changes nothing.
type Renew func() error

// order is a NextTap that waits for its card.
type order struct {
	NextTap
	until time.Time

	// card is the card that has begun to use it, and alone may; it then waits as long
	// as the trip lasts. What a card is at the driver's desk for waits a minute more.
	card cardlayout.Number

	// tried is the event of the last time that the card's answer was not heard.
	tried cardlayout.EventID

	// answered says that a card has come after its time, whose passenger was sent to the
	// driver.
	answered bool
}

// stale tells whether it has waited too long.
func (o *order) stale(at time.Time) bool {
	return (o.card == 0 || o.Errand != nil || o.Check) && at.After(o.until)
}

// lapsed tells whether an errand has waited too long: the driver is told, until they say
// something else.
func (o *order) lapsed(at time.Time) bool { return o.Errand != nil && o.stale(at) }

// patience is how long it waits.
func (n *NextTap) patience() time.Duration {
	if n.Errand != nil {
		return loadPatience
	}
	return patience
}

// String says what the driver asked for; nothing if there was nothing.
func (o NextTap) String() string {
	var said []string
	if o.Persons[0] > 0 {
		said = append(said, fmt.Sprintf("%d persons", o.Persons[0]))
	}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if n := o.Persons[group]; n > 0 {
			said = append(said, fmt.Sprintf("%d %v", n, group))
		}
	}
	if o.Zones != 0 {
		said = append(said, "zones "+o.Zones.String())
	}
	if o.Lent {
		said = append(said, "lent")
	}
	if o.Check {
		said = append(said, "check")
	}
	if o.Errand != nil {
		said = append(said, o.Errand.String())
	}
	return strings.Join(said, ", ")
}

// Do applies a command as soon as no tap is under way.
func (v *Validator) Do(c Command) error { return v.DoWithin(context.Background(), c) }

// DoWithin is Do for who cannot wait for ever: a command whose turn has not come when ctx
// ends is not carried out, and the error is ctx's. One that is begun is carried out.
func (v *Validator) DoWithin(ctx context.Context, c Command) error {
	if err := v.between.TakeWithin(ctx); err != nil {
		return err
	}
	defer v.between.Leave()
	return c.apply(v)
}

func (m Move) apply(v *Validator) error {
	if err := m.Place.Check(); err != nil {
		return fmt.Errorf("moving to stop %q: %w", m.Place.Stop, err)
	}
	if !m.Place.SameTrip(v.Place) && v.order.Errand == nil {
		v.order = order{} // what was said on the last trip is not meant for this one
	}
	v.Place = m.Place
	v.show(v.idle())
	return nil
}

func (n NextTap) apply(v *Validator) error {
	if total := n.Persons.Total(); total > cardlayout.MaxPersons {
		return fmt.Errorf("%d persons on one card: a card holds at most %d",
			total, cardlayout.MaxPersons)
	}
	if n.Zones > cardlayout.MaxZones {
		return fmt.Errorf("zones with the code %d: there is no such run", n.Zones)
	}
	now := v.time()
	v.order = order{NextTap: n, until: now.Add(n.patience())}
	v.show(v.idle())
	return nil
}

func (m Move) String() string {
	return fmt.Sprintf("moved to line %s, stop %s, trip %d, zones %v", m.Place.Line, m.Place.Stop,
		m.Place.Trip, m.Place.zones())
}

func (Pause) String() string  { return "paused" }
func (Resume) String() string { return "resumed" }

func (Pause) apply(v *Validator) error {
	v.paused = true
	v.show(v.idle())
	return nil
}

func (Resume) apply(v *Validator) error {
	v.paused = false
	v.show(v.idle())
	return nil
}

func (r Renew) apply(*Validator) error { return r() }

// standing is what the driver has said of this card's tap; what is too old counts no
// more.
func (v *Validator) standing(e *Event) order {
	o := v.order
	switch {
	case o.card != 0 && o.card != e.Card:
		return order{}
	case o.lapsed(e.At) && (o.answered || e.At.After(o.until.Add(afterwards))):
		return order{}
	case o.lapsed(e.At):
		errand := *o.Errand
		o.Errand, errand.Late = &errand, true
	case o.stale(e.At):
		v.order = order{}
		return v.order
	}
	return o
}

// spend uses up what the driver has said. It was for one boarding: who is told to
// present the card again still has it, and nobody else; after any decision it is gone.
func (v *Validator) spend(o *Outcome) {
	switch {
	case o.Event.Card == 0 || v.order.card != 0 && v.order.card != o.Event.Card:
	case v.order.lapsed(o.Event.At):
		v.order.answered = v.order.answered || o.Ending == Accepted || o.Ending == Refused
	case o.Ending == Accepted || o.Ending == Refused:
		v.order = order{}
	case v.order.NextTap != NextTap{}:
		v.order.card = o.Event.Card
		if v.order.Errand != nil || v.order.Check {
			v.order.until = o.Event.At.Add(v.order.patience())
		}
		if o.Ending == Uncertain {
			v.order.tried = o.Event.ID
		}
	}
}
