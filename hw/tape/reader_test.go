package tape

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"leima/hw"
)

// A Reader is a reader on which cards are put: those of tapes, or any others. It has neither
// goroutines nor a clock.
type Reader struct {
	mu    sync.Mutex
	visit *presentation // the last card put here; it may have left since
	// the last one that Wait returned, until WaitRemoved has reported its removal
	found  *presentation
	closed bool
	turn   chan struct{} // closed and replaced whenever one of the above changes
}

var _ hw.Reader = (*Reader)(nil)

// NewReader returns a reader without a card.
func NewReader() *Reader { return &Reader{turn: make(chan struct{})} }

// Put puts a card on the reader, in place of the last one. It stays until it is taken away, or
// until it returns that it was removed.
func (r *Reader) Put(card hw.Card) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visit.leave(errTaken)
	r.visit = &presentation{card: card, gone: make(chan struct{})}
	if r.closed {
		r.visit.leave(errClosed)
	}
	r.change()
}

// Take takes the card away, if there is one.
func (r *Reader) Take() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.visit.leave(errTaken)
}

// Wait implements hw.Reader. It returns a card that stays each time.
func (r *Reader) Wait(ctx context.Context) (hw.Card, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, turn, err := r.look()
		if err != nil {
			return nil, err
		}
		if v != nil {
			return v, nil
		}
		select {
		case <-turn:
		case <-ctx.Done():
		}
	}
}

// look returns the card that is there, or else a channel for the next change.
func (r *Reader) look() (*presentation, <-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, nil, errClosed
	case r.visit.over() != nil:
		return nil, r.turn, nil
	}
	r.found = r.visit
	return r.visit, nil, nil
}

// WaitRemoved implements hw.Reader. It waits until the card that Wait returned last has left,
// whatever card is there by then.
func (r *Reader) WaitRemoved(ctx context.Context) error {
	v, err := r.leaving()
	if v == nil || err != nil {
		return err
	}
	select {
	case <-v.gone:
	case <-ctx.Done():
		return ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return errClosed
	}
	if r.found == v {
		r.found = nil
	}
	return nil
}

func (r *Reader) leaving() (*presentation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, errClosed
	case r.found != nil:
		return r.found, nil
	}
	return r.visit, nil
}

// Close implements hw.Reader.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.visit.leave(errClosed)
		r.change()
	}
	return nil
}

// change wakes all callers that wait.
func (r *Reader) change() {
	close(r.turn)
	r.turn = make(chan struct{})
}

var (
	errTaken  = fmt.Errorf("tape: %w", hw.ErrRemoved)
	errClosed = fmt.Errorf("tape: the reader is closed: %w", hw.ErrReader)
)

// A presentation is a card's time on the reader, from Put to its removal.
type presentation struct {
	card hw.Card
	gone chan struct{} // closed when it has left

	mu  sync.Mutex // never held while the card answers
	why error      // the reason of its end
}

// Transmit implements hw.Card. A response that comes after the card has left is lost.
func (v *presentation) Transmit(command []byte) ([]byte, error) {
	if err := v.over(); err != nil {
		return nil, err
	}
	response, err := v.card.Transmit(command)
	if errors.Is(err, hw.ErrRemoved) {
		v.leave(err)
	}
	if over := v.over(); over != nil {
		return nil, over
	}
	return response, err
}

// leave ends the presentation, unless it has ended.
func (v *presentation) leave(why error) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.why == nil {
		v.why = why
		close(v.gone)
	}
}

// over is the reason why the presentation is over. No card at all has left, too.
func (v *presentation) over() error {
	if v == nil {
		return errTaken
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.why
}
