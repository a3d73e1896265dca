package terminal

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

var (
	// ErrShift means that a command is not of the current shift.
	ErrShift error = fare.Say("that shift is not on here: sign on")

	// ErrTaken means that another driver is signed on.
	ErrTaken error = fare.Say("another driver's shift is on: sign that one off, or hand over")

	// ErrLate means that a command came after its time.
	ErrLate error = fare.Say("the command has expired and was not carried out: give it again")
)

// OnDuty is the current shift and the device's time. It waits for a running tap until ctx ends.
func (t *Terminal) OnDuty(ctx context.Context) (at time.Time, shift validator.Shift, err error) {
	err = t.Validator.DoWithin(ctx, func() error {
		at, shift = t.now(), t.shift
		return nil
	})
	return at, shift, err
}

// SignOn begins a shift, which every event then names.
type SignOn struct {
	Shift    validator.Shift // without Begun, it begins with this event
	TakeOver bool            // ends another driver's shift first, which is handed over
}

func (s SignOn) apply(t *Terminal) (r Result, err error) {
	switch {
	case s.Shift.Driver == 0:
		return r, fare.Say("signing on without a driver's number: give it")
	case s.Shift == t.shift:
		return Result{Shift: t.shift}, nil
	case t.shift != validator.Shift{} && !s.TakeOver:
		return r, ErrTaken
	case t.shift != validator.Shift{}:
		if _, err := (SignOff{}).apply(t); err != nil {
			return r, err
		}
	}
	event := t.newEvent()
	if s.Shift.Begun == (cardlayout.EventID{}) {
		s.Shift.Begun = event.ID
	}
	event.Shift, event.Reason = s.Shift, fare.ShiftBegun
	if err := t.recordEvent(event); err != nil {
		return r, err
	}
	t.shift = s.Shift
	return Result{Shift: t.shift}, nil
}

// SignOff ends the current shift, and with it the driver's order for the next card.
type SignOff struct{}

func (SignOff) apply(t *Terminal) (r Result, err error) {
	if t.shift == (validator.Shift{}) {
		return r, nil
	}
	event := t.newEvent()
	event.Reason = fare.ShiftEnded
	switch asked := t.order.String(); {
	case t.order.Sale == nil:
	case t.order.isUnconfirmed():
		event.Command = "it is not known whether " + asked + " was done"
	default:
		event.Command = asked + " was not done"
	}
	if err := t.recordEvent(event); err != nil {
		return r, err
	}
	t.shift, t.order = validator.Shift{}, order{}
	t.Validator.ShowIdle()
	return r, nil
}

// SignCash is a driver's signature for the cash of a shift that was handed over.
type SignCash struct {
	Driver uint32
	Begun  cardlayout.EventID // of the shift
	Cash   cardlayout.Cents
}

func (s SignCash) apply(t *Terminal) (r Result, err error) {
	event := t.newEvent()
	event.Reason = fare.CommandGiven
	event.Command = fmt.Sprintf("driver %d has signed for %v of shift %d-%d", s.Driver, s.Cash,
		s.Begun.Device, s.Begun.Sequence)
	return r, t.recordEvent(event)
}

// SignOnLocked reports that signing on is locked for a while after too many wrong PINs. Driver is
// the number typed last, 0 if it is no driver's.
type SignOnLocked struct {
	Driver uint32
	Wait   time.Duration
}

func (l SignOnLocked) apply(t *Terminal) (r Result, err error) {
	event := t.newEvent()
	event.Reason = fare.CommandGiven
	whose := fmt.Sprintf("driver %d", l.Driver)
	if l.Driver == 0 {
		whose = "nobody's number"
	}
	event.Command = fmt.Sprintf("signing on was locked for %v: wrong PINs, the last of %s",
		l.Wait.Round(time.Second), whose)
	return r, t.recordEvent(event)
}

// A ShiftCommand is a driver's command: it is carried out only during that driver's shift, and
// before it expires. If it leaves no event of its own, the journal records its words.
type ShiftCommand struct {
	Shift validator.Shift
	Until time.Time          // zero: it does not expire
	Order validator.OrderKey // by which its event is found again; zero if by none
	Command
}

func (d ShiftCommand) apply(t *Terminal) (r Result, err error) {
	switch {
	case d.Shift == validator.Shift{} || d.Shift != t.shift:
		return r, ErrShift
	case !d.Until.IsZero() && t.now().After(d.Until):
		return r, ErrLate
	}
	text, wordy := d.Command.(fmt.Stringer)
	if !wordy {
		t.orderKey = d.Order
		defer func() { t.orderKey = validator.OrderKey{} }()
	}
	undo := t.undo()
	if r, err = d.Command.apply(t); err != nil || !wordy {
		return r, err
	}
	event := t.newEvent()
	event.Reason, event.Command = fare.CommandGiven, cmp.Or(text.String(), "nothing more is asked")
	if err := t.recordEvent(event); err != nil {
		undo()
		return r, err
	}
	return r, nil
}

// undo returns a function that undoes a command without an event of its own.
func (t *Terminal) undo() func() {
	place, paused, order := t.Validator.Place, t.Validator.Paused(), t.order
	return func() {
		t.Validator.Place, t.order = place, order
		t.Validator.Pause(paused)
	}
}

// ErrUnable means that the device can neither price nor record an action of the driver's.
var ErrUnable error = fare.Say("the device cannot do it now")
