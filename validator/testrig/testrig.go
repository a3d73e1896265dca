// Package testrig is a test rig: one card on a reader, physical or emulated, and a bus whose
// validator taps it again and again, each time as the first tap of a separate journey. It soaks the
// card, cuts its power everywhere in a tap, records a tap on tape and replays it, and audits the
// results against the bus's journal.
//
// It decides nothing, knows neither keys nor readers, and reads no clock: the bus has its own. Its
// one rule: an error that it finds is the validator's or the card's; the loss of a card on the way
// is told apart from that.
package testrig

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/hw"
	"leima/validator"
	"leima/validator/servicepoint"
	"leima/validator/sim"
	"leima/validator/terminal"
)

// A Rig is a card and its bus.
type Rig struct {
	*sim.Audit

	// Present activates the card as if it had just come: without authentication and without
	// uncommitted writes.
	Present func(context.Context) (hw.Card, error)

	place   validator.Place
	journey cardlayout.Journey // the card's last journey
	lastDay cardlayout.Day     // of the card, 0 if it was over at the beginning
}

// ErrLastDay means that the card's last day is over in the time of the rig.
var ErrLastDay = errors.New("the next journey would begin after the card's last day")

// New reads the card and begins to audit it. The bus must be new. The journeys begin at the given
// time, or when the card's last one is over, if that is later: a card that was on a rig before
// carries journeys of the future.
func New(
	ctx context.Context, bus *sim.Bus, present func(context.Context) (hw.Card, error), at time.Time,
) (*Rig, error) {
	audit, err := sim.NewAudit(bus)
	if err != nil {
		return nil, err
	}
	s := &Rig{Audit: audit, Present: present, place: bus.Validator.Place}
	held, err := s.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	bus.Clock.Set(at)
	s.AddCard(held.Card)
	s.journey, s.place.Trip = held.Card.Journey, held.Card.Journey.Trip
	if s.day(at) <= held.Card.ValidUntil {
		s.lastDay = held.Card.ValidUntil
	}
	return s, nil
}

func (s *Rig) day(at time.Time) cardlayout.Day { return cardlayout.DayOf(at.In(s.Zone)) }

// Inspect reads all of the card.
func (s *Rig) Inspect(ctx context.Context) (servicepoint.Contents, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return servicepoint.Contents{}, err
	}
	keys := s.Keys
	keys.Holder = nil // personal data is not needed here
	return servicepoint.Inspect(card, keys, s.Rand)
}

// journeyGap is the time between the end of the last transfer right, or the last boarding, and the
// next journey.
const journeyGap = time.Minute

// nextJourney advances the clock until the next tap begins a journey.
func (s *Rig) nextJourney() error {
	last := max(s.journey.Start+cardlayout.Instant(s.journey.Minutes)*60, s.journey.Boarded)
	next := last.Time().Add(journeyGap)
	if now := s.Clock.Now(); s.journey == (cardlayout.Journey{}) || next.Before(now) {
		next = now.Add(journeyGap)
	}
	if s.lastDay > 0 && s.day(next) > s.lastDay {
		return fmt.Errorf("%w, %v: issue it again with a later one", ErrLastDay, s.lastDay)
	}
	s.Clock.Set(next)
	if s.place.Trip++; s.place.Trip == 0 {
		s.place.Trip = 1
	}
	_, err := s.Terminal.Do(terminal.Move{Place: s.place})
	return err
}

// note keeps the journey that a tap has begun.
func (s *Rig) note(o validator.Outcome) {
	if o.Decision.Accept() {
		s.journey = o.Decision.After.Journey
	}
}

// tap presents the card to the validator, wrapped by through.
func (s *Rig) tap(ctx context.Context, through func(hw.Card) hw.Card) (validator.Outcome, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return validator.Outcome{}, err
	}
	o := s.Validator.Serve(through(card))
	s.note(o)
	return o, nil
}

// auditedTap is an audited tap. wrong is the finding of the audit; err means that the card could
// not be read before or after it, so that nothing is known.
func (s *Rig) auditedTap(
	ctx context.Context, through func(hw.Card) hw.Card,
) (o validator.Outcome, wrong, err error) {
	before, err := s.Inspect(ctx)
	if err != nil {
		return o, nil, err
	}
	if o, err = s.tap(ctx, through); err != nil {
		return o, nil, err
	}
	after, err := s.Inspect(ctx)
	if err != nil {
		return o, nil, err
	}
	return o, s.CheckTap(o, before.Card, after.Card, reflect.DeepEqual(before, after)), nil
}

// direct does not wrap a card.
func direct(card hw.Card) hw.Card { return card }

// Try begins a journey with the card as wrapped by through, and audits the tap. Again presents the
// card once more, unwrapped, on the same vehicle trip.
func (s *Rig) Try(
	ctx context.Context, through func(hw.Card) hw.Card,
) (validator.Outcome, error) {
	if err := s.nextJourney(); err != nil {
		return validator.Outcome{}, err
	}
	o, wrong, err := s.auditedTap(ctx, through)
	return o, errors.Join(wrong, err)
}

// Again is described at Try.
func (s *Rig) Again(ctx context.Context) (validator.Outcome, error) {
	o, wrong, err := s.auditedTap(ctx, direct)
	return o, errors.Join(wrong, err)
}

// The purse of a card is filled up in time during a long soak.
const (
	refillBelow = 30_00
	refill      = 100_00
)

// fill loads the card if its purse is low, and tells the audit.
func (s *Rig) fill(ctx context.Context, purse cardlayout.Cents) error {
	if purse >= refillBelow {
		return nil
	}
	tariff, err := s.Tariff.At(s.Area, s.Clock.Now())
	if err != nil {
		return err
	}
	amount := cardlayout.Cents(refill)
	if most := tariff.Load.Most; most > 0 {
		amount = min(amount, most)
	}
	refilled := sale.Sale{
		At: s.Clock.Now(), Organisation: 1, Device: s.Journal.Next().Device,
		Again: true,
	}
	loaded, err := servicepoint.LoadConfirmed(ctx, s.presenter(), s.Keys, s.Rand,
		func(c cardlayout.Card) (cardlayout.Card, error) {
			return sale.LoadValue(c, refilled, tariff, amount)
		})
	if err != nil {
		return fmt.Errorf("filling the purse up: %w", err)
	}
	s.AddLoad(loaded)
	return nil
}

// presenter presents the card again a few times.
func (s *Rig) presenter() servicepoint.Presenter {
	const most = 5
	visits := 0
	return func(ctx context.Context, again error) (hw.Card, error) {
		if visits++; visits > most {
			return nil, again
		}
		return s.Present(ctx)
	}
}

// auditCard audits the final content of the card.
func (s *Rig) auditCard(ctx context.Context) error {
	held, err := s.Inspect(ctx)
	if err != nil {
		return err
	}
	return s.CheckCard(held.Card)
}
