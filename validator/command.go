package validator

import (
	"fmt"
	"strings"
	"time"

	"leima/cardlayout"
)

// A Command is what a driver, or the bus itself, may say to a validator. It is
// applied between two taps.
type Command interface {
	apply(v *Validator) error
}

// Move says where the vehicle is now.
type Move struct{ Place Place }

// NextTap changes the next tap that is accepted, for at most a minute: how many
// travel on the card, or which zones are paid for. The zero NextTap takes an
// earlier one back.
type NextTap struct {
	Persons cardlayout.Persons // index 0: of the holder's group
	Zones   cardlayout.Zones   // 0: as always
}

// Pause takes the validator out of service; Resume puts it back.
type (
	Pause  struct{}
	Resume struct{}
)

// patience is how long a NextTap waits for its card.
const patience = time.Minute

// order is a NextTap that waits for its card.
type order struct {
	NextTap
	until time.Time
}

// String says what the driver asked for; nothing if there was nothing.
func (o order) String() string {
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
	return strings.Join(said, ", ")
}

// Do applies a command as soon as no tap is under way.
func (v *Validator) Do(c Command) error {
	v.between.Lock()
	defer v.between.Unlock()
	return c.apply(v)
}

func (m Move) apply(v *Validator) error {
	if m.Place.Zone < 1 || m.Place.Zone > cardlayout.MaxZone {
		return fmt.Errorf("moving to stop %q: zone %d is not 1 to %d",
			m.Place.Stop, m.Place.Zone, cardlayout.MaxZone)
	}
	if m.Place.Trip != v.Place.Trip {
		v.order = order{} // what was said on the last trip is not meant for this one
	}
	v.Place = m.Place
	return nil
}

func (n NextTap) apply(v *Validator) error {
	if total := n.Persons.Total(); total > cardlayout.MaxPersons {
		return fmt.Errorf("%d persons on one card: a card holds at most %d",
			total, cardlayout.MaxPersons)
	}
	v.order = order{NextTap: n, until: v.Now().Add(patience)}
	return nil
}

func (Pause) apply(v *Validator) error {
	v.paused = true
	return v.Panel.Show(v.idle())
}

func (Resume) apply(v *Validator) error {
	v.paused = false
	return v.Panel.Show(v.idle())
}

// standing is what the driver has said of this tap; what is too old counts no more.
func (v *Validator) standing(at time.Time) order {
	if at.After(v.order.until) {
		v.order = order{}
	}
	return v.order
}
