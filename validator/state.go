package validator

import (
	"errors"
	"time"

	"leima/cardlayout"
	"leima/hw/clock"
)

// A State is what a validator says of itself between two taps.
type State struct {
	Device    uint16
	Now       time.Time
	Estimated bool       // it is not known what time it is
	Time      clock.Time // how far it is
	Place     Place
	Shift     Shift
	Paused    bool

	// Asked is what the driver has asked of the next card, in words, until a time; of a
	// card that has begun to use it, Begun says that it alone may.
	Asked string
	Until time.Time
	Begun bool

	// Lapsed says that nobody came for what was asked, for which the driver may have taken
	// money. It stays until the driver says something else.
	Lapsed bool

	Tariff   string // its id; "" where none holds
	List     uint32 // version of the block list, 0 none
	ListMade time.Time

	// Trouble is the first cause of what the device cannot do; nil: it serves.
	Trouble error
}

// State is how the validator is now.
func (v *Validator) State() State {
	v.between.Take()
	defer v.between.Leave()
	at := v.timing()
	now := at.At
	s := State{
		Device: v.Journal.Next().Device, Now: now, Estimated: !at.Known(), Time: at,
		Place: v.Place, Shift: v.shift, Paused: v.paused,
		List: v.Blocklist.Version(), ListMade: v.Blocklist.Made(),
	}
	s.Lapsed = v.order.lapsed(now)
	if o := v.order; o.NextTap != (NextTap{}) && (s.Lapsed || o.card != 0 || !now.After(o.until)) {
		s.Asked, s.Until, s.Begun = o.String(), o.until, o.card != 0
	}
	tariff, err := v.Tariffs(now)
	if err == nil {
		s.Tariff = tariff.ID
	}
	s.Trouble = v.firstCause(&at, err)
	return s
}

// firstCause is what keeps the device from serving: the reader, before what a tap would
// need, before what failed at the last one.
func (v *Validator) firstCause(at *clock.Time, tariff error) error {
	switch {
	case v.paused:
		return ErrPaused
	case v.trouble != nil:
		return v.trouble
	case tariff != nil:
		return tariff
	case v.listMissing(at):
		return ErrNoList
	}
	return v.failed
}

// fail keeps what kept the last tap from being served, until one is.
func (v *Validator) fail(o *Outcome) {
	switch {
	case o.Ending == Fault && !errors.Is(o.Err, ErrPaused):
		v.failed = o.Err
	case o.Ending == Accepted || o.Ending == Refused && o.Event.Card != 0:
		v.failed = nil
	}
}

// ZonesHere is what a passenger pays for who says nothing.
func (p Place) ZonesHere() cardlayout.Zones { return p.zones() }
