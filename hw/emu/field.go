package emu

import (
	"context"
	"fmt"
	"sync"

	"leima/hw"
)

// A Field is an emulated reader on which a test puts its cards. It has neither goroutines nor a
// clock: every wait is on a channel, so that it works inside a testing/synctest bubble.
type Field struct {
	mu     sync.Mutex
	card   *Contact // the last one put here; it may have left since
	found  *Contact // the last one that Wait returned, until WaitRemoved
	closed bool
	turn   chan struct{} // closed and replaced whenever one of the above changes
}

var _ hw.Reader = (*Field)(nil)

// NewField returns a reader with an empty field.
func NewField() *Field { return &Field{turn: make(chan struct{})} }

// Put puts a card on the reader, in place of the last one. On a closed reader the contact has ended
// from the beginning.
func (f *Field) Put(c *Card, a Air) *Contact {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.card != nil {
		f.card.Leave()
	}
	f.card = a.Present(c)
	if f.closed {
		f.card.leave(errClosed)
	}
	f.change()
	return f.card
}

// Take takes the card away, if there is one.
func (f *Field) Take() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.card != nil {
		f.card.Leave()
	}
}

// Wait implements hw.Reader. It returns a card that stays each time.
func (f *Field) Wait(ctx context.Context) (hw.Card, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		card, turn, err := f.look()
		if err != nil {
			return nil, err
		}
		if card != nil {
			return card, nil
		}
		select {
		case <-turn:
		case <-ctx.Done():
		}
	}
}

// look returns the card that is there, or else a channel for the next change.
func (f *Field) look() (*Contact, <-chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, nil, errClosed
	case f.card == nil || f.card.ended() != nil:
		return nil, f.turn, nil
	}
	f.found = f.card
	return f.card, nil, nil
}

// WaitRemoved implements hw.Reader. It waits for the card that Wait returned last, whatever card is
// there by then.
func (f *Field) WaitRemoved(ctx context.Context) error {
	card, err := f.leaving()
	if card == nil || err != nil {
		return err
	}
	select {
	case <-card.gone:
	case <-ctx.Done():
		return ctx.Err()
	}
	return f.removed(card)
}

func (f *Field) leaving() (*Contact, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil, errClosed
	case f.found != nil:
		return f.found, nil
	}
	return f.card, nil
}

// removed notes that the card's removal was reported. Closing ends a contact too, but is no
// removal.
func (f *Field) removed(card *Contact) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errClosed
	}
	if f.found == card {
		f.found = nil
	}
	return nil
}

// Close implements hw.Reader. The card that is there can no longer be reached. Closing twice does
// no harm.
func (f *Field) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	if f.card != nil {
		f.card.leave(errClosed)
	}
	f.change()
	return nil
}

// change wakes all callers that wait.
func (f *Field) change() {
	close(f.turn)
	f.turn = make(chan struct{})
}

var errClosed = fmt.Errorf("emu: the field is closed: %w", hw.ErrReader)
