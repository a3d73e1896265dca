// Package api is a validator's interface for a driver's console and other devices on the bus: HTTP
// with JSON, and server-sent events. openapi.yaml beside this file describes every path; a test
// compares both.
//
// It decides nothing and stores nothing on disk. No caller can delay a tap: the results of taps are
// copied after they have ended, and a slow reader misses the ones in between.
//
// Its one rule: no identity of a holder passes through it: no birth date, no name, and only
// the end of a card's number.
//
// # Commands
//
// A command comes as an order: with its own id, the time at which it expires, the shift that gives
// it and the boot of the validator that is meant. The validator carries it out between two taps,
// once: an order with the same id gets the answer of the first. Ids are remembered until their
// orders have expired, so an order may be sent again until it is answered. A validator that was
// restarted has another boot, and refuses orders for the last one.
//
// Callers with the token, or with access to the socket, are believed to be a driver's console. The
// console checks who may do what only a provider or an inspector may.
package api

import (
	"context"
	_ "embed"
	"io"
)

// openAPI is the description of the API.
//
//go:embed openapi.yaml
var openAPI []byte

// A Device is a validator for its driver's console, in the same program or over a network.
type Device interface {
	State(context.Context) (State, error)
	Offer(context.Context) (Offer, error)
	Taps(context.Context) ([]Tap, error)

	// Departures are those of a line that come next by the timetable on board, "" for all lines.
	Departures(ctx context.Context, line string) (Departures, error)

	// Do carries out an order. If the device has answered, its error is a *Refused and nothing was
	// done; but if the order was for the time before a restart (409), it is not known whether it
	// was carried out then.
	Do(context.Context, Order) (Answer, error)

	// Ask returns what a command would do, and changes nothing.
	Ask(context.Context, Question) (Advice, error)

	// Watch sends every tap and every change of the state, until ctx ends or the device is lost.
	Watch(context.Context, func(Message)) error

	// Tally adds up the events of a shift.
	Tally(context.Context, Shift) (Tally, error)

	// Mirror is a copy of the device's "tariffs", or of the block list "full" and "delta";
	// fs.ErrNotExist if there is none.
	Mirror(ctx context.Context, what string) (io.ReadCloser, error)
}
