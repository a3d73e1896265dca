package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/gtfs"
)

// A World is all that a validator meets: passengers with emulated cards, a field to
// hold them to, a clock, and a driver. The fields are set before the first statement.
type World struct {
	Clock  *Clock
	Field  *emu.Field
	Keys   desk.Keys
	Rand   io.Reader
	Zone   *time.Location
	Chip   emu.Chip // of new cards
	Frame  int      // of new cards; 0: 64, which is all that an EV1 knows
	Rate   emu.Rate
	Area   cardlayout.Area
	Device Device

	// Feed, if not nil, finds the stops of a timetable by the name of its feed.
	Feed func(name string) (*gtfs.Stops, error)

	// Say, if not nil, gets what is said to spectators.
	Say func(string)

	Cards  map[string]*emu.Card
	Tariff *tariff.Set

	place    validator.Place
	stops    *gtfs.Stops // nil: a stop is but a name
	tears    map[string]emu.Tear
	leaves   map[string]uint32 // the action counter that a card's waiting actions lead to
	outcomes chan validator.Outcome
}

// A Device is the validator as the world may influence it.
type Device interface {
	// Do passes on what the driver says.
	Do(validator.Command) error
	// Block takes a block list into use that names one card more.
	Block(cardlayout.Card) error
	// Act takes an action list into use that has one action more.
	Act(cardlayout.Number, fare.Action) error
	// Restart switches the device off and on.
	Restart() error
	// Keep says whether somebody keeps the clock right.
	Keep(bool) error
	// Report sums up the journal.
	Report() ([]string, error)
	// Prices changes what is charged on board.
	Prices(names []string) error
}

// ErrStopped says that the validator serves no more.
var ErrStopped = errors.New("the validator has stopped")

// Begin makes the world ready: the bus stands at place.
func (w *World) Begin(place validator.Place) {
	w.place = place
	w.tears = map[string]emu.Tear{}
	w.leaves = map[string]uint32{}
	w.outcomes = make(chan validator.Outcome, 1)
	if w.Cards == nil {
		w.Cards = map[string]*emu.Card{}
	}
}

// Tapped is told how a tap ended. It goes into Validator.Tapped. An outcome that
// nobody waits for is dropped.
func (w *World) Tapped(o validator.Outcome) {
	select {
	case w.outcomes <- o:
	default:
	}
}

// Play plays a script and returns it with the output that came. An error is in the
// script, or the world's end; each, if not nil, hears of every statement after it was
// played.
func (w *World) Play(
	ctx context.Context, s *Script, each func(Statement, []string),
) (*Script, error) {
	played := &Script{Name: s.Name}
	for _, b := range s.blocks {
		b.output = nil
		for _, st := range s.statements(b) {
			lines, err := w.play(ctx, st)
			if err != nil {
				return played, st.wrong(err)
			}
			b.output = append(b.output, lines...)
			if each != nil {
				each(st, lines)
			}
		}
		played.blocks = append(played.blocks, b)
	}
	return played, nil
}

func (w *World) play(ctx context.Context, st Statement) ([]string, error) {
	if ctx.Err() != nil {
		return nil, ErrStopped
	}
	do, known := verbs[st.Verb]
	if !known {
		return nil, fmt.Errorf("there is no such statement: want one of %s",
			strings.Join(verbNames(), ", "))
	}
	return do(w, ctx, st)
}

func verbNames() []string {
	var names []string
	for name := range verbs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Present holds a card to the reader until the validator has answered.
func (w *World) Present(ctx context.Context, c *emu.Card, tear emu.Tear) (
	o validator.Outcome, k *emu.Contact, err error,
) {
	select {
	case <-w.outcomes: // of a card that somebody else has held to the reader
	default:
	}
	k = w.Field.Put(c, emu.Air{Rate: w.Rate, Tear: tear, Sleep: w.Clock.Sleep})
	defer w.Field.Take()
	select {
	case o = <-w.outcomes:
		return o, k, nil
	case <-ctx.Done():
		return o, k, ErrStopped
	}
}

// card finds a passenger's card.
func (w *World) card(name string) (*emu.Card, error) {
	c, known := w.Cards[name]
	if !known {
		return nil, fmt.Errorf("nobody called %q has a card: write card %s first", name, name)
	}
	return c, nil
}
