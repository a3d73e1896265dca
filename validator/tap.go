package validator

import (
	"cmp"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
	"leima/hw/clock"
	"leima/hw/desfire"
	"leima/validator/messages"
	"leima/validator/oncard"
)

// A Validator is the device on a bus. Its fields are set before the first tap and not changed
// afterwards; whatever changes in service changes through Do.
type Validator struct {
	Reader    hw.Reader
	Panel     hw.Panel
	Language  messages.Language
	App       desfire.App      // with the transport keys behind desfire.Authenticator
	Keys      cardlayout.Seals // of the rights
	Journal   Journal
	Blocklist Blocklist
	Actions   Actions // nil: no action list
	Tariffs   Tariffs

	// RequireList makes it a fault if the block list is missing, or older than ListLimit if that
	// is not zero.
	RequireList bool
	ListLimit   time.Duration

	// Budget is the longest time of a tap before its commit; 0: no limit.
	Budget time.Duration

	Now  func() time.Time
	Rand io.Reader

	// Elapsed is a monotonic time that also counts while the machine sleeps; nil: by Now. Synced
	// reports whether Now is kept right by a server or a satellite. Relayed, if not nil, reports
	// whether Now follows another device whose time is plausible. Emulated: Now is no real clock; a
	// nil Synced means the same. Package clock decides what is believed.
	Elapsed  func() time.Duration
	Synced   func() bool
	Relayed  func() bool
	Emulated bool

	// Built is the time of the program's build, and Earliest the first day of the tariffs on board:
	// no real clock shows an earlier time. Zero and nil if not known.
	Built    time.Time
	Earliest func() time.Time

	// Version is the program's version, for every event; empty if none.
	Version string

	Log *slog.Logger

	// Tapped, if not nil, is called with the end of every tap, after the panel. It is called during
	// the tap and must not wait for Do.
	Tapped func(Outcome)

	// Waiting, if not nil, is called each time before the loop waits for a card.
	Waiting func()

	// Place is where the service begins, and then where the vehicle is; PlaceHeard is when its
	// source was heard, by Uptime.
	Place      Place
	PlaceHeard time.Duration

	// Terminal is the driver's terminal, which knows the business of cards; nil: there is none, and
	// every card boards its holder.
	Terminal Terminal

	turn      Turn        // taken during a tap: a driver's orders come between taps
	trips     []tripStart // the last vehicle trips
	paused    bool
	failed    error // the failure of the last tap
	trouble   error // of the reader, while it lasts
	estimator clock.Estimator
	lastTime  clock.Time // the last estimate
}

// Tap is the life of a tap: all that happens between a card entering the field and the lamp
// lighting up, in this order.
//
// Until commit is sent the card is unchanged, so an error before that line only means "present the
// card again". The journal's intent covers the moment after it when neither side knows what the
// other has done.
func (v *Validator) Tap(card hw.Card) Outcome {
	event := v.NewEvent()
	field := v.withBudget(card)

	session, err := v.open(field, &event)
	if err != nil {
		return v.unreadable(event, cardlayout.Card{}, err)
	}
	image, held, err := oncard.Read(session, v.Keys, v.Rand)
	if err != nil {
		return v.unreadable(event, held, err)
	}
	mode := oncard.Mode(&image)
	event.noteCard(&held)

	pending := v.Journal.Pending(held.Number)
	tmac, err := v.readPending(session, &image, &held, pending)
	if err != nil {
		return v.unreadable(event, held, err)
	}
	unconfirmed, err := v.resume(&held, pending, tmac)
	if err != nil {
		return v.fault(event, err)
	}
	business := v.terminal().Business(&held, event.At)
	facts, err := v.gather(&event, &business, unconfirmed)
	if err != nil {
		return v.fault(event, err)
	}
	if err := v.readMore(session, &image, &held, &business, &facts); err != nil {
		return v.unreadable(event, held, err)
	}
	decision := business.Decide(held, &facts)
	decision.Stamp(&held, event.ID)
	event.noteDecision(&decision)

	writes, err := image.Rewrite(held, decision.After, v.Keys)
	if err != nil {
		return v.fault(event, err)
	}
	if len(writes) == 0 {
		return v.record(event, decision)
	}
	if held.TransactionMAC {
		event.TMI = oncard.TMI(session, writes)
	}
	if err := v.Journal.Begin(event); err != nil {
		return v.fault(event, err)
	}
	kept := sync.OnceValue(v.Journal.Flush) // beside the writes, before the commit
	tmac, err = oncard.Commit(session, mode, writes, held.TransactionMAC, func() error {
		return cmp.Or(kept(), field.last())
	})
	switch lost := kept(); {
	case lost != nil: // the card forgets its writes
		return v.fault(event, lost)
	case err == nil:
		return outcomeOf(event, decision).note(v.Journal.Settle(event.ID, tmac))
	case errors.Is(err, desfire.ErrCommitUnknown):
		return uncertain(event, decision, err)
	}
	return tryAgain(event, err).note(v.Journal.Void(event.ID))
}

// record ends a tap that leaves the card as it is.
func (v *Validator) record(event Event, d Decision) Outcome {
	if err := v.Journal.Record(event); err != nil {
		return Outcome{Ending: Fault, Event: event, Err: err}
	}
	return outcomeOf(event, d)
}

// unreadable ends a tap whose card could not be read, or only as far as held. An error about the
// card itself is a refusal; after any other the next try may succeed.
func (v *Validator) unreadable(event Event, held cardlayout.Card, err error) Outcome {
	if errors.Is(err, cardlayout.ErrKeys) { // the next card would fare no better
		return v.fault(event, err)
	}
	unreadable, known := fare.Unreadable(err)
	if !known {
		return tryAgain(event, err)
	}
	unreadable.After = held
	d := Decision{Decision: unreadable}
	event.noteDecision(&d)
	return v.record(event, d).note(err)
}

// fault ends a tap that the device could not serve, before anything was written.
func (v *Validator) fault(event Event, err error) Outcome {
	event.Fault = err.Error()
	event.Balance += event.Charge - event.ValueAdded() // neither was done
	event.Charge, event.Actions, event.Added, event.Receipt = 0, nil, 0, nil
	event.Benefit, event.Employer, event.TMI = "", 0, nil
	return Outcome{Ending: Fault, Event: event, Err: err}.note(v.Journal.Record(event))
}
