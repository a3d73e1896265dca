package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"sync"
	"time"

	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// orders are those that were carried out or refused, until they expire.
type orders struct {
	mu   sync.Mutex // held while one is carried out: there is one after the other
	done map[string]done
}

type done struct {
	order  string // as it was given
	until  time.Time
	answer Answer
	err    error
}

// mostOrders is how many orders may be given in MaxAhead. No driver gives one a second.
const mostOrders = 240

// Do implements Device.
func (l *Local) Do(_ context.Context, o Order) (Answer, error) {
	l.orders.mu.Lock()
	defer l.orders.mu.Unlock()
	now := l.Validator.Now()
	said, err := l.orders.admit(&o, l.Boot, now)
	if err != nil {
		return Answer{}, err
	}
	if was, again := l.orders.done[o.ID]; again {
		if was.order != said {
			return Answer{}, &Refused{http.StatusConflict,
				"another order was given by this id: give each its own"}
		}
		return was.answer, was.err
	}
	answer, err := l.do(&o, now)
	l.orders.done[o.ID] = done{said, o.Expires, answer, err}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wake()
	return answer, err
}

// admit tells why an order is not even looked at. said is the order, word for word.
func (d *orders) admit(o *Order, boot string, now time.Time) (said string, err error) {
	if d.done == nil {
		d.done = map[string]done{}
	}
	for id, was := range d.done {
		if now.After(was.until) {
			delete(d.done, id)
		}
	}
	text, err := json.Marshal(o)
	switch {
	case err != nil:
		return "", bad(err)
	case len(o.ID) < 8 || len(o.ID) > 64:
		return "", &Refused{http.StatusBadRequest, "an order's id has 8 to 64 characters"}
	case o.Boot != boot:
		return "", &Refused{http.StatusConflict, "the device was restarted since, and what " +
			"was meant for it before does not count: look at its state and give the order again"}
	case now.After(o.Expires):
		return "", late
	case o.Expires.After(now.Add(MaxAhead)):
		return "", &Refused{http.StatusBadRequest,
			fmt.Sprintf("an order expires within %v", MaxAhead)}
	case len(d.done) >= mostOrders:
		return "", &Refused{http.StatusTooManyRequests, "too many orders: wait a minute"}
	}
	return string(text), nil
}

var late = &Refused{http.StatusGone, validator.ErrLate.Error()}

// do carries out an order that is new.
func (l *Local) do(o *Order, now time.Time) (Answer, error) {
	command, err := o.Command.command()
	if err != nil {
		return Answer{}, bad(err)
	}
	position := l.Journal.Extent().Last
	given := command
	if _, begins := command.(validator.SignOn); !begins {
		shift := validator.Shift{}
		if o.Shift != nil {
			shift = o.Shift.shift()
		}
		given = validator.Driven{Shift: shift, Until: o.Expires, Command: command}
	}
	if err := l.Validator.Do(given); err != nil {
		return Answer{}, refused(err)
	}
	a := answer(command)
	if a.Shift != nil {
		if o.Command.SignOn.Shift.Number != 0 { // it began before, here or elsewhere
			position = l.dayBefore(now)
		}
		l.begins(a.Shift.shift(), position)
	}
	return a, nil
}

// longest is how long a shift is at most, with much to spare.
const longest = 36 * time.Hour

// dayBefore is a position before which there is nothing of a shift that is on now. A device
// that was restarted has events of it that it no longer knows of, and a journal of years is
// not read for them.
func (l *Local) dayBefore(now time.Time) uint64 {
	extent := l.Journal.Extent()
	return extent.First + uint64(sort.Search(int(extent.Last+1-extent.First), func(n int) bool {
		late := true
		_ = l.Journal.Entries(extent.First+uint64(n), func(e journal.Entry) error {
			if e.Kind != journal.Intent && e.Kind != journal.Record {
				return nil
			}
			late = now.Sub(e.Event.At) < longest
			return errFound
		})
		return late
	}))
}

var errFound = errors.New("found")

// begins notes before which position there is nothing of a shift.
func (l *Local) begins(s validator.Shift, position uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since == nil {
		l.since = map[validator.Shift]uint64{}
	}
	if _, known := l.since[s]; !known {
		l.since[s] = position
	}
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
	case errors.As(err, &rule):
		return &Refused{http.StatusUnprocessableEntity, rule.Error()}
	}
	return &Refused{http.StatusUnprocessableEntity, err.Error()}
}
