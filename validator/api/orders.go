package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"leima/validator"
	"leima/validator/journal"
	"leima/validator/terminal"
)

// orders are the orders that the validator has carried out or refused: those of a shift while it
// lasts, others while they may be given again. Sales and free boardings are also in the journal,
// even after the device was switched off.
type orders struct {
	turn     validator.Turn
	waiting  atomic.Int32
	done     map[string]answered
	recorded map[validator.OrderKey]*validator.Event // before the start; nil: not read yet
}

type answered struct {
	order  validator.OrderKey // not its words, which may name a card or a birth date
	shift  validator.Shift
	until  time.Time
	answer Answer
	err    error
}

// The bounds of simultaneous orders. A caller whose order gets no turn in time is told while it
// still listens: an order whose caller is gone is not carried out.
const (
	maxOrders     = 480            // in twice MaxAhead: more than one a second
	maxRemembered = 20_000         // of a shift
	maxWaiting    = 16             // for their turn
	orderWait     = time.Second    // for the turn
	searchLimit   = 36 * time.Hour // of the journal, back from its last event
)

var errBusy = Refuse(http.StatusServiceUnavailable,
	"the device has too much to do and has not carried it out: give it again")

// Do implements Device.
func (l *Local) Do(ctx context.Context, o Order) (Answer, error) {
	defer l.orders.waiting.Add(-1)
	if l.orders.waiting.Add(1) > maxWaiting {
		return Answer{}, errBusy
	}
	ctx, cancel := context.WithTimeout(ctx, orderWait)
	defer cancel()
	if err := l.orders.turn.TakeWithin(ctx); err != nil {
		return Answer{}, errBusy
	}
	defer l.orders.turn.Leave()
	key := o.key()
	now, shift, err := l.Terminal.OnDuty(ctx)
	if err != nil {
		return Answer{}, errBusy
	}
	l.orders.forget(now, shift)
	if was, again := l.orders.done[o.ID]; again {
		if was.order != key {
			return Answer{}, Refuse(http.StatusConflict,
				"another order was given by this id: give each its own")
		}
		return was.answer, was.err
	}
	if answer, again, err := l.recall(&o, key); again {
		return answer, err
	}
	if err := l.orders.admit(&o, l.Boot, now); err != nil {
		return Answer{}, err
	}
	answer, reached, err := l.do(ctx, &o, key)
	if reached {
		l.orders.done[o.ID] = answered{key, o.Shift.shift(), o.Expires.Add(MaxAhead), answer, err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notify()
	return answer, err
}

// key identifies an order: its id, command and shift. Expiry and boot may differ if it is given
// again.
func (o *Order) key() (key validator.OrderKey) {
	text, _ := json.Marshal(struct { // words and numbers, which never fail
		ID      string
		Shift   *Shift
		Command *Command
	}{o.ID, o.Shift, &o.Command})
	sum := sha256.Sum256(text)
	copy(key[:], sum[:])
	return key
}

// recall finds an order that was carried out before the device was switched off, and its answer.
func (l *Local) recall(o *Order, key validator.OrderKey) (a Answer, found bool, err error) {
	if l.orders.recorded == nil {
		if l.orders.recorded, err = l.recordedOrders(); err != nil {
			return a, true, Refuse(http.StatusServiceUnavailable,
				"the device cannot read what it has done: %v", err)
		}
	}
	event := l.orders.recorded[key]
	if event == nil {
		return a, false, nil
	}
	command, err := o.Command.command()
	if err != nil {
		return a, true, badRequest(err)
	}
	result, err := l.Terminal.Recall(command, event)
	if err != nil {
		return a, true, Refuse(http.StatusServiceUnavailable,
			"it was carried out, and the journal has it, but the receipt cannot be written: %v",
			err)
	}
	return answer(command, result), true, nil
}

// recordedOrders are the orders of the last shifts in the journal.
func (l *Local) recordedOrders() (map[validator.OrderKey]*validator.Event, error) {
	all := map[validator.OrderKey]*validator.Event{}
	latest := l.Journal.Timing().Last
	err := l.Journal.Entries(l.Journal.Since(latest.Add(-searchLimit)),
		func(e journal.Entry) error {
			if e.Kind == journal.Record && e.Event.Order != (validator.OrderKey{}) {
				all[e.Event.Order] = &e.Event
			}
			return nil
		})
	return all, err
}

// forget drops orders that are not given again.
func (d *orders) forget(now time.Time, on validator.Shift) {
	if d.done == nil {
		d.done = map[string]answered{}
	}
	for id, was := range d.done {
		if now.After(was.until) && (was.shift == validator.Shift{} || was.shift != on) {
			delete(d.done, id)
		}
	}
}

// recent counts the orders that may still be given again.
func (d *orders) recent(now time.Time) (n int) {
	for _, was := range d.done {
		if !now.After(was.until) {
			n++
		}
	}
	return n
}

// admit refuses an unknown order without carrying it out. If it is late, or for the time before a
// restart, it is not known whether it was carried out then.
func (d *orders) admit(o *Order, boot string, now time.Time) error {
	switch {
	case len(o.ID) < 8 || len(o.ID) > 64:
		return Refuse(http.StatusBadRequest, "an order's id has 8 to 64 characters")
	case o.Boot != boot:
		return Refuse(http.StatusConflict, "the device was restarted since: whether the order "+
			"was carried out before, its last taps and the shift's report tell")
	case now.After(o.Expires):
		return errExpired
	case o.Expires.After(now.Add(MaxAhead)):
		return Refuse(http.StatusBadRequest,
			"an order expires within %d minutes", int(MaxAhead.Minutes()))
	case d.recent(now) >= maxOrders, len(d.done) >= maxRemembered:
		return Refuse(http.StatusTooManyRequests, "too many orders: wait a minute")
	}
	return nil
}

// errExpired is the refusal of an expired order. One that was carried out before is remembered
// longer.
var errExpired = Refuse(http.StatusGone, "%v", terminal.ErrLate)

// do carries out a new order. reached reports whether the validator had it, from a driver who may
// give it.
func (l *Local) do(ctx context.Context, o *Order, key validator.OrderKey) (
	a Answer, reached bool, err error,
) {
	command, err := o.Command.command()
	if err != nil {
		return a, false, badRequest(err)
	}
	given := command
	if _, begins := command.(terminal.SignOn); !begins {
		given = terminal.ShiftCommand{
			Shift: o.Shift.shift(), Until: o.Expires, Order: key,
			Command: command,
		}
	}
	result, err := l.Terminal.DoWithin(ctx, given)
	switch {
	case err != nil && errors.Is(err, ctx.Err()):
		return a, false, errBusy
	case errors.Is(err, terminal.ErrShift), errors.Is(err, terminal.ErrTaken):
		return a, false, refusal(err)
	}
	if err != nil {
		return a, true, refusal(err)
	}
	return answer(command, result), true, nil
}

func badRequest(err error) error { return Refuse(http.StatusBadRequest, "%v", err) }

// refusal is the validator's refusal of a command.
func refusal(err error) error {
	switch {
	case errors.Is(err, terminal.ErrLate):
		return errExpired
	case errors.Is(err, terminal.ErrShift), errors.Is(err, terminal.ErrTaken):
		return Refuse(http.StatusForbidden, "%v", err)
	case errors.Is(err, terminal.ErrUnable):
		return Refuse(http.StatusServiceUnavailable, "%v", err)
	}
	return Refuse(http.StatusUnprocessableEntity, "%v", err)
}
