package validator

import (
	"cmp"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/clock"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// ErrNoList means that a device that requires a block list has none, or none young enough.
var ErrNoList error = fare.Say("the block list is missing or too old: load the area's list")

// gather gathers all that a decision needs besides the card, and notes its sources in the event.
func (v *Validator) gather(event *Event, b *Business, u fare.Unconfirmed) (f Facts, err error) {
	if f.Tariff, err = v.Tariffs(event.At); err != nil {
		return f, err
	}
	event.Tariff, event.UsedIn = f.Tariff.ID, f.Tariff.Area
	listing, err := v.listing(event, &v.lastTime)
	if err != nil {
		return f, err
	}
	event.Command, event.Zones = b.Asked, cmp.Or(b.Zones, event.Place.zones())
	f.Tap = fare.Tap{
		At: event.At, Certainty: certainty(&v.lastTime), Event: event.ID,
		Vehicle: event.Place.Vehicle, Direction: event.Place.Direction,
		Trip: event.Place.Trip, Zone: event.Place.Zone,
		Also: event.Place.ValidZones(), Unsure: event.Place.Unsure,
		Zones: event.Place.zones(), Chosen: b.Zones, Persons: b.Persons, Lent: b.Lent,
		Listing: listing, Unconfirmed: u,
	}
	f.Waiting = v.waiting(event)
	return f, nil
}

// readMore reads the files that not every tap needs. A block and a load write what they have to
// read before.
func (v *Validator) readMore(s *desfire.Session, image *cardlayout.Image, held *cardlayout.Card,
	b *Business, f *Facts,
) (err error) {
	if b.Whole || f.Listing.Listed || f.actionsWait(held) {
		err = oncard.ReadRest(s, image, held, v.Keys)
	}
	if err == nil && fare.TripMatters(held, &f.Tap, f.Tariff) {
		err = v.addLastTrip(s, image, held, &f.Tap)
	}
	if err == nil && b.History {
		f.History, _, err = oncard.ReadHistory(s, oncard.Mode(image))
	}
	return err
}

// listing looks up the event's card in the block list, and notes the list's version.
func (v *Validator) listing(event *Event, at *clock.Time) (l fare.Listing, err error) {
	event.List, event.ListMade = v.Blocklist.Version(), v.Blocklist.Made()
	if v.listMissing(at) {
		return l, ErrNoList
	}
	l.Unblocking, l.Listed, err = v.Blocklist.Lookup(event.Card)
	if err == nil && l.Listed {
		l.Provisional, err = v.Blocklist.Provisional(event.Card)
	}
	return l, err
}

// listMissing reports whether a required list is missing or too old. While the time is unknown a
// list is only as old as it surely is.
func (v *Validator) listMissing(at *clock.Time) bool {
	now := at.At
	if !at.Known() {
		now = at.LastSync
	}
	return v.RequireList && (v.Blocklist.Version() == 0 ||
		v.ListLimit > 0 && now.Sub(v.Blocklist.Made()) > v.ListLimit)
}

// waiting looks up the event's card in the action list, and notes the list's version. If the list
// does not answer, or the time is unknown and so is what has expired, the actions wait: no
// passenger is refused for one.
func (v *Validator) waiting(event *Event) []sale.Action {
	if v.Actions == nil {
		return nil
	}
	event.ActionList = v.Actions.Version()
	if event.Estimated {
		return nil
	}
	actions, err := v.Actions.Lookup(event.Card)
	if err != nil {
		v.Log.Error("the action list does not answer, and its loads wait", "error", err)
		return nil
	}
	return actions
}
