package console

import (
	"context"

	"leima/cmd/internal/emulated"
	page "leima/validator/console"
)

// bothReaders are the emulated readers of both programs.
type bothReaders struct{ bus, own emulated.Control }

var _ page.Emulation = bothReaders{}

// State implements page.Emulation. A reader without an answer is left out.
func (s bothReaders) State(ctx context.Context) (page.EmulationState, error) {
	own, err := s.own.State(ctx)
	if err != nil {
		return page.EmulationState{}, err
	}
	bus, err := s.bus.State(ctx)
	if err != nil {
		bus = emulated.State{}
	}
	scene := page.EmulationState{
		Cards: []page.EmulatedCard{},
		Readers: map[string]page.EmulatedReader{
			"bus": {Broken: bus.Broken}, "own": {Broken: own.Broken},
		},
	}
	for _, card := range own.Cards {
		passenger := page.EmulatedCard{Name: card.Name, Summary: card.Summary}
		switch card.Name {
		case own.CardOnReader:
			passenger.OnReader = "own"
		case bus.CardOnReader:
			passenger.OnReader = "bus"
		}
		scene.Cards = append(scene.Cards, passenger)
	}
	return scene, nil
}

// Do implements page.Emulation.
func (s bothReaders) Do(ctx context.Context, a page.Operation) (page.EmulationState, error) {
	stage := s.own
	if a.Reader == "bus" {
		stage = s.bus
	}
	if _, err := stage.Do(ctx, emulated.Operation{Kind: a.Kind, Card: a.Card}); err != nil {
		return page.EmulationState{}, err
	}
	return s.State(ctx)
}
