// Package api is what a driver's console and other devices on the bus see of a validator,
// and may tell it: HTTP with JSON, and server-sent events. openapi.yaml beside this file
// describes every path, and a test holds the two together.
//
// It decides nothing and keeps nothing on disk. Nobody who calls it can delay a tap: what
// it knows of taps it copies after they have ended, and who reads slowly misses the ones in
// between.
//
// Its one rule: no identity of a holder passes through it: no birth date, no name,
// and of a card's number only the end.
//
// # Commands
//
// A command is an order: its own id, the time at which it expires, the shift that gives it
// and the boot of the validator that is meant. The validator carries it out between two
// taps, once: an order with the same id gets the answer of the first. Ids are kept until
// their orders have expired, so that nothing can be done twice, and an order may be sent
// again until it is answered. A validator that was switched off and on has another boot,
// and refuses what was meant for the last one.
//
// Whoever has the token, or may open the socket, is a driver's console and is believed: that
// somebody may do what only a provider or an inspector may is for the console to know.
package api

import (
	"context"
	_ "embed"
	"io"
)

// OpenAPI is the description of the API.
//
//go:embed openapi.yaml
var OpenAPI []byte

// A Device is a validator as its driver's console has it: in the same program, or over a
// network.
type Device interface {
	State(context.Context) (State, error)
	Offer(context.Context) (Offer, error)
	Taps(context.Context) ([]Tap, error)

	// Do carries out an order. Its error is a *Refused where the device has answered, and
	// then nothing was done: but of an order for the time before a restart (409) nobody
	// knows what became of it then.
	Do(context.Context, Order) (Answer, error)

	// Ask asks what a command would come to, and changes nothing.
	Ask(context.Context, Question) (Advice, error)

	// Watch tells of every tap and of every change of the state, until ctx ends or the
	// device is lost.
	Watch(context.Context, func(Message)) error

	// Tally adds up the events of a shift.
	Tally(context.Context, Shift) (Tally, error)

	// Mirror is a copy of what the device decides by: "tariffs", or of the block list
	// "full" and "delta". Where there is none it is fs.ErrNotExist.
	Mirror(ctx context.Context, what string) (io.ReadCloser, error)
}
