package validator

import (
	"errors"
	"time"

	"leima/cardlayout"
	"leima/hw/clock"
)

// A State is a validator's state between two taps.
type State struct {
	Device    uint16
	Now       time.Time
	Estimated bool       // the time is not known
	Time      clock.Time // with its quality
	Place     Place
	Paused    bool

	Tariff   string // its id; "" if none is valid
	List     uint32 // version of the block list, 0 if none
	ListMade time.Time

	// Trouble is the first reason why the device cannot serve; nil if it can.
	Trouble error
}

// State is the validator's state, between two taps.
func (v *Validator) State() State {
	at := v.timing()
	s := State{
		Device: v.Journal.Next().Device, Now: at.At, Estimated: !at.Known(), Time: at,
		Place: v.Place, Paused: v.paused,
		List: v.Blocklist.Version(), ListMade: v.Blocklist.Made(),
	}
	tariff, err := v.Tariffs(at.At)
	if err == nil {
		s.Tariff = tariff.ID
	}
	s.Trouble = v.firstCause(&at, err)
	return s
}

// firstCause is the first reason why the device cannot serve: the reader, then what a tap needs,
// then the failure of the last tap.
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

// noteFailure keeps the failure of a tap until a tap is served.
func (v *Validator) noteFailure(o *Outcome) {
	switch {
	case o.Ending == Fault && !errors.Is(o.Err, ErrPaused):
		v.failed = o.Err
	case o.Ending == Accepted || o.Ending == Refused && o.Event.Card != 0:
		v.failed = nil
	}
}

// ZonesHere are the zones that a passenger pays for by default.
func (p Place) ZonesHere() cardlayout.Zones { return p.zones() }
