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
	"leima/fare/sale"
	"leima/fare/tariff"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/gtfs"
	"leima/validator/oncard"
	"leima/validator/terminal"
)

// A Simulation is the surroundings of a validator: passengers with emulated cards, a reader, a
// clock, and a driver. The fields are set before the first statement.
type Simulation struct {
	Clock  *Clock
	Field  *emu.Field
	Keys   oncard.Keys
	Rand   io.Reader
	Zone   *time.Location
	Chip   emu.Chip // of new cards
	Frame  int      // of new cards; 0: 64, the only one of an EV1
	Rate   emu.Rate
	Area   cardlayout.Area
	Device Device

	// Feed, if not nil, finds the stops of a timetable by the name of its feed.
	Feed func(name string) (*gtfs.Stops, error)

	// Say, if not nil, receives the texts for spectators.
	Say func(string)

	Cards  map[string]*emu.Card
	Tariff *tariff.Set

	place          validator.Place
	stops          *gtfs.Stops // nil: a stop is only a name
	tears          map[string]emu.Tear
	actionCounters map[string]uint32 // the action counter to which a card's pending actions lead
	outcomes       chan validator.Outcome
}

// A Device is the validator with its controls.
type Device interface {
	// Do carries out a command of the driver.
	Do(terminal.Command) (terminal.Result, error)
	// Block takes a block list with one more card into use.
	Block(cardlayout.Card) error
	// AddAction takes an action list with one more action into use.
	AddAction(cardlayout.Number, sale.Action) error
	// Restart switches the device off and on.
	Restart() error
	// Synchronize sets whether the clock is synchronized.
	Synchronize(bool) error
	// Report sums up the journal.
	Report() ([]string, error)
	// Prices changes the tariffs on board.
	Prices(names []string) error
}

// ErrStopped means that the validator has stopped.
var ErrStopped = errors.New("the validator has stopped")

// Begin puts the bus at its first place.
func (w *Simulation) Begin(place validator.Place) {
	w.place = place
	w.tears = map[string]emu.Tear{}
	w.actionCounters = map[string]uint32{}
	w.outcomes = make(chan validator.Outcome, 1)
	if w.Cards == nil {
		w.Cards = map[string]*emu.Card{}
	}
}

// Tapped receives the outcome of a tap; it is the value of Validator.Tapped. An outcome that
// nothing waits for is dropped.
func (w *Simulation) Tapped(o validator.Outcome) {
	select {
	case w.outcomes <- o:
	default:
	}
}

// Play plays a script and returns it with the actual output. An error is in the script, or ends the
// simulation; each, if not nil, is called after every statement.
func (w *Simulation) Play(
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

func (w *Simulation) play(ctx context.Context, st Statement) ([]string, error) {
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
func (w *Simulation) Present(ctx context.Context, c *emu.Card, tear emu.Tear) (
	o validator.Outcome, k *emu.Contact, err error,
) {
	select {
	case <-w.outcomes: // of an earlier card
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
func (w *Simulation) card(name string) (*emu.Card, error) {
	c, known := w.Cards[name]
	if !known {
		return nil, fmt.Errorf("no passenger %q has a card: write card %s first", name, name)
	}
	return c, nil
}
