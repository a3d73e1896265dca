package validator

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
	"leima/hw/clock"
	"leima/hw/desfire"
)

// A Validator is a device bolted to a bus. Its fields are set before the first tap
// and not changed afterwards; what changes in service changes by Do.
type Validator struct {
	Reader    hw.Reader
	Panel     hw.Panel
	Language  Language
	App       desfire.App
	Keys      cardlayout.Keys
	Journal   Journal
	Blocklist Blocklist
	Actions   Actions // nil: there is no action list
	Tariffs   Tariffs

	// RequireList makes a fault of a block list that is missing, or older than
	// ListLimit if that is not zero.
	RequireList bool
	ListLimit   time.Duration

	// Budget is the longest a tap may take before its commit; 0 has no limit.
	Budget time.Duration

	Now  func() time.Time
	Rand io.Reader

	// Elapsed is a measure that nobody sets and that counts while the machine sleeps; nil:
	// Now is its own. Synced tells whether Now is kept right by a clock that knows the time,
	// such as a server's or a satellite's. Told, if not nil, tells whether Now goes by another
	// device whose time is plausible. Emulated says that Now is no real clock, as does a Synced
	// that is nil. See package clock for what is believed.
	Elapsed  func() time.Duration
	Synced   func() bool
	Told     func() bool
	Emulated bool

	// Built is when this program was, and Earliest the first day of the tariffs on board:
	// no real clock shows an earlier time. Zero and nil: it is not known.
	Built    time.Time
	Earliest func() time.Time

	Log *slog.Logger

	// Tapped, if not nil, is told how every tap ended, after the panel. It is called
	// during the tap: it must not wait for Do.
	Tapped func(Outcome)

	// Place is where the service begins.
	Place Place

	// Desk says that this is the driver's own device: cards are looked at and loaded, and
	// nobody pays a trip. Organisation is who sells loads, 14 bits.
	Desk         bool
	Organisation uint16

	between Turn // held during a tap: commands are applied between taps
	order   order
	shift   Shift
	looked  looked
	loads   loads
	guesses guesses
	ordered OrderKey // the order that is being carried out; zero: none
	legs    []leg    // the vehicle trips of late
	paused  bool
	failed  error // what kept the last tap from being served
	trouble error // of the reader, while it lasts
	judge   clock.Judge
	timed   clock.Time // what was judged last
}

// Tap is the life of a tap: everything that happens between a card entering the
// field and the lamp lighting up happens here, in this order.
//
// Until commit is sent the card is unchanged, so an error before that line means
// only "present the card again"; the journal's intent covers the one instant after
// it when neither side knows what the other has done.
func (v *Validator) Tap(card hw.Card) Outcome {
	event := v.newEvent()
	field := v.watch(card)

	session, err := v.open(field, &event)
	if err != nil {
		return v.unreadable(event, cardlayout.Card{}, err)
	}
	image, mode, err := ReadImage(session)
	if err != nil {
		return v.unreadable(event, cardlayout.Card{}, err)
	}
	held, err := Decode(session, &image, v.Keys)
	if err != nil {
		return v.unreadable(event, held, err)
	}
	event.know(&held)

	pending := v.Journal.Pending(held.Number)
	receipt, err := readReceipt(session, &held, pending)
	if err != nil {
		return v.unreadable(event, held, err)
	}
	unheard, err := v.resume(&event, &held, pending, receipt)
	if err != nil {
		return v.fault(event, err)
	}
	tap, tariff, err := v.facts(&event, &held, unheard)
	if err != nil {
		return v.fault(event, err)
	}
	if fare.TripMatters(&held, &tap, tariff) {
		if err := v.ridden(session, mode, &held, &tap); err != nil {
			return v.unreadable(event, held, err)
		}
	}
	if tap.Check {
		return v.look(session, mode, event, held, tap, tariff)
	}
	loaded, picked := fare.Apply(held, tap, tariff)
	decision := fare.Decide(loaded, tap, tariff)
	decision.Stamp(&held, event.ID)
	event.decide(&decision, picked)

	writes, err := image.Rewrite(held, decision.After, v.Keys)
	if err != nil {
		return v.fault(event, err)
	}
	if len(writes) == 0 {
		return v.record(event, decision)
	}
	if held.TransactionMAC {
		event.Signed = signing(session, writes)
	}
	if err := v.Journal.Begin(event); err != nil {
		return v.fault(event, err)
	}
	receipt, err = writeBack(session, field, mode, writes, held.TransactionMAC)
	switch {
	case err == nil:
		return decided(event, decision).note(v.Journal.Settle(event.ID, receipt))
	case errors.Is(err, desfire.ErrCommitUnknown):
		return uncertain(event, decision, err)
	}
	return tryAgain(event, err).note(v.Journal.Void(event.ID))
}

// facts gathers everything a decision needs besides the card, and notes in the event
// what it was gathered from. Nothing is looked up after it.
func (v *Validator) facts(event *Event, held *cardlayout.Card, unheard fare.Earlier) (
	fare.Tap, *fare.Tariff, error,
) {
	tariff, err := v.Tariffs(event.At)
	if err != nil {
		return fare.Tap{}, nil, err
	}
	event.Tariff, event.UsedIn = tariff.ID, tariff.Area
	listing, err := v.listing(event, &v.timed)
	if err != nil {
		return fare.Tap{}, nil, err
	}
	order := v.standing(event)
	event.Driver, event.Zones = order.String(), cmp.Or(order.Zones, event.Place.zones())
	return fare.Tap{
		At: event.At, Certainty: certainty(&v.timed), Event: event.ID,
		Vehicle: event.Place.Vehicle, Direction: event.Place.Direction,
		Trip: event.Place.Trip, Zone: event.Place.Zone, NextZone: event.Place.NextZone,
		Zones: event.Place.zones(), Chosen: order.Zones, Persons: order.Persons,
		Lent: order.Lent, Errand: v.errand(&order, held),
		Check:   order.Check || v.Desk && order.Errand == nil,
		Listing: listing, Unheard: unheard, Waiting: v.waiting(event),
	}, tariff, nil
}

// record ends a tap that leaves the card as it is.
func (v *Validator) record(event Event, d fare.Decision) Outcome {
	if err := v.Journal.Record(event); err != nil {
		return Outcome{Ending: Fault, Event: event, Err: err}
	}
	return decided(event, d)
}

// unreadable ends a tap whose card could not be read, or only as far as held tells. What says
// something of the card itself is a refusal; anything else may go better the next time.
func (v *Validator) unreadable(event Event, held cardlayout.Card, err error) Outcome {
	d, known := fare.Unreadable(err)
	if !known {
		return tryAgain(event, err)
	}
	d.After = held
	event.decide(&d, nil)
	return v.record(event, d).note(err)
}

// fault ends a tap that the device could not serve, before anything was written.
func (v *Validator) fault(event Event, err error) Outcome {
	event.Fault = err.Error()
	event.Balance += event.Charge - event.Loaded() // neither of which was done
	event.Charge, event.Actions, event.Added, event.Receipt = 0, nil, 0, nil
	event.Benefit, event.Employer, event.Signed = "", 0, nil
	return Outcome{Ending: Fault, Event: event, Err: err}.note(v.Journal.Record(event))
}
