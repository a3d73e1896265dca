package sim

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
	"leima/validator"
	"leima/validator/desk"
)

// A Stand is one card that lies on a reader, of metal or emulated, beside a bus whose
// validator taps it again and again, every time as the first tap of a new journey.
type Stand struct {
	*Audit

	// Present activates the card as if it had just come: nothing is authenticated, and
	// nothing that was not committed is left.
	Present func(context.Context) (hw.Card, error)

	trip uint16
}

// NewStand reads the card and begins to audit it. The bus must be newly made. The journeys
// begin at the given time.
func NewStand(
	ctx context.Context, bus *Bus, present func(context.Context) (hw.Card, error), at time.Time,
) (*Stand, error) {
	s := &Stand{
		Audit:   &Audit{Bus: bus, cards: map[cardlayout.Number]*account{}},
		Present: present, trip: first.Trip,
	}
	bus.Clock.Set(at)
	held, err := s.Inspect(ctx)
	if err == nil {
		s.open(held.Card)
	}
	return s, err
}

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

// between is how long a journey is away from the next: longer than any transfer right.
const between = 3 * time.Hour

// travelOn lets time go by until the next tap is a journey of its own.
func (s *Stand) travelOn() error {
	s.Clock.Sleep(between)
	if s.trip++; s.trip == 0 {
		s.trip = 1
	}
	s.place.Trip = s.trip
	return s.Validator.Do(validator.Move{Place: s.place})
}

// tap holds the card to the validator, by way of through.
func (s *Stand) tap(ctx context.Context, through func(hw.Card) hw.Card) (validator.Outcome, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return validator.Outcome{}, err
	}
	return s.Validator.Serve(through(card)), nil
}

// audited is a tap that is audited.
func (s *Stand) audited(
	ctx context.Context, through func(hw.Card) hw.Card,
) (validator.Outcome, error) {
	before, err := s.Inspect(ctx)
	if err != nil {
		return validator.Outcome{}, err
	}
	o, err := s.tap(ctx, through)
	if err != nil {
		return o, err
	}
	after, err := s.Inspect(ctx)
	if err != nil {
		return o, err
	}
	return o, s.judge(o, before.Card, after.Card, reflect.DeepEqual(before, after))
}

// direct leaves a card as it is.
func direct(card hw.Card) hw.Card { return card }

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
	tariff, err := s.tariff(s.Clock.Now())
	if err != nil {
		return err
	}
	amount := cardlayout.Cents(refill)
	if most := tariff.Load.Most; most > 0 {
		amount = min(amount, most)
	}
	card, err := s.Present(ctx)
	if err != nil {
		return err
	}
	sale := fare.Sale{At: s.Clock.Now(), Organisation: 1, Device: deviceNumber}
	loaded, err := desk.Load(card, s.Keys, s.Rand,
		func(c cardlayout.Card) (cardlayout.Card, error) {
			return fare.LoadValue(c, sale, tariff, amount)
		})
	if err != nil {
		return fmt.Errorf("filling the purse up: %w", err)
	}
	book := s.cards[loaded.After.Number]
	book.purse += loaded.After.Purse - loaded.Before.Purse
	book.counter += loaded.After.Counter - loaded.Before.Counter
	return nil
}

// closeBooks audits what the card holds in the end.
func (s *Stand) closeBooks(ctx context.Context) error {
	held, err := s.Inspect(ctx)
	if err != nil {
		return err
	}
	return s.books(held.Card)
}
