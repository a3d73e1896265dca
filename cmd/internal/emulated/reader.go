package emulated

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"leima/hw"
	"leima/hw/disk"
	"leima/hw/emu"
)

// Rates are the bit rates that a configuration may name, in kbit/s, in the order of emu.Rate.
var Rates = []int{106, 212, 424, 848}

// A Reader is an emulated reader on which cards are put by name, and that can break.
type Reader struct {
	Cards Cards
	Rate  emu.Rate

	field *emu.Field

	mu      sync.Mutex
	name    string // of the card on the reader
	card    *emu.Card
	lock    *os.File
	broken  bool
	changed chan struct{} // closed when it breaks or is mended
	tell    func(error)
}

var (
	_ hw.Reader          = (*Reader)(nil)
	_ hw.TroubleReporter = (*Reader)(nil)
)

// errBroken is the error of a reader that was broken by an operation.
var errBroken = fmt.Errorf("it was broken on purpose: %w", hw.ErrReader)

// NewReader returns a reader for the cards of a folder.
func NewReader(cards Cards, rate emu.Rate) *Reader {
	return &Reader{Cards: cards, Rate: rate, field: emu.NewField(), changed: make(chan struct{})}
}

// Put puts a passenger's card on the reader, in place of another.
func (r *Reader) Put(name string) error { return r.place(name, emu.Tear{}) }

// commitCode is CommitTransaction (DESFire EV1 data sheet).
const commitCode = 0xC7

// Tear puts a card there and pulls it away when it has committed, before its answer.
func (r *Reader) Tear(name string) error {
	return r.place(name, emu.Tear{Code: commitCode, Side: emu.After})
}

func (r *Reader) place(name string, tear emu.Tear) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.take(); err != nil {
		return err
	}
	if r.broken {
		return errBroken
	}
	if !r.Cards.Has(name) {
		return fmt.Errorf("there is no passenger %.40q", name)
	}
	lock, err := r.Cards.lock(name)
	if err != nil {
		return err
	}
	card, err := r.Cards.Read(name)
	if err != nil {
		return errors.Join(err, disk.Unlock(lock))
	}
	r.name, r.card, r.lock = name, card, lock
	r.field.Put(card, emu.Air{Rate: r.Rate, Tear: tear, Sleep: time.Sleep})
	return nil
}

// Take takes the card away, if there is one, and stores it.
func (r *Reader) Take() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.take()
}

// take is Take; mu is held.
func (r *Reader) take() error {
	if r.card == nil {
		return nil
	}
	r.field.Take()
	err := errors.Join(r.Cards.Save(r.name, r.card), disk.Unlock(r.lock))
	r.name, r.card, r.lock = "", nil, nil
	return err
}

// Break makes the reader find no card, until Mend.
func (r *Reader) Break() error { return r.set(true) }

// Mend makes it find cards again.
func (r *Reader) Mend() error { return r.set(false) }

func (r *Reader) set(broken bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken == broken {
		return nil
	}
	r.broken = broken
	close(r.changed)
	r.changed = make(chan struct{})
	if broken {
		return r.take()
	}
	return nil
}

// status is the name of the card on the reader, and whether the reader is broken.
func (r *Reader) status() (name string, broken bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.name, r.broken
}

// OnTrouble implements hw.TroubleReporter.
func (r *Reader) OnTrouble(tell func(error)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell = tell
}

// Wait implements hw.Reader. While the reader is broken it waits for Mend.
func (r *Reader) Wait(ctx context.Context) (hw.Card, error) {
	for {
		changed := r.report()
		if _, broken := r.status(); broken {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		card, err := r.waitUntil(ctx, changed)
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.Canceled) {
			return card, err
		}
	}
}

// waitUntil waits for a card until something changes.
func (r *Reader) waitUntil(ctx context.Context, changed chan struct{}) (hw.Card, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-changed:
			cancel()
		case <-ended:
		}
	}()
	return r.field.Wait(ctx)
}

// report reports the trouble of the reader, and returns the channel that is closed at the next
// change.
func (r *Reader) report() chan struct{} {
	r.mu.Lock()
	tell, broken, changed := r.tell, r.broken, r.changed
	r.mu.Unlock()
	if tell != nil {
		if broken {
			tell(errBroken)
		} else {
			tell(nil)
		}
	}
	return changed
}

// WaitRemoved implements hw.Reader.
func (r *Reader) WaitRemoved(ctx context.Context) error { return r.field.WaitRemoved(ctx) }

// Close implements hw.Reader.
func (r *Reader) Close() error { return errors.Join(r.field.Close(), r.Take()) }
