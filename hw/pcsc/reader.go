package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// A Reader is the reader that fits the options at the moment. It implements hw.Reader; several
// goroutines may call Wait and WaitRemoved, and take turns.
type Reader struct {
	options Options
	daemon  service
	monitor *monitor
	lock    chan struct{} // full during a wait
	closing chan struct{}

	// Both belong to the goroutine that has the turn.
	card    *Card // the last one found, until WaitRemoved has reported its removal
	backoff backoff

	mu       sync.Mutex
	closed   bool
	last     *connection // the newest; the next one starts when it is released
	trouble  error
	tell     func(error)
	reported bool // this trouble was reported
}

var (
	_ hw.Reader          = (*Reader)(nil)
	_ hw.TroubleReporter = (*Reader)(nil)
)

// Wait implements hw.Reader. It keeps waiting if the reader is unplugged or pcscd ends, until they
// are back; Trouble reports that.
func (r *Reader) Wait(ctx context.Context) (hw.Card, error) {
	if err := r.acquire(ctx); err != nil {
		return nil, err
	}
	defer r.release()
	if r.stillPresent() {
		return r.card, nil
	}
	r.dropCard()
	card, err := r.find(ctx)
	if err != nil {
		return nil, err
	}
	r.card = card
	return card, nil
}

// stillPresent reports whether the card found last is still there.
func (r *Reader) stillPresent() bool {
	if r.card == nil || r.card.connection.ended() != nil {
		return false
	}
	b, _ := r.monitor.current()
	s, _ := r.status(b)
	return !r.gone(s) && r.card.connection.ended() == nil
}

// Trouble returns the reason why no card can be found at the moment; nil if only a card is missing.
func (r *Reader) Trouble() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trouble
}

// OnTrouble implements hw.TroubleReporter. There is no report before pcscd was asked.
func (r *Reader) OnTrouble(tell func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell, r.reported = tell, false
}

// Close implements hw.Reader. It gives the reader a second to release its card.
func (r *Reader) Close() error {
	last, first := r.close()
	if !first {
		return nil
	}
	if last != nil { // the C library is not safe while two contexts are released at once
		_ = last.end(errClosed)
		select {
		case <-last.done:
		case <-time.After(time.Second):
		}
	}
	r.monitor.release()
	return nil
}

func (r *Reader) close() (last *connection, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	r.closed = true
	close(r.closing)
	return r.last, true
}

// acquire waits for the turn.
func (r *Reader) acquire(ctx context.Context) error {
	select {
	case <-r.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case r.lock <- struct{}{}:
		return nil
	case <-r.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Reader) release() { <-r.lock }

// wait waits for a change, or for d if that is not 0.
func (r *Reader) wait(ctx context.Context, turn <-chan struct{}, d time.Duration) error {
	var after <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		after = timer.C
	}
	select {
	case <-r.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case <-turn:
	case <-after:
	}
	return nil
}

// dropCard releases the last card.
func (r *Reader) dropCard() {
	if r.card != nil {
		_ = r.card.connection.end(fmt.Errorf("pcsc: %w", hw.ErrRemoved))
		r.card = nil
	}
}

// find waits for a card that answers.
func (r *Reader) find(ctx context.Context) (*Card, error) {
	for {
		b, turn := r.monitor.current()
		card, wait, err := r.try(ctx, b)
		r.report(err)
		if card != nil {
			return card, nil
		}
		if err := r.wait(ctx, turn, wait); err != nil {
			return nil, err
		}
	}
}

// try connects to the card in the snapshot. Without one, err is the reason, and wait the time to
// the next attempt if nothing changes; 0 is none before a change.
func (r *Reader) try(ctx context.Context, b snapshot) (c *Card, wait time.Duration, err error) {
	s, err := r.status(b)
	if err != nil || !s.present() {
		return nil, 0, err
	}
	if wait = r.backoff.due(s); wait > 0 {
		return nil, wait, r.backoff.err
	}
	if c, err = r.connect(ctx, s); err != nil {
		return nil, r.backoff.failed(s, err), err
	}
	r.backoff = backoff{}
	return c, 0, nil
}

// status is the last status of the reader.
func (r *Reader) status(b snapshot) (readerStatus, error) {
	if b.trouble != nil {
		return readerStatus{}, b.trouble
	}
	return selectReader(b.readers, r.options.Pattern)
}

// connect connects to the card in a reader and reads its UID.
func (r *Reader) connect(ctx context.Context, s readerStatus) (*Card, error) {
	if s.mute() {
		return nil, codeUnresponsive
	}
	t, err := r.startConnection(ctx, s.name)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = t.end(ctx.Err()) })
	c := &Card{connection: t, status: s}
	if err = t.connected(); err == nil {
		c.uid, err = t.readUID()
	}
	if !stop() {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to the card in %s: %w", s.name, err)
	}
	return c, nil
}

// startConnection starts a connection once the last one is released: a reader that hangs has one
// call under way, and never more.
func (r *Reader) startConnection(ctx context.Context, name string) (*connection, error) {
	if err := r.awaitReleased(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	r.last = startConnection(r.daemon, name, r.options.Limit)
	return r.last, nil
}

// awaitReleased waits until the last connection is released, within the limit. Only the goroutine
// that has the turn starts connections.
func (r *Reader) awaitReleased(ctx context.Context) error {
	r.mu.Lock()
	last := r.last
	r.mu.Unlock()
	if last == nil {
		return nil
	}
	if err := r.wait(ctx, last.done, r.options.Limit); err != nil {
		return err
	}
	if !last.released() {
		return fmt.Errorf("pcsc: %w: a call to it has not returned yet; unplug it if it stays so",
			hw.ErrReader)
	}
	return nil
}

// report keeps the trouble and reports it. A missing card is no trouble.
func (r *Reader) report(trouble error) {
	if errors.Is(trouble, codeNoCard) {
		trouble = nil
	}
	if tell := r.setTrouble(trouble); tell != nil {
		tell(trouble)
	}
}

// setTrouble keeps the trouble and returns the function to report it to, if it is new.
func (r *Reader) setTrouble(trouble error) (tell func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := !r.reported || fmt.Sprint(trouble) != fmt.Sprint(r.trouble)
	r.trouble = trouble
	if r.tell == nil || !news || trouble == errNotPolled {
		return nil
	}
	r.reported = true
	return r.tell
}
