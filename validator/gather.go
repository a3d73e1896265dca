package validator

import (
	"errors"
	"time"

	"leima/fare"
)

// ErrNoList says that there is no block list, or none young enough, on a device
// that requires one.
var ErrNoList = errors.New("the block list is missing or too old: load the area's list")

// now is the time of a tap. A clock that stands behind the last event has lost its
// time, as after a flat battery: then time goes on from that event, and events say
// so, until the clock is right again. A clock that has seen the block list made, or that is
// kept right by one that knows the time, is believed: then it was the last event that was
// ahead.
//
// What has gone by since an estimated time is what the clock says between two of its
// readings. If that is less than nothing, or so long that no bus stands still for it,
// somebody has set the clock, and nothing has gone by.
func (v *Validator) now() (at time.Time, estimated bool) {
	clock, latest := v.Now(), v.Journal.Latest()
	made := v.Blocklist.Made()
	if !clock.Truncate(time.Second).Before(latest) || !made.IsZero() && clock.After(made) ||
		v.Synced != nil && v.Synced() {
		v.estimate = time.Time{}
		return clock, false
	}
	if at = v.estimate; !at.IsZero() {
		if elapsed := clock.Sub(v.read); elapsed > 0 && elapsed < standstill {
			at = at.Add(elapsed)
		}
	}
	if at.Before(latest) {
		at = latest
	}
	v.read, v.estimate = clock, at
	return at, true
}

// time is the device's time, which others go by who ask it for something.
func (v *Validator) time() time.Time {
	at, _ := v.now()
	return at
}

// Time is the device's time: the clock's, or while that has lost it the estimate.
func (v *Validator) Time() time.Time {
	v.between.Take()
	defer v.between.Leave()
	return v.time()
}

// standstill is the longest that a device may be on and serve nobody.
const standstill = 24 * time.Hour

// listing asks the block list about the event's card, and notes which list it was.
func (v *Validator) listing(event *Event) (l fare.Listing, err error) {
	event.List, event.ListMade = v.Blocklist.Version(), v.Blocklist.Made()
	if v.RequireList {
		age := event.At.Sub(event.ListMade)
		if event.List == 0 || v.ListLimit > 0 && age > v.ListLimit {
			return l, ErrNoList
		}
	}
	l.Unblocking, l.Listed, err = v.Blocklist.Lookup(event.Card)
	if err == nil && l.Listed {
		l.Held, err = v.Blocklist.Held(event.Card)
	}
	return l, err
}

// waiting asks the action list about the event's card. While nobody can tell what has
// expired, because the list does not answer or the clock has lost its time, the actions
// wait: no passenger is refused for one.
func (v *Validator) waiting(event *Event) []fare.Action {
	if v.Actions == nil || event.Estimated {
		return nil
	}
	actions, err := v.Actions.Lookup(event.Card)
	if err != nil {
		v.Log.Error("the action list does not answer, and its loads wait", "error", err)
		return nil
	}
	return actions
}
