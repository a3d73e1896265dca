package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// orders are those that were carried out or refused by the validator: those of a shift for as
// long as it lasts, and others for as long as anybody could give them again. What a driver has
// sold and let in is found in the journal as well, after the device was switched off and on.
type orders struct {
	turn    validator.Turn
	waiting atomic.Int32
	done    map[string]done
	before  map[validator.OrderKey]*validator.Event // of the time before; nil: not read yet
}

type done struct {
	order  validator.OrderKey // of its words: they may name a card, or a birth date
	shift  validator.Shift
	until  time.Time
	answer Answer
	err    error
}

// The bounds of what is asked at once. Whoever is not heard within a moment is told so, while
// it still listens: an order whose giver has gone is not carried out.
const (
	mostOrders  = 480            // in twice MaxAhead: no driver gives one a second
	mostKept    = 20_000         // of a shift
	mostWaiting = 16             // who wait for their turn
	hearing     = time.Second    // for which one waits
	longShift   = 36 * time.Hour // before which the journal is not searched
)

var busy = &Refused{http.StatusServiceUnavailable,
	"the device has too much to do and has not carried it out: give it again"}

// Do implements Device.
func (l *Local) Do(ctx context.Context, o Order) (Answer, error) {
	defer l.orders.waiting.Add(-1)
	if l.orders.waiting.Add(1) > mostWaiting {
		return Answer{}, busy
	}
	ctx, cancel := context.WithTimeout(ctx, hearing)
	defer cancel()
	if err := l.orders.turn.TakeWithin(ctx); err != nil {
		return Answer{}, busy
	}
	defer l.orders.turn.Leave()
	key := o.key()
	now, shift, err := l.Validator.OnDuty(ctx)
	if err != nil {
		return Answer{}, busy
	}
	l.orders.forget(now, shift)
	if was, again := l.orders.done[o.ID]; again {
		if was.order != key {
			return Answer{}, &Refused{http.StatusConflict,
				"another order was given by this id: give each its own"}
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
		l.orders.done[o.ID] = done{key, o.Shift.shift(), o.Expires.Add(MaxAhead), answer, err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wake()
	return answer, err
}

// key is what an order is known by: its id, and what is ordered in whose name. When and of
// which boot may differ where it is given again.
func (o *Order) key() (key validator.OrderKey) {
	text, _ := json.Marshal(struct { // words and numbers, which always can be
		ID      string
		Shift   *Shift
		Command *Command
	}{o.ID, o.Shift, &o.Command})
	sum := sha256.Sum256(text)
	copy(key[:], sum[:])
	return key
}

// recall finds an order that was carried out before the device was switched off.
func (l *Local) recall(o *Order, key validator.OrderKey) (a Answer, found bool, err error) {
	if l.orders.before == nil {
		if l.orders.before, err = l.ordered(); err != nil {
			return a, true, &Refused{http.StatusServiceUnavailable,
				"the device cannot read what it has done: " + err.Error()}
		}
	}
	event := l.orders.before[key]
	if event == nil {
		return a, false, nil
	}
	command, err := o.Command.command()
	if err != nil {
		return a, true, bad(err)
	}
	if err := l.Validator.Recall(command, event); err != nil {
		return a, true, &Refused{http.StatusServiceUnavailable,
			"it was carried out, and the journal has it, but the receipt cannot be written: " +
				err.Error()}
	}
	return answer(command), true, nil
}

// ordered are the orders of the last shifts, as the journal has them.
func (l *Local) ordered() (map[validator.OrderKey]*validator.Event, error) {
	all := map[validator.OrderKey]*validator.Event{}
	latest := l.Journal.Timing().Last
	err := l.Journal.Entries(l.Journal.Since(latest.Add(-longShift)), func(e journal.Entry) error {
		if e.Kind == journal.Record && e.Event.Order != (validator.OrderKey{}) {
			all[e.Event.Order] = &e.Event
		}
		return nil
	})
	return all, err
}

// forget lets go of orders that nobody gives again.
func (d *orders) forget(now time.Time, on validator.Shift) {
	if d.done == nil {
		d.done = map[string]done{}
	}
	for id, was := range d.done {
		if now.After(was.until) && (was.shift == validator.Shift{} || was.shift != on) {
			delete(d.done, id)
		}
	}
}

// recent counts the orders that somebody could be giving again right now.
func (d *orders) recent(now time.Time) (n int) {
	for _, was := range d.done {
		if !now.After(was.until) {
			n++
		}
	}
	return n
}

// admit tells why an order that is not known is not even looked at. Of one that is late, or
// for the time before a restart, nobody knows whether it was carried out then.
func (d *orders) admit(o *Order, boot string, now time.Time) error {
	switch {
	case len(o.ID) < 8 || len(o.ID) > 64:
		return &Refused{http.StatusBadRequest, "an order's id has 8 to 64 characters"}
	case o.Boot != boot:
		return &Refused{http.StatusConflict, "the device was restarted since: whether the order " +
			"was carried out before, its last taps and the shift's report tell"}
	case now.After(o.Expires):
		return late
	case o.Expires.After(now.Add(MaxAhead)):
		return &Refused{http.StatusBadRequest,
			fmt.Sprintf("an order expires within %v", MaxAhead)}
	case d.recent(now) >= mostOrders, len(d.done) >= mostKept:
		return &Refused{http.StatusTooManyRequests, "too many orders: wait a minute"}
	}
	return nil
}

// late is the refusal of an order that has expired. One that was carried out before is known
// for as long as anybody asks.
var late = &Refused{http.StatusGone, validator.ErrLate.Error()}

// do carries out an order that is new. reached says that the validator has heard it, from
// whoever may give it.
func (l *Local) do(ctx context.Context, o *Order, key validator.OrderKey) (
	a Answer, reached bool, err error,
) {
	command, err := o.Command.command()
	if err != nil {
		return a, false, bad(err)
	}
	given := command
	if _, begins := command.(validator.SignOn); !begins {
		given = validator.Driven{Shift: o.Shift.shift(), Until: o.Expires, Order: key,
			Command: command}
	}
	err = l.Validator.DoWithin(ctx, given)
	switch {
	case err != nil && errors.Is(err, ctx.Err()):
		return a, false, busy
	case errors.Is(err, validator.ErrShift), errors.Is(err, validator.ErrTaken):
		return a, false, refused(err)
	}
	if err != nil {
		return a, true, refused(err)
	}
	return answer(command), true, nil
}

func bad(err error) error { return &Refused{http.StatusBadRequest, err.Error()} }

// refused is what a validator says against a command.
func refused(err error) error {
	var rule *fare.Refusal
	switch {
	case errors.Is(err, validator.ErrLate):
		return late
	case errors.Is(err, validator.ErrShift), errors.Is(err, validator.ErrTaken):
		return &Refused{http.StatusForbidden, err.Error()}
	case errors.Is(err, validator.ErrUnable):
		return &Refused{http.StatusServiceUnavailable, err.Error()}
	case errors.As(err, &rule):
		return &Refused{http.StatusUnprocessableEntity, rule.Error()}
	}
	return &Refused{http.StatusUnprocessableEntity, err.Error()}
}
