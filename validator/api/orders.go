package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"leima/fare"
	"leima/validator"
)

// orders are those that were carried out or refused by the validator, for as long as anybody
// could give them again.
type orders struct {
	mu   sync.Mutex // held while one is carried out: there is one after the other
	done map[string]done
}

type done struct {
	order  [sha256.Size]byte // of its words: they may name a card, or a birth date
	until  time.Time
	answer Answer
	err    error
}

// mostOrders is how many orders may be carried out in twice MaxAhead. No driver gives one a
// second.
const mostOrders = 480

// Do implements Device.
func (l *Local) Do(_ context.Context, o Order) (Answer, error) {
	l.orders.mu.Lock()
	defer l.orders.mu.Unlock()
	now := l.Validator.Time()
	l.orders.forget(now)
	text, err := json.Marshal(o)
	if err != nil {
		return Answer{}, bad(err)
	}
	said := sha256.Sum256(text)
	if was, again := l.orders.done[o.ID]; again {
		if was.order != said {
			return Answer{}, &Refused{http.StatusConflict,
				"another order was given by this id: give each its own"}
		}
		return was.answer, was.err
	}
	if err := l.orders.admit(&o, l.Boot, now); err != nil {
		return Answer{}, err
	}
	answer, reached, err := l.do(&o)
	if reached {
		l.orders.done[o.ID] = done{said, o.Expires.Add(MaxAhead), answer, err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wake()
	return answer, err
}

// forget lets go of orders that nobody gives again.
func (d *orders) forget(now time.Time) {
	if d.done == nil {
		d.done = map[string]done{}
	}
	for id, was := range d.done {
		if now.After(was.until) {
			delete(d.done, id)
		}
	}
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
	case len(d.done) >= mostOrders:
		return &Refused{http.StatusTooManyRequests, "too many orders: wait a minute"}
	}
	return nil
}

// late is the refusal of an order that has expired. One that was carried out before is known
// for as long as anybody asks.
var late = &Refused{http.StatusGone, validator.ErrLate.Error()}

// do carries out an order that is new. reached says that the validator has heard it, from
// whoever may give it.
func (l *Local) do(o *Order) (a Answer, reached bool, err error) {
	command, err := o.Command.command()
	if err != nil {
		return a, false, bad(err)
	}
	given := command
	if _, begins := command.(validator.SignOn); !begins {
		shift := validator.Shift{}
		if o.Shift != nil {
			shift = o.Shift.shift()
		}
		given = validator.Driven{Shift: shift, Until: o.Expires, Command: command}
	}
	err = l.Validator.Do(given)
	if errors.Is(err, validator.ErrShift) || errors.Is(err, validator.ErrTaken) {
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
