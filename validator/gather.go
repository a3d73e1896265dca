package validator

import (
	"errors"

	"leima/fare"
	"leima/hw/clock"
)

// ErrNoList says that there is no block list, or none young enough, on a device
// that requires one.
var ErrNoList = errors.New("the block list is missing or too old: load the area's list")

// listing asks the block list about the event's card, and notes which list it was.
func (v *Validator) listing(event *Event, at *clock.Time) (l fare.Listing, err error) {
	event.List, event.ListMade = v.Blocklist.Version(), v.Blocklist.Made()
	if v.listMissing(at) {
		return l, ErrNoList
	}
	l.Unblocking, l.Listed, err = v.Blocklist.Lookup(event.Card)
	if err == nil && l.Listed {
		l.Held, err = v.Blocklist.Held(event.Card)
	}
	return l, err
}

// listMissing tells whether a list is required and there is none young enough. By a time that
// is not known a list is only as old as it surely is.
func (v *Validator) listMissing(at *clock.Time) bool {
	now := at.At
	if !at.Known() {
		now = at.Kept
	}
	return v.RequireList && (v.Blocklist.Version() == 0 ||
		v.ListLimit > 0 && now.Sub(v.Blocklist.Made()) > v.ListLimit)
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
