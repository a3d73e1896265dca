// Package hw holds the interfaces between the validator and its hardware: a contactless reader, the
// card in its field, and the passenger's panel. Each has one emulated implementation and, if there
// is such hardware, one real one, in a folder below; the conformance tests of hw/hwtest run over
// all of them.
//
// The package knows no card data and no fare. Its one rule: only Reader.Wait and Reader.WaitRemoved
// may block for an unbounded time.
package hw

import (
	"context"
	"errors"
)

// A Card is one contactless card in a reader's field, from its activation to its removal. It must
// not be used by two goroutines at once.
type Card interface {
	// Transmit sends one command APDU and returns the response APDU with its status word at the
	// end. The response belongs to the caller; the command is neither kept nor changed. An empty
	// command is a programmer's error: it returns an error, and never panics.
	//
	// An error wraps ErrRemoved if the card has left the field, also in the middle of the exchange:
	// whether the card has carried out the command is then unknown. It wraps ErrReader if the
	// reader failed. After either, every further call fails alike.
	//
	// There is no context, because PC/SC cannot cancel a transmission. A caller watches its time
	// between calls.
	Transmit(command []byte) (response []byte, err error)
}

// A ReaderCard is a card with the reader's description of it. Not every card has one.
type ReaderCard interface {
	Card

	// ATR is the answer to reset that the reader derives for the card (PC/SC part 3, section
	// 3.1.3), and Reader the reader's name.
	ATR() []byte
	Reader() string
}

// A PowerCutter is a card that can lose its power in the middle of a command, as if it had left the
// field. It is for tests of such a loss.
type PowerCutter interface {
	Card

	// Cut takes the power. Transmit fails from then on, and the reader's next Wait activates the
	// card again if it is still there.
	Cut()
}

// A Reader is a contactless reader that sees at most one card at a time.
type Reader interface {
	// Wait blocks until a card is in the field and returns it, activated. It returns ctx.Err() if
	// ctx ends first, and an error wrapping ErrReader if the reader is gone or closed.
	Wait(ctx context.Context) (Card, error)

	// WaitRemoved blocks until the field is empty, with the same errors as Wait. A card that was
	// exchanged for another counts as removed.
	WaitRemoved(ctx context.Context) error

	// Close releases the reader and ends every Wait with ErrReader.
	Close() error
}

// A TroubleReporter is a reader that keeps waiting while it is unplugged or its service is down,
// and reports that. Not every reader does.
type TroubleReporter interface {
	// OnTrouble sets the function that receives the reason why the reader finds no card, and nil
	// when there is none: at the first look, and at each change. It is called from within Wait and
	// WaitRemoved. An error that wraps ErrReader is the reader's own; any other concerns a card on
	// the reader that cannot be used.
	OnTrouble(tell func(error))
}

// A Panel shows the passenger the result of the tap.
type Panel interface {
	// Show puts s on the panel in place of the last signal. It must not block: a panel that cannot
	// keep up drops what it has not shown yet. An error means that the panel is broken; the tap
	// continues without it.
	Show(s Signal) error
}

var (
	// ErrRemoved means that the card left the field. It is unchanged unless a commit was under way.
	ErrRemoved = errors.New("the card left the reader")

	// ErrReader means that the reader failed or was closed.
	ErrReader = errors.New("the card reader does not answer")

	// ErrPanel means that the panel cannot show anything.
	ErrPanel = errors.New("the panel does not show")
)
