package journal

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/clock"
	"leima/hw/desfire"
	"leima/hw/disk"
	"leima/validator"
)

// A Journal is an open journal. It may be used from several goroutines; a caller waits while
// another waits for the disk.
type Journal struct {
	path   string
	place  string // of the segments: path, but for a copy
	copied bool
	device uint16
	limits Limits
	flush  disk.Flush // tests watch and delay it

	// using guards the following fields.
	using    sync.Mutex
	state             // with what is written
	segments []uint64 // by their first entries, the oldest first
	base     uint64   // the size of all entries before the oldest segment
	sealer   sealer
	secret   []byte // by which the card of a sealed intent is found

	folder  *os.File // holds the lock
	newest  *os.File // segment
	start   int64    // of its entries
	end     int64    // of what is written
	flushed int64    // the end at the last flush
	closing []int64  // slots of intents whose end is written
	wiping  []int64  // and those whose end is durable

	// stale are the slots of older segments to be wiped, by their first entries; nil: not read.
	stale map[uint64][]int64

	timer  *time.Timer // flushes what is written; nil: nothing waits
	lately uint64      // the last entry at the last call of late
	missed error       // of a flush that no tap has waited for
	unsure bool        // more than what is flushed may be on the disk
	stray  string      // a segment that could not be begun

	// refuses is why nothing can be written any more, and unread why nothing can be read; nil
	// while it can.
	refuses, unread error

	trouble    error     // why no segment could be begun or pruned
	retryAt    int64     // the size of the newest segment from which that is tried again
	lastExpiry int64     // the time at which no open intent was too old
	outdated   time.Time // the time of the last look for old entries

	loss      error              // of entries that were perhaps on the disk
	spoilt    error              // of the newest segment, up to which it is only read
	key       ed25519.PrivateKey // signs the head; nil: the head is not signed
	signed    uint64             // position of the last signed head
	headsSize int64              // of the file of heads, in bytes
	unsigned  error              // why the head could not be signed
}

var _ validator.Journal = (*Journal)(nil)

// noExpiry is a lastExpiry that has not been.
const noExpiry = math.MinInt64

// Close closes the journal, after what is written is flushed.
func (j *Journal) Close() error {
	j.using.Lock()
	defer j.using.Unlock()
	if errors.Is(j.unread, errClosed) {
		return nil
	}
	err := j.finish()
	j.unread = explain(j.path, "writing", errClosed)
	j.key, j.refuses = nil, j.unread
	return explain(j.path, "closing", errors.Join(err, j.release()))
}

// finish flushes what is written, and overwrites the hashes of cards that are not needed.
func (j *Journal) finish() error {
	if j.refuses != nil {
		return nil // nothing is written
	}
	err := errors.Join(j.sync(), j.clear())
	if err == nil {
		err = j.wipeNewest()
	}
	j.sign()
	return err
}

// Next is the number that the next event must carry. Its sequence is 0 if the device has no number
// left.
func (j *Journal) Next() cardlayout.EventID {
	j.using.Lock()
	defer j.using.Unlock()
	return j.next()
}

// Timing is the memory of the times of events.
func (j *Journal) Timing() clock.Memory {
	j.using.Lock()
	defer j.using.Unlock()
	return j.timing
}

// Latest is the latest time of any event, the zero time before the first event with one. It never
// goes back.
func (j *Journal) Latest() time.Time {
	j.using.Lock()
	defer j.using.Unlock()
	return timeOf(j.head.Latest)
}

// Pending are the card's open intents, oldest first. The caller owns them.
func (j *Journal) Pending(card cardlayout.Number) []validator.Event {
	j.using.Lock()
	defer j.using.Unlock()
	return j.open.of(card, cardKey{card: card}, hashedKey(j.secret, card))
}

// Unresolved is the number of open intents.
func (j *Journal) Unresolved() int {
	j.using.Lock()
	defer j.using.Unlock()
	return len(j.open.numbered)
}

// Begin writes the intent to change a card, and begins to flush it: the card may be written
// meanwhile, and commits after Flush. It is ErrFull if there is no room; so is Record.
func (j *Journal) Begin(event validator.Event) error {
	j.using.Lock()
	if err := j.append(Intent, event); err != nil {
		j.using.Unlock()
		return err
	}
	go func() {
		defer j.using.Unlock()
		if j.catchUp() == nil {
			j.tidy(Intent)
		}
	}()
	return nil
}

// Flush returns when all that is written is durable. After an error nothing is kept of what was
// written since the last flush: no card may commit.
func (j *Journal) Flush() error {
	j.using.Lock()
	defer j.using.Unlock()
	if err := j.usable(); err != nil {
		return err
	}
	return explain(j.path, "flushing", j.sync())
}

// Record keeps an event that changed no card. It is durable.
func (j *Journal) Record(event validator.Event) error {
	j.using.Lock()
	defer j.using.Unlock()
	if err := j.append(Record, event); err != nil {
		return err
	}
	if err := j.sync(); err != nil {
		return explain(j.path, fmt.Sprintf("keeping record of event %d", event.ID.Sequence), err)
	}
	j.tidy(Record)
	if event.Reason == fare.ShiftEnded {
		j.sign()
	}
	return nil
}

// Settle records that the card has committed the intent. An event that is not an open intent is
// errNotOpen. The end of a driver's load is durable; that of a boarding with the next entry, or
// after a second.
func (j *Journal) Settle(id cardlayout.EventID, receipt desfire.TMAC) error {
	return j.resolve(id, &entry{
		Kind: Settle, Of: id.Sequence, TMC: receipt.TMC, TMV: receipt.TMV,
	})
}

// Void records that the card has not committed the intent. An event that is not an open intent is
// errNotOpen. It is durable as Settle is.
func (j *Journal) Void(id cardlayout.EventID) error {
	return j.resolve(id, &entry{Kind: Void, Of: id.Sequence})
}

// usable is why nothing can be written: also, once, the error of a flush that no tap has waited
// for. The intents whose end it has lost are open again.
func (j *Journal) usable() error {
	missed := j.missed
	j.missed = nil
	return cmp.Or(j.refuses, missed)
}

// append writes an event.
func (j *Journal) append(kind Kind, event validator.Event) error {
	if err := j.usable(); err != nil {
		return err
	}
	switch next := j.next(); {
	case j.Sequence == math.MaxUint32:
		return fmt.Errorf("journal %s: device %d has used up its event numbers, so no tap can "+
			"be recorded: commission it again under another device number", j.path, next.Device)
	case event.ID != next:
		return fmt.Errorf("journal %s: %s of event %d of device %d: the next is event %d of "+
			"device %d, and none may be left out", j.path, kind, event.ID.Sequence,
			event.ID.Device, next.Sequence, next.Device)
	}
	if err := j.expire(event); err != nil {
		return err
	}
	return j.add(&entry{Kind: kind, Event: stored(event)})
}

// resolve closes an open intent.
func (j *Journal) resolve(id cardlayout.EventID, e *entry) error {
	j.using.Lock()
	defer j.using.Unlock()
	if err := j.usable(); err != nil {
		return err
	}
	begun, found := j.open.numbered[id.Sequence]
	if !found || id.Device != j.Device {
		return fmt.Errorf("journal %s: %s of event %d of device %d: %w: it was never begun, or is "+
			"settled or void already", j.path, e.Kind, id.Sequence, id.Device, errNotOpen)
	}
	err := j.add(e)
	if err == nil && begun.event.Reason.Loads() {
		err = explain(j.path, fmt.Sprintf("keeping %s of event %d", e.Kind, e.Of), j.sync())
	}
	return err
}
