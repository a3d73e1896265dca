package pcsc

import (
	"bytes"
	"context"
	"errors"
	"time"

	"leima/hw"
)

// settleTime is how long a card that has not answered is given to leave: longer than pcscd's poll.
// If it is still there then, Wait returns it again.
const settleTime = 500 * time.Millisecond

// absenceTime is how long a reader may be missing from a running pcscd, as after its start, before
// the card in it counts as removed.
const absenceTime = 3 * time.Second

// WaitRemoved implements hw.Reader. It asks for the card's UID at intervals, so that a card
// exchanged between two polls of pcscd counts as removed. If pcscd or the reader comes back with
// the same card, the card has not been removed, though its connection is new. A card whose Transmit
// has failed has been removed. With a reader that hangs, the end of ctx may be noticed
// Options.Limit late.
func (r *Reader) WaitRemoved(ctx context.Context) error {
	if err := r.acquire(ctx); err != nil {
		return err
	}
	defer r.release()
	switch {
	case r.card == nil:
		return r.awaitEmpty(ctx, time.Time{})
	case r.card.failed.Load():
		defer r.dropCard()
		return r.awaitEmpty(ctx, time.Now().Add(settleTime))
	}
	for seen := time.Now(); ; {
		b, turn := r.monitor.current()
		if _, err := r.status(b); err == nil || b.trouble != nil {
			seen = time.Now()
		}
		if r.departed(ctx, b) || time.Since(seen) > absenceTime {
			r.dropCard()
			return nil
		}
		if err := r.wait(ctx, turn, r.options.Check); err != nil {
			return err
		}
	}
}

// awaitEmpty waits until there is no card, or until a time if that is not zero.
func (r *Reader) awaitEmpty(ctx context.Context, until time.Time) error {
	for {
		b, turn := r.monitor.current()
		s, err := r.status(b)
		if err != errNotPolled && !s.present() {
			return nil
		}
		wait := time.Duration(0)
		if !until.IsZero() {
			if wait = time.Until(until); wait <= 0 {
				return nil
			}
		}
		if err := r.wait(ctx, turn, wait); err != nil {
			return err
		}
	}
}

// departed reports whether the card has left. If pcscd or the reader is gone it tries to find the
// card again.
func (r *Reader) departed(ctx context.Context, b snapshot) bool {
	s, err := r.status(b)
	if err == nil && !s.present() {
		return true
	}
	if r.card.connection.ended() == nil {
		return r.gone(s)
	}
	card, _, err := r.try(ctx, b)
	r.report(err)
	return card != nil && r.adopt(card)
}

// gone reports whether the card no longer answers, or is another one. A reader that cannot be asked
// is no answer.
func (r *Reader) gone(s readerStatus) bool {
	err := r.card.check()
	if err == nil || errors.Is(err, hw.ErrReader) {
		return false
	}
	if err != errOtherCard {
		r.backoff.suspend(s)
	}
	return true
}

// adopt takes up a card that is there after an interruption, and reports whether it is another one
// than before. Wait will return it.
func (r *Reader) adopt(card *Card) (other bool) {
	other = !bytes.Equal(card.uid, r.card.uid)
	r.card = card
	return other
}
