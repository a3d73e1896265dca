package journal

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/hw/clock"
	"leima/hw/desfire"
	"leima/validator"
)

// A Journal is one that is open. It may be used from several goroutines; who writes
// waits for the disk.
type Journal struct {
	path string
	db   *database

	device uint16
	limits Limits

	// flush is (*os.File).Sync, where no test watches or delays it.
	flush func(*os.File) error

	// using guards what follows: what the disk is known to hold.
	using    sync.Mutex
	head     head
	tail     tail
	archives []archive // oldest first
	logSize  uint64    // bytes of the entries in the database
	open     intents
	paid     payments
	timing   clock.Memory // of the last event that has a time

	trouble error  // why the log could not be archived or pruned
	retryAt uint64 // logSize from which that is tried again
	looked  int64  // the time at which nothing open was too old

	loss      error              // what was on the disk and is gone
	key       ed25519.PrivateKey // signs the head; nil: nobody does
	signed    uint64             // position of the head that was signed last
	headsSize int64              // of the file of heads
	unsigned  error              // why the head could not be signed
}

var _ validator.Journal = (*Journal)(nil)

// Open opens a journal that Create has made, within DefaultLimits.
func Open(path string) (*Journal, error) { return OpenWithin(path, Limits{}) }

// OpenWithin opens a journal that Create has made. How long that takes depends on what
// is in the database, not on the age of the journal. A file that another program has
// open is ErrInUse. A file that is not as it was written is ErrDamaged; what it holds
// is left as it is.
func OpenWithin(path string, limits Limits) (*Journal, error) {
	limits, err := limits.complete()
	if err != nil {
		return nil, fmt.Errorf("journal %s: opening: %w", path, err)
	}
	j, err := openJournal(path, limits, false)
	if err == nil {
		j.sweep()
	}
	return j, err
}

// OpenToRead opens a journal that is only to be read: not a byte of it changes, and
// whatever would change one is an error. Several programs may do so at once.
func OpenToRead(path string) (*Journal, error) { return openJournal(path, DefaultLimits, true) }

func openJournal(path string, limits Limits, readOnly bool) (*Journal, error) {
	db, err := openDatabase(path, readOnly)
	if err != nil {
		return nil, explain(path, "opening", err)
	}
	j := &Journal{path: path, db: db, limits: limits, flush: (*os.File).Sync, open: newIntents(),
		looked: math.MinInt64}
	if err := db.view(j.load); err != nil {
		_ = db.close() // nothing was written
		return nil, explain(path, "opening", err)
	}
	j.device = j.head.Device
	j.loss = explain(path, "opening", db.found.lost(j.head))
	return j, nil
}

// load reads what is kept in memory. That the log is whole is for Verify; that it
// ends where the head says is cheap to see, and is what the next entry builds on.
func (j *Journal) load(tx *bbolt.Tx) error {
	b, err := bucketsOf(tx)
	if err != nil {
		return err
	}
	if j.head, err = b.readHead(); err != nil {
		return err
	}
	if err := j.survey(b); err != nil {
		return err
	}
	if j.paid, err = b.readPayments(); err != nil {
		return err
	}
	if err := j.recollect(b); err != nil {
		return err
	}
	key, value := b.log.Cursor().Last()
	empty := j.head.mark.equal(j.base()) && key == nil
	if !empty && !(bytes.Equal(key, logKey(j.head.Position)) &&
		bytes.HasPrefix(value, j.head.Hash[:])) {
		return fmt.Errorf("%w: it does not end where its head says", ErrDamaged)
	}
	var digest [32]byte
	err = b.open.ForEach(func(key, value []byte) error {
		value = bytes.Clone(value)
		_, _, e, err := parse(value)
		if err != nil || e.Kind != Intent || !bytes.Equal(key, openKey(e.Event.Sequence)) {
			return fmt.Errorf("%w: %x, kept as an open intent, is none", ErrDamaged, key)
		}
		digest = toggled(digest, value)
		j.open.add(e.Event, value)
		return nil
	})
	if err == nil && digest != j.head.Open {
		err = fmt.Errorf("%w: its open intents are not those that were kept", ErrDamaged)
	}
	return err
}

