package terminal

import (
	"time"

	"leima/validator"
)

// A State is a device's state between two taps, with the driver's order.
type State struct {
	validator.State
	Shift validator.Shift

	// Order is the driver's order for the next card, until a time. Begun: a card has begun to use
	// it, and only that one may.
	Order NextTap
	Until time.Time
	Begun bool

	// Load: the order is a load or the taking back of one, for which money changes hands.
	Load bool

	// Expired: no card came for the load, for which the driver may have taken money. It stays until
	// the driver's next order.
	Expired bool

	// Unconfirmed: a card did not answer its commit, and the order may be done.
	Unconfirmed bool
}

// State is the device's state now.
func (t *Terminal) State() (s State) {
	_ = t.Validator.Do(func() error {
		s = State{State: t.Validator.State(), Shift: t.shift}
		o := &t.order
		s.Expired = o.loadExpired(s.Now)
		if !o.none() && (s.Expired || o.card != 0 || !s.Now.After(o.until)) {
			s.Order, s.Until, s.Begun, s.Unconfirmed = o.NextTap, o.until, o.card != 0,
				o.isUnconfirmed()
			s.Load = o.Sale != nil
		}
		return nil
	})
	return s
}
