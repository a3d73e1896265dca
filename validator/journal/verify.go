package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// progressStep is after how many entries Verify says how far it is.
const progressStep = 256

// Verify reads the whole journal and tells what is wrong with it: ErrDamaged, with
// the entry. progress may be nil, and must not call the journal. A tap may have to
// wait for it, so it is for the depot.
func (j *Journal) Verify(progress func(done, total uint64)) error {
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	return explain(j.path, "verifying", j.db.view(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		last, err := b.readHead()
		if err != nil {
			return err
		}
		a := audit{head: newHead(last.Device), open: make(map[uint32][]byte)}
		if err := a.read(b.log, func() { progress(a.head.Position, last.Position) }); err != nil {
			return err
		}
		if err := a.compare(b.open); err != nil {
			return err
		}
		if !a.head.equal(last) {
			return fmt.Errorf("%w: its head says that entry %d is the last and event %d the last "+
				"event, and the log comes to another end, at %d and %d", ErrDamaged,
				last.Position, last.Sequence, a.head.Position, a.head.Sequence)
		}
		return nil
	}))
}

// An audit repeats the log from its beginning: where it stands, and which intents
// are open, with their values.
type audit struct {
	head head
	open map[uint32][]byte
}

// read audits the log entry by entry.
func (a *audit) read(log *bbolt.Bucket, step func()) error {
	cursor := log.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		position := a.head.Position + 1
		if !bytes.Equal(key, logKey(position)) {
			return fmt.Errorf("%w: entry %d is missing", ErrDamaged, position)
		}
		hash, raw, e, err := parse(value)
		if err != nil {
			return fmt.Errorf("entry %d: %w", position, err)
		}
		if chain(a.head.Hash, raw) != hash {
			return fmt.Errorf("%w: entry %d, %s: its hash does not follow from the entry before "+
				"it: one of the two was changed", ErrDamaged, position, e.Kind)
		}
		if err := a.follow(e, raw, value); err != nil {
			return fmt.Errorf("%w: entry %d, %s: %w", ErrDamaged, position, e.Kind, err)
		}
		if position%progressStep == 0 {
			step()
		}
	}
	step()
	return nil
}

// follow takes an entry, if it may come here.
func (a *audit) follow(e *entry, raw, value []byte) error {
	want, begun := a.head.Sequence+1, a.open[e.Of]
	switch {
	case !e.Kind.event() && begun == nil:
		return fmt.Errorf("event %d is no open intent before it", e.Of)
	case e.Kind.event() && (e.Event.Sequence != want || e.Event.Device != a.head.Device):
		return fmt.Errorf("it is event %d of device %d, not %d of %d",
			e.Event.Sequence, e.Event.Device, want, a.head.Device)
	}
	a.head, _ = a.head.with(e, raw, begun)
	switch e.Kind {
	case Intent:
		a.open[want] = value
	case Settle, Void:
		delete(a.open, e.Of)
	}
	return nil
}

// compare tells whether the intents that are kept as open are those that are.
func (a *audit) compare(bucket *bbolt.Bucket) error {
	for sequence, value := range a.open {
		if !bytes.Equal(bucket.Get(openKey(sequence)), value) {
			return fmt.Errorf("%w: event %d is an open intent, and is not kept as such",
				ErrDamaged, sequence)
		}
	}
	return bucket.ForEach(func(key, _ []byte) error {
		if len(key) != 4 || a.open[binary.BigEndian.Uint32(key)] == nil {
			return fmt.Errorf("%w: %x is kept as an open intent, and is none", ErrDamaged, key)
		}
		return nil
	})
}
