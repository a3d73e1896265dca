// Package hw holds the seams between the validator and the things it is bolted
// to: a contactless reader, the card in its field, and the panel the passenger
// looks at. Each has one emulated and, where the hardware is there, one real
// implementation in a folder below; the conformance tests of hw/hwtest run over
// every one of them.
//
// The package knows no card data and no fare. Its one rule: the only calls in
// the program that may block for an unbounded time are Reader.Wait and
// Reader.WaitRemoved.
package hw

import (
	"context"
	"errors"
)

// A Card is one contactless card lying in a reader's field, from the moment it
// is found there until it leaves. It must not be used by two goroutines at once.
type Card interface {
	// Transmit sends one command APDU and returns the response APDU with its
	// status word at the end. The response belongs to the caller; the command is
	// neither kept nor changed. An empty command is a programmer's error and is
	// answered with an error, never a panic.
	//
	// It returns an error wrapping ErrRemoved when the card has left the field,
	// also when it left in the middle of the exchange: whether the card has acted
	// on the command is then unknown. It returns an error wrapping ErrReader when
	// the reader itself failed. After either every further call fails alike.
	//
	// There is no context: PC/SC cannot cancel a transmission, so the signature
	// does not pretend that it can. A caller watches its time between calls.
	Transmit(command []byte) (response []byte, err error)
}

// An Announced card came with what its reader says of it and of itself. Not every card
// does.
type Announced interface {
	Card

	// ATR is the answer to reset that the reader makes up for the card (PC/SC part 3,
	// section 3.1.3), and Reader the reader's name.
	ATR() []byte
	Reader() string
}

// A Severable card can be left without power in the middle of whatever it does, as if it
// had left the field: for trying out what becomes of it.
type Severable interface {
	Card

	// Cut takes the power. Transmit fails from then on, and the reader's next Wait
	// activates the card anew if it still lies there.
	Cut()
}

// A Reader is a contactless reader that sees at most one card at a time.
type Reader interface {
	// Wait blocks until a card is in the field and returns it, activated. It
	// returns ctx.Err() when ctx ends first and an error wrapping ErrReader when
	// the reader is gone or closed.
	Wait(ctx context.Context) (Card, error)

	// WaitRemoved blocks until the field is empty, with the same errors as Wait.
	// A card that was exchanged for another counts as removed.
	WaitRemoved(ctx context.Context) error

	// Close releases the reader and ends every Wait with ErrReader.
	Close() error
}

// A Troubled reader is one that waits on when it is unplugged or its service is down, and
// says so meanwhile. Not every reader is.
type Troubled interface {
	// OnTrouble sets who is told what keeps the reader from finding any card, and nil
	// when nothing does: at the first look, and whenever it changes. The call comes from
	// within Wait and WaitRemoved. An error that wraps ErrReader is the reader's own;
	// another is that of a card which lies there and cannot be used.
	OnTrouble(tell func(error))
}

// A Panel shows the passenger how the tap ended.
type Panel interface {
	// Show puts s on the panel in place of what was there. It must not block: a
	// panel that cannot keep up drops what it has not shown yet. An error means
	// that the panel is broken; a tap goes on without it.
	Show(s Signal) error
}

var (
	// ErrRemoved says that the card left the field. The card is as it was before
	// the tap unless a commit was under way.
	ErrRemoved = errors.New("the card left the reader")

	// ErrReader says that the reader itself failed or was closed.
	ErrReader = errors.New("the card reader does not answer")

	// ErrPanel says that the panel cannot show anything.
	ErrPanel = errors.New("the panel does not show")
)