// Close closes the journal. Nothing can be written or read afterwards.
func (j *Journal) Close() error {
	j.using.Lock()
	defer j.using.Unlock()
	j.sign()
	j.key = nil
	return explain(j.path, "closing", j.db.close())
}

// Next is the number that the next event must carry. Its sequence is 0 when the
// device has no number left.
func (j *Journal) Next() cardlayout.EventID {
	j.using.Lock()
	defer j.using.Unlock()
	return j.next()
}

func (j *Journal) next() cardlayout.EventID {
	return cardlayout.EventID{Device: j.head.Device, Sequence: j.head.Sequence + 1}
}

// Timing is what is known of the times of events.
func (j *Journal) Timing() clock.Memory {
	j.using.Lock()
	defer j.using.Unlock()
	return j.timing
}

// Latest is the latest time of any event, the zero time before the first that has
// one. It never goes back, whatever the clock did.
func (j *Journal) Latest() time.Time {
	j.using.Lock()
	defer j.using.Unlock()
	return timeOf(j.head.Latest)
}

// Pending are the card's open intents, oldest first. They are the caller's own.
func (j *Journal) Pending(card cardlayout.Number) []validator.Event {
	j.using.Lock()
	defer j.using.Unlock()
	return j.open.of(card)
}

// Unresolved is how many intents are open.
func (j *Journal) Unresolved() int {
	j.using.Lock()
	defer j.using.Unlock()
	return len(j.open.numbered)
}

// Begin keeps the intent to change a card. Where nothing more has room it is ErrFull, and
// so is Record.
func (j *Journal) Begin(event validator.Event) error { return j.note(Intent, event) }

// Record keeps an event that changed no card.
func (j *Journal) Record(event validator.Event) error { return j.note(Record, event) }

// Settle notes that the card has committed the intent. An event that is no open
// intent is ErrNotOpen.
func (j *Journal) Settle(id cardlayout.EventID, receipt desfire.Receipt) error {
	return j.resolve(id, &entry{
		Kind: Settle, Of: id.Sequence, TMC: receipt.TMC, TMV: receipt.TMV,
	})
}

// Void notes that the card has not committed the intent. An event that is no open
// intent is ErrNotOpen.
func (j *Journal) Void(id cardlayout.EventID) error {
	return j.resolve(id, &entry{Kind: Void, Of: id.Sequence})
}

// note adds an event.
func (j *Journal) note(kind Kind, event validator.Event) error {
	j.using.Lock()
	defer j.using.Unlock()
	switch next := j.next(); {
	case j.head.Sequence == math.MaxUint32:
		return fmt.Errorf("journal %s: device %d has used up its event numbers, so no tap can "+
			"be recorded: commission it anew under another device number", j.path, next.Device)
	case event.ID != next:
		return fmt.Errorf("journal %s: %s of event %d of device %d: the next is event %d of "+
			"device %d, and none may be left out", j.path, kind, event.ID.Sequence,
			event.ID.Device, next.Sequence, next.Device)
	}
	j.expire(event)
	e := &entry{Kind: kind, Event: stored(event)}
	if err := j.add(event.Card, e); err != nil {
		return err
	}
	if e.timed() {
		j.timing = e.Event.timing()
	}
	return nil
}

// resolve closes an open intent.
func (j *Journal) resolve(id cardlayout.EventID, e *entry) error {
	j.using.Lock()
	defer j.using.Unlock()
	open, found := j.open.numbered[id.Sequence]
	if !found || id.Device != j.head.Device {
		return fmt.Errorf("journal %s: %s of event %d of device %d: %w: it was never begun, or is "+
			"settled or void already", j.path, e.Kind, id.Sequence, id.Device, ErrNotOpen)
	}
	return j.add(open.event.Card, e)
}
