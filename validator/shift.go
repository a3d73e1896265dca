package validator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A Shift is a driver at work (työvuoro), from signing on to signing off. The zero Shift
// is nobody's.
type Shift struct {
	Driver uint32             // the driver's number
	Begun  cardlayout.EventID // of the event of signing on, at the driver's own device
}

func (s Shift) String() string {
	return fmt.Sprintf("driver %d's shift %d-%d", s.Driver, s.Begun.Device, s.Begun.Sequence)
}

var (
	// ErrShift says that a command is not of the shift that is on.
	ErrShift = errors.New("that shift is not on here: sign on")

	// ErrTaken says that another driver is signed on.
	ErrTaken = errors.New("another driver's shift is on: sign that one off, or hand over")

	// ErrLate says that a command came after its time.
	ErrLate = errors.New("the command has expired and was not carried out: give it again")
)

// OnDuty is whose shift is on, and the device's time, if that can be said before ctx ends.
func (v *Validator) OnDuty(ctx context.Context) (at time.Time, shift Shift, err error) {
	if err := v.between.TakeWithin(ctx); err != nil {
		return at, shift, err
	}
	defer v.between.Leave()
	return v.time(), v.shift, nil
}

// SignOn begins a shift, of which every event from then on says that it is. Signed, if
// not nil, receives it.
type SignOn struct {
	Shift  Shift // one without Begun begins with this event
	Over   bool  // ends another driver's shift first, who hands over
	Signed *Shift
}

func (s SignOn) apply(v *Validator) error {
	switch {
	case s.Shift.Driver == 0:
		return errors.New("signing on without a driver's number: give it")
	case s.Shift == v.shift:
		return s.signed(v)
	case v.shift != Shift{} && !s.Over:
		return ErrTaken
	case v.shift != Shift{}:
		if err := (SignOff{}).apply(v); err != nil {
			return err
		}
	}
	event := v.newEvent()
	if s.Shift.Begun == (cardlayout.EventID{}) {
		s.Shift.Begun = event.ID
	}
	event.Shift, event.Reason = s.Shift, fare.ShiftBegun
	if err := v.keep(event); err != nil {
		return err
	}
	v.shift = s.Shift
	return s.signed(v)
}

func (s SignOn) signed(v *Validator) error {
	if s.Signed != nil {
		*s.Signed = v.shift
	}
	return nil
}

// SignOff ends the shift that is on. What its driver has asked of the next card goes
// with it.
type SignOff struct{}

func (SignOff) apply(v *Validator) error {
	if v.shift == (Shift{}) {
		return nil
	}
	event := v.newEvent()
	event.Reason = fare.ShiftEnded
	if v.order.Errand != nil {
		event.Driver = v.order.String() + " was not done"
	}
	if err := v.keep(event); err != nil {
		return err
	}
	v.shift, v.order = Shift{}, order{}
	v.show(v.idle())
	return nil
}

// Sign is a driver's word for the cash of a shift that was handed over.
type Sign struct {
	Driver uint32
	Begun  cardlayout.EventID // of the shift
	Cash   cardlayout.Cents
}

func (s Sign) apply(v *Validator) error {
	event := v.newEvent()
	event.Reason = fare.Told
	event.Driver = fmt.Sprintf("driver %d has signed for %v of shift %d-%d", s.Driver, s.Cash,
		s.Begun.Device, s.Begun.Sequence)
	return v.keep(event)
}

// Locked says that so many wrong PINs were typed that nobody may try for a while; Driver is
// the number that was typed last.
type Locked struct {
	Driver uint32
	Wait   time.Duration
}

func (l Locked) apply(v *Validator) error {
	event := v.newEvent()
	event.Reason = fare.Told
	event.Driver = fmt.Sprintf("signing on was locked for %v: wrong PINs, the last of driver %d",
		l.Wait.Round(time.Second), l.Driver)
	return v.keep(event)
}

// A Driven command is one that a driver gives: it is carried out only while that driver's
// shift is on, and before it expires. Of what leaves no event of its own the journal has
// the words.
type Driven struct {
	Shift Shift
	Until time.Time // zero: it does not expire
	Order OrderKey  // by which its event is found again; zero: by none
	Command
}

// An OrderKey names the order that an event has carried out, so that an order which is given
// again after a restart is known. It tells nothing of what was ordered.
type OrderKey [16]byte

func (d Driven) apply(v *Validator) error {
	switch {
	case d.Shift == Shift{} || d.Shift != v.shift:
		return ErrShift
	case !d.Until.IsZero() && v.time().After(d.Until):
		return ErrLate
	}
	place, order, paused := v.Place, v.order, v.paused
	said, told := d.Command.(fmt.Stringer)
	if !told {
		v.ordered = d.Order
		defer func() { v.ordered = OrderKey{} }()
	}
	if err := d.Command.apply(v); err != nil || !told {
		return err
	}
	event := v.newEvent()
	event.Reason, event.Driver = fare.Told, cmp.Or(said.String(), "nothing more is asked")
	if err := v.keep(event); err != nil {
		v.Place, v.order, v.paused = place, order, paused
		v.show(v.idle())
		return err
	}
	return nil
}

// ErrUnable says that the device can neither price nor keep what a driver does.
var ErrUnable = errors.New("the device cannot do it now")

// keep keeps an event of a driver's. After an error nothing has happened.
func (v *Validator) keep(event Event) error {
	if err := v.Journal.Record(event); err != nil {
		return fmt.Errorf("%w: %w", ErrUnable, err)
	}
	return nil
}
