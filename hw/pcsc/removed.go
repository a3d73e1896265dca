package pcsc

import (
	"bytes"
	"context"
	"errors"
	"time"

	"leima/hw"
)

// settle is how long a card that has not answered is given to leave: longer than pcscd
// takes to look at its reader. If it is still there then it comes back by Wait.
const settle = 500 * time.Millisecond

// absence is how long a reader may be gone from a pcscd that runs, as one is that has
// just been started, before the card in it counts as removed.
const absence = 3 * time.Second

// WaitRemoved implements hw.Reader. It asks for the card's UID again and again, so that a
// card exchanged sooner than pcscd looks counts as removed. When pcscd or the reader comes
// back with the same card in it, the card has not been removed, though the connection to
// it is a new one. A card whose Transmit has failed has left by its own account. With a
// reader that hangs the end of ctx may be noticed Options.Limit late.
func (r *Reader) WaitRemoved(ctx context.Context) error {
	if err := r.take(ctx); err != nil {
		return err
	}
	defer r.give()
	switch {
	case r.visit == nil:
		return r.empty(ctx, time.Time{})
	case r.visit.spent.Load():
		defer r.forget()
		return r.empty(ctx, time.Now().Add(settle))
	}
	for seen := time.Now(); ; {
		b, turn := r.watch.look()
		if _, err := r.sight(b); err == nil || b.trouble != nil {
			seen = time.Now()
		}
		if r.departed(ctx, b) || time.Since(seen) > absence {
			r.forget()
			return nil
		}
		if err := r.pause(ctx, turn, r.options.Check); err != nil {
			return err
		}
	}
}

// empty waits until no card is seen, or until a moment has come if that is not zero.
func (r *Reader) empty(ctx context.Context, until time.Time) error {
	for {
		b, turn := r.watch.look()
		s, err := r.sight(b)
		if err != errUnseen && !s.present() {
			return nil
		}
		wait := time.Duration(0)
		if !until.IsZero() {
			if wait = time.Until(until); wait <= 0 {
				return nil
			}
		}
		if err := r.pause(ctx, turn, wait); err != nil {
			return err
		}
	}
}

// departed says whether the card has left. When that cannot be said because pcscd or the
// reader went away, it tries to find the card again.
func (r *Reader) departed(ctx context.Context, b board) bool {
	s, err := r.sight(b)
	if err == nil && !s.present() {
		return true
	}
	if r.visit.talk.over() == nil {
		return r.missing(s)
	}
	card, _, err := r.try(ctx, b)
	r.note(err)
	return card != nil && r.found(card)
}

// missing says whether the card that was seen there does not answer any more, or is
// another one. That it cannot be asked is no answer.
func (r *Reader) missing(s sight) bool {
	err := r.visit.check()
	if err == nil || errors.Is(err, hw.ErrReader) {
		return false
	}
	if err != errOther {
		r.tries.hold(s)
	}
	return true
}

// found takes up a card that lies there after an interruption, and says whether it is
// another one than before. Wait will return it.
func (r *Reader) found(card *Card) (other bool) {
	other = !bytes.Equal(card.uid, r.visit.uid)
	r.visit = card
	return other
}
