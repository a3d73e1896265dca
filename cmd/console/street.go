package main

import (
	"context"

	"leima/cmd/internal/street"
	"leima/hw"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/desk"
)

// A scenery is the street of the demo, with the readers of both programs.
type scenery struct{ bus, own street.Stage }

var _ console.Street = scenery{}

// demo is the street of an emulated reader; a real one has none.
func demo(reader hw.Reader, keys desk.Keys, client *api.Client) console.Street {
	r, is := reader.(*street.Reader)
	if !is {
		return nil
	}
	return scenery{bus: street.Remote{Send: client.Send}, own: street.Local{Reader: r, Keys: keys}}
}

// Scene implements console.Street. What the bus does not tell is not to be seen.
func (s scenery) Scene(ctx context.Context) (console.Scene, error) {
	own, err := s.own.Scene(ctx)
	if err != nil {
		return console.Scene{}, err
	}
	bus, err := s.bus.Scene(ctx)
	if err != nil {
		bus = street.Scene{}
	}
	scene := console.Scene{Cards: []console.Passenger{}, Readers: map[string]console.Reader{
		"bus": {Broken: bus.Broken}, "own": {Broken: own.Broken}}}
	for _, card := range own.Cards {
		passenger := console.Passenger{Name: card.Name, Says: card.Says}
		switch card.Name {
		case own.Lies:
			passenger.Lies = "own"
		case bus.Lies:
			passenger.Lies = "bus"
		}
		scene.Cards = append(scene.Cards, passenger)
	}
	return scene, nil
}

// Do implements console.Street.
func (s scenery) Do(ctx context.Context, a console.Act) (console.Scene, error) {
	stage := s.own
	if a.Reader == "bus" {
		stage = s.bus
	}
	if _, err := stage.Do(ctx, street.Act{Act: a.Act, Card: a.Card}); err != nil {
		return console.Scene{}, err
	}
	return s.Scene(ctx)
}
