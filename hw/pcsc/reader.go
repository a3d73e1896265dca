package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// ErrNotBuilt says that the program cannot use PC/SC.
var ErrNotBuilt = fmt.Errorf("pcsc: this program was built without PC/SC: %w: "+
	"apt install pcscd libpcsclite-dev pkg-config gcc, and build with -tags pcsc", hw.ErrReader)

// A Reader is the reader that fits the options, whichever that is at the moment. It
// implements hw.Reader; Wait and WaitRemoved take turns if several goroutines call them.
type Reader struct {
	options Options
	daemon  daemon
	watch   *watch
	turn    chan struct{} // full while somebody waits
	closing chan struct{}

	// These two belong to whoever has the turn.
	visit *Card // the last one found, until WaitRemoved has told of its leaving
	tries tries

	mu      sync.Mutex
	closed  bool
	last    *talk // the newest; the next begins when nothing of it is left
	trouble error
	tell    func(error)
	told    bool // somebody was told of this trouble
}

var (
	_ hw.Reader   = (*Reader)(nil)
	_ hw.Troubled = (*Reader)(nil)
)

// Wait implements hw.Reader. It goes on waiting when the reader is unplugged or pcscd
// ends, until they are there again; Trouble tells meanwhile.
func (r *Reader) Wait(ctx context.Context) (hw.Card, error) {
	if err := r.take(ctx); err != nil {
		return nil, err
	}
	defer r.give()
	if r.stays() {
		return r.visit, nil
	}
	r.forget()
	card, err := r.find(ctx)
	if err != nil {
		return nil, err
	}
	r.visit = card
	return card, nil
}

// stays says whether the card found last still lies there.
func (r *Reader) stays() bool {
	if r.visit == nil || r.visit.talk.over() != nil {
		return false
	}
	b, _ := r.watch.look()
	s, _ := r.sight(b)
	return !r.missing(s) && r.visit.talk.over() == nil
}

// Trouble says why no card can be found at the moment; nil if only a card is missing.
func (r *Reader) Trouble() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.trouble
}

// OnTrouble implements hw.Troubled. Nobody is told as long as pcscd was not asked yet.
func (r *Reader) OnTrouble(tell func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell, r.told = tell, false
}

// Close implements hw.Reader. It gives the reader a second to let its card go.
func (r *Reader) Close() error {
	last, first := r.close()
	if !first {
		return nil
	}
	r.watch.leave()
	if last != nil {
		_ = last.end(errClosed)
		select {
		case <-last.gone:
		case <-time.After(time.Second):
		}
	}
	return nil
}

func (r *Reader) close() (last *talk, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	r.closed = true
	close(r.closing)
	return r.last, true
}

// take waits for the turn.
func (r *Reader) take(ctx context.Context) error {
	select {
	case <-r.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-r.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Reader) give() { <-r.turn }

// pause waits for something to happen, or for d if that is not 0.
func (r *Reader) pause(ctx context.Context, turn <-chan struct{}, d time.Duration) error {
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

// forget lets the last card go.
func (r *Reader) forget() {
	if r.visit != nil {
		_ = r.visit.talk.end(fmt.Errorf("pcsc: %w", hw.ErrRemoved))
		r.visit = nil
	}
}

// find waits for a card that answers.
func (r *Reader) find(ctx context.Context) (*Card, error) {
	for {
		b, turn := r.watch.look()
		card, wait, err := r.try(ctx, b)
		r.note(err)
		if card != nil {
			return card, nil
		}
		if err := r.pause(ctx, turn, wait); err != nil {
			return nil, err
		}
	}
}

// try connects to the card that is seen. Without one, err says why not, and wait when to
// try again if nothing changes; 0 is not before.
func (r *Reader) try(ctx context.Context, b board) (c *Card, wait time.Duration, err error) {
	s, err := r.sight(b)
	if err != nil || !s.present() {
		return nil, 0, err
	}
	if wait = r.tries.due(s); wait > 0 {
		return nil, wait, r.tries.err
	}
	if c, err = r.connect(ctx, s); err != nil {
		return nil, r.tries.failed(s, err), err
	}
	r.tries = tries{}
	return c, 0, nil
}

// sight is the reader as it was seen last.
func (r *Reader) sight(b board) (sight, error) {
	if b.trouble != nil {
		return sight{}, b.trouble
	}
	return choose(b.sights, r.options.Pattern)
}

// connect connects to the card in a reader and asks for its UID.
func (r *Reader) connect(ctx context.Context, s sight) (*Card, error) {
	if s.mute() {
		return nil, codeUnresponsive
	}
	t, err := r.begin(ctx, s.name)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = t.end(ctx.Err()) })
	c := &Card{talk: t, sight: s}
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

// begin starts a talk when nothing is left of the one before: of a reader that hangs
// there is one call under way and not ever more of them.
func (r *Reader) begin(ctx context.Context, name string) (*talk, error) {
	if err := r.idle(ctx); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	r.last = begin(r.daemon, name, r.options.Limit)
	return r.last, nil
}

// idle waits until nothing is left of the last talk, within the limit. Only whoever has
// the turn begins talks, so that there is no other meanwhile.
func (r *Reader) idle(ctx context.Context) error {
	r.mu.Lock()
	last := r.last
	r.mu.Unlock()
	if last == nil {
		return nil
	}
	if err := r.pause(ctx, last.gone, r.options.Limit); err != nil {
		return err
	}
	if !last.left() {
		return fmt.Errorf("pcsc: %w: a call to it has not returned yet; unplug it if it stays so",
			hw.ErrReader)
	}
	return nil
}

// note keeps why no card can be found, and tells of it. That there is none is no trouble.
func (r *Reader) note(trouble error) {
	if errors.Is(trouble, codeNoCard) {
		trouble = nil
	}
	if tell := r.keep(trouble); tell != nil {
		tell(trouble)
	}
}

// keep keeps the trouble and returns whom to tell of it, if it is news.
func (r *Reader) keep(trouble error) (tell func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := !r.told || fmt.Sprint(trouble) != fmt.Sprint(r.trouble)
	r.trouble = trouble
	if r.tell == nil || !news || trouble == errUnseen {
		return nil
	}
	r.told = true
	return r.tell
}
