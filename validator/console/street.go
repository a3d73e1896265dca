package console

import (
	"context"
	"net/http"
	"time"

	"leima/validator/api"
)

// A Street is where the cards of the demo are. A real bus has none.
type Street interface {
	Scene(context.Context) (Scene, error)
	Do(context.Context, Act) (Scene, error)
}

// A Scene is what is to be seen in the street.
type Scene struct {
	Cards   []Passenger       `json:"cards"`
	Readers map[string]Reader `json:"readers"` // bus and own
}

// A Passenger is somebody with a card.
type Passenger struct {
	Name string `json:"name"`
	Says string `json:"says"`
	Lies string `json:"lies"` // on the reader "bus" or "own", or nowhere
}

// A Reader is one that cards are laid on.
type Reader struct {
	Broken bool `json:"broken"`
}

// An Act is what a passenger does, or befalls a reader.
type Act struct {
	Reader string `json:"reader"`
	Act    string `json:"act"` // put, take, tear, break or mend
	Card   string `json:"card"`
}

var noStreet = &api.Refused{Code: http.StatusNotFound, Why: "this bus is real: hold a card to it"}

// scene is for whoever looks on.
func (c *Console) scene(ctx context.Context) (Scene, error) {
	if c.Street == nil {
		return Scene{}, noStreet
	}
	return c.Street.Scene(ctx)
}

// act has something happen in the street.
func (c *Console) act(ctx context.Context, a Act) (Scene, error) {
	switch {
	case c.Street == nil:
		return Scene{}, noStreet
	case a.Reader != bus && a.Reader != own:
		return Scene{}, &api.Refused{Code: http.StatusBadRequest,
			Why: "a reader: want bus or own"}
	}
	scene, err := c.Street.Do(ctx, a)
	if err != nil {
		return scene, &api.Refused{Code: http.StatusUnprocessableEntity, Why: err.Error()}
	}
	ask(c.painted)
	return scene, nil
}

// paint shows the street after whatever has changed there.
func (c *Console) paint(ctx context.Context) {
	if c.Street == nil {
		return
	}
	every(ctx, time.Minute, c.painted, func() {
		if scene, err := c.Street.Scene(ctx); err == nil {
			c.publish(event{Street: &scene})
		}
	})
}
