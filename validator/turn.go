package validator

import (
	"context"
	"sync"
)

// A Turn is held by whoever acts: one tap, or one command, at a time. Its zero value is free.
type Turn struct {
	once sync.Once
	free chan struct{} // holds a token while nobody has the turn
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

// TakeWithin takes the turn, if it comes before ctx ends; else it returns ctx's error.
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
