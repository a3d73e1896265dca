package validator

import (
	"context"
	"sync"
)

// A Turn lets one tap or command at a time proceed. Its zero value is free.
type Turn struct {
	once sync.Once
	free chan struct{} // holds a token while the turn is free
}

func (t *Turn) token() chan struct{} {
	t.once.Do(func() {
		t.free = make(chan struct{}, 1)
		t.free <- struct{}{}
	})
	return t.free
}

// Take waits for the turn.
func (t *Turn) Take() { <-t.token() }

// Leave gives the turn to the next.
func (t *Turn) Leave() { t.token() <- struct{}{} }

// TakeWithin waits for the turn until ctx ends; then it returns ctx's error.
func (t *Turn) TakeWithin(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-t.token():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
