package console

import (
	"context"
	"net/http"
	"time"

	"leima/validator/api"
)

// An Emulation holds the emulated cards and readers of the demo. A real bus has none.
type Emulation interface {
	State(context.Context) (EmulationState, error)
	Do(context.Context, Operation) (EmulationState, error)
}

// An EmulationState is the state of the emulated cards and readers.
type EmulationState struct {
	Cards   []EmulatedCard            `json:"cards"`
	Readers map[string]EmulatedReader `json:"readers"` // bus and own
}

// An EmulatedCard is a passenger's emulated card.
type EmulatedCard struct {
	Name     string `json:"name"`
	Summary  string `json:"summary"`
	OnReader string `json:"on_reader"` // on the reader "bus" or "own", or nowhere
}

// An EmulatedReader is an emulated reader.
type EmulatedReader struct {
	Broken bool `json:"broken"`
}

// An Operation acts on an emulated card or reader.
type Operation struct {
	Reader string `json:"reader"`
	Kind   string `json:"kind"` // put, take, tear, break or mend
	Card   string `json:"card"`
}

var errNotEmulated = api.Refuse(http.StatusNotFound, "this bus is real: hold a card to it")

// emulationState is the state for the page.
func (c *Console) emulationState(ctx context.Context) (EmulationState, error) {
	if c.Emulation == nil {
		return EmulationState{}, errNotEmulated
	}
	return c.Emulation.State(ctx)
}

// operate carries out an operation.
func (c *Console) operate(ctx context.Context, a Operation) (EmulationState, error) {
	switch {
	case c.Emulation == nil:
		return EmulationState{}, errNotEmulated
	case a.Reader != bus && a.Reader != own:
		return EmulationState{}, api.Refuse(http.StatusBadRequest,
			"a reader: want bus or own")
	}
	scene, err := c.Emulation.Do(ctx, a)
	if err != nil {
		return scene, api.Refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	wake(c.emulationChanged)
	return scene, nil
}

// streamEmulation publishes the state after each change.
func (c *Console) streamEmulation(ctx context.Context) {
	if c.Emulation == nil {
		return
	}
	every(ctx, time.Minute, c.emulationChanged, func() {
		if scene, err := c.Emulation.State(ctx); err == nil {
			c.publish(event{Emulation: &scene})
		}
	})
}
