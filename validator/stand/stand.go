// Package stand is a test stand: one card that lies on a reader, of metal or emulated,
// beside a bus whose validator taps it again and again, every time as the first tap of a
// journey of its own. It soaks the card, cuts its power everywhere in a tap, keeps a tap
// on tape and does it again, and audits what came of it against the bus's journal.
//
// It decides nothing, knows no key and no reader, and asks the time of nobody: the bus has
// a clock of its own. Its one rule: whatever it finds wrong is the validator's or the
// card's; that a card was lost on the way is told apart from it.
package stand

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/sim"
)

// A Stand is a card and the bus beside it.
type Stand struct {
	*sim.Audit

	// Present activates the card as if it had just come: nothing is authenticated, and
	// nothing that was not committed is left.
	Present func(context.Context) (hw.Card, error)

	place   validator.Place
	journey cardlayout.Journey // the card's last
	lastDay cardlayout.Day     // the card's, 0 if it was over at the beginning
}

// ErrLastDay says that the card's last day is over in the time of the stand.
var ErrLastDay = errors.New("the next journey would begin after the card's last day")

// New reads the card and begins to audit it. The bus must be newly made. The journeys begin
// at the given time, or when the card's last one is over, if that is later: a card that
// lay on a stand before carries journeys of the time to come.
func New(
	ctx context.Context, bus *sim.Bus, present func(context.Context) (hw.Card, error), at time.Time,
) (*Stand, error) {
	audit, err := sim.NewAudit(bus)
	if err != nil {
		return nil, err
	}
	s := &Stand{Audit: audit, Present: present, place: bus.Validator.Place}
	held, err := s.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	bus.Clock.Set(at)
	s.Open(held.Card)
	s.journey, s.place.Trip = held.Card.Journey, held.Card.Journey.Trip
	if s.day(at) <= held.Card.ValidUntil {
		s.lastDay = held.Card.ValidUntil
	}
	return s, nil
}

func (s *Stand) day(at time.Time) cardlayout.Day { return cardlayout.DayOf(at.In(s.Zone)) }

// Inspect reads all of the card.
func (s *Stand) Inspect(ctx context.Context) (desk.Contents, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return desk.Contents{}, err
	}
	keys := s.Keys
	keys.Holder = nil // it is nobody's business here
	return desk.Inspect(card, keys, s.Rand)
}

// between is how long a journey begins after the transfer right of the last has ended, or
// after its last boarding.
const between = time.Minute

// travelOn lets time go by until the next tap is a journey of its own.
func (s *Stand) travelOn() error {
	last := max(s.journey.Start+cardlayout.Instant(s.journey.Minutes)*60, s.journey.Boarded)
	next := last.Time().Add(between)
	if now := s.Clock.Now(); s.journey == (cardlayout.Journey{}) || next.Before(now) {
		next = now.Add(between)
	}
	if s.lastDay > 0 && s.day(next) > s.lastDay {
		return fmt.Errorf("%w, %v: issue it anew with a later one", ErrLastDay, s.lastDay)
	}
	s.Clock.Set(next)
	if s.place.Trip++; s.place.Trip == 0 {
		s.place.Trip = 1
	}
	return s.Validator.Do(validator.Move{Place: s.place})
}

// note remembers the journey that a tap has begun.
func (s *Stand) note(o validator.Outcome) {
	if o.Decision.Accept() {
		s.journey = o.Decision.After.Journey
	}
}

// tap holds the card to the validator, by way of through.
func (s *Stand) tap(ctx context.Context, through func(hw.Card) hw.Card) (validator.Outcome, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return validator.Outcome{}, err
	}
	o := s.Validator.Serve(through(card))
	s.note(o)
	return o, nil
}

// audited is a tap that is audited. wrong is what the audit has found; err says that the
// card could not be read before or after it, so that nothing is known.
func (s *Stand) audited(
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
	return o, s.Judge(o, before.Card, after.Card, reflect.DeepEqual(before, after)), nil
}

// direct leaves a card as it is.
func direct(card hw.Card) hw.Card { return card }

// Try begins a journey with whatever through makes of the card, and audits the tap. Again
// presents the card as it is once more, on the same vehicle trip.
func (s *Stand) Try(
	ctx context.Context, through func(hw.Card) hw.Card,
) (validator.Outcome, error) {
	if err := s.travelOn(); err != nil {
		return validator.Outcome{}, err
	}
	o, wrong, err := s.audited(ctx, through)
	return o, errors.Join(wrong, err)
}

// Again is described at Try.
func (s *Stand) Again(ctx context.Context) (validator.Outcome, error) {
	o, wrong, err := s.audited(ctx, direct)
	return o, errors.Join(wrong, err)
}

// The purse of a card that is tapped for long is filled up in time.
const (
	tooLow = 30_00
	refill = 100_00
)

// fill loads the card if its purse is low, and enters it into the books.
func (s *Stand) fill(ctx context.Context, purse cardlayout.Cents) error {
	if purse >= tooLow {
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
	sale := fare.Sale{At: s.Clock.Now(), Organisation: 1, Device: s.Journal.Next().Device,
		Again: true}
	loaded, err := desk.LoadHeard(ctx, s.visit(), s.Keys, s.Rand,
		func(c cardlayout.Card) (cardlayout.Card, error) {
			return fare.LoadValue(c, sale, tariff, amount)
		})
	if err != nil {
		return fmt.Errorf("filling the purse up: %w", err)
	}
	s.Enter(loaded)
	return nil
}

// visit presents the card again a few times; nobody is there to lay it down anew.
func (s *Stand) visit() desk.Visit {
	const most = 5
	visits := 0
	return func(ctx context.Context, again error) (hw.Card, error) {
		if visits++; visits > most {
			return nil, again
		}
		return s.Present(ctx)
	}
}

// closeBooks audits what the card holds in the end.
func (s *Stand) closeBooks(ctx context.Context) error {
	held, err := s.Inspect(ctx)
	if err != nil {
		return err
	}
	return s.Books(held.Card)
}
