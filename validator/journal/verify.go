package journal

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// progressStep is after how many entries Verify says how far it is.
const progressStep = 256

// Verify reads the whole journal and tells what is wrong with it: ErrDamaged, with
// the first entry that is not as it was written. progress may be nil, and must not call
// the journal. A tap may have to wait for it, so it is for the depot.
func (j *Journal) Verify(progress func(done, total uint64)) error { return j.verify(progress, nil) }

// verify also holds the log to marks that it must pass.
func (j *Journal) verify(progress func(done, total uint64), marks map[uint64][]mark) error {
	j.using.Lock()
	defer j.using.Unlock()
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
		t, err := b.readTail(last.Device)
		if err != nil {
			return err
		}
		a := audit{
			mark: t.Pruned, device: last.Device, pruned: t.Pruned.Sequence,
			open: make(map[uint32][]byte), closed: make(map[uint32]bool), marks: marks,
		}
		a.step = func() { progress(a.Position, last.Position) }
		if err := cmp.Or(a.pass(), a.all(b, j.path, last)); err != nil {
			return err
		}
		return a.passed()
	}))
}

// pass tells whether the log is, where it stands, as it was signed there.
func (a *audit) pass() error {
	for _, m := range a.marks[a.Position] {
		if !m.equal(a.mark) {
			return fmt.Errorf("%w: entry %d is not the one that was signed, or one before it",
				ErrDamaged, a.Position)
		}
	}
	return nil
}

// passed tells whether the log has come to all that was signed.
func (a *audit) passed() error {
	for position := range a.marks {
		if position > a.Position {
			return fmt.Errorf("%w: entry %d was signed, and the log ends with entry %d", ErrDamaged,
				position, a.Position)
		}
	}
	return nil
}

// An audit repeats the log from where it begins: where it stands, and which intents
// are open, with their values.
type audit struct {
	mark
	device uint16
	step   func()
	pruned uint32 // events up to this one are not to be seen any more
	open   map[uint32][]byte
	closed map[uint32]bool   // of those that were pruned
	marks  map[uint64][]mark // that were signed, by position
}

// all audits the archives, the log, what is open, and the head.
func (a *audit) all(b buckets, path string, last head) error {
	archives, err := b.readArchives(a.mark)
	if err != nil {
		return err
	}
	for _, archive := range archives {
		values, err := archive.contents(path, a.mark)
		if err != nil {
			return err
		}
		for _, value := range values {
			if err := a.follow(value); err != nil {
				return err
			}
		}
	}
	if err := a.read(b.log); err != nil {
		return err
	}
	if err := a.compare(b.open, last.Open); err != nil {
		return err
	}
	if !a.mark.equal(last.mark) {
		return fmt.Errorf("%w: its head says that entry %d is the last and event %d the last "+
			"event, and the log comes to another end, at %d and %d", ErrDamaged,
			last.Position, last.Sequence, a.Position, a.Sequence)
	}
	return nil
}

// read audits the log entry by entry.
func (a *audit) read(log *bbolt.Bucket) error {
	cursor := log.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		if !bytes.Equal(key, logKey(a.Position+1)) {
			return fmt.Errorf("%w: entry %d is missing", ErrDamaged, a.Position+1)
		}
		if err := a.follow(value); err != nil {
			return err
		}
	}
	a.step()
	return nil
}

// follow takes an entry, if it may come here.
func (a *audit) follow(value []byte) error {
	next, e, err := a.mark.follow(value)
	if err != nil {
		return err
	}
	want := a.Sequence + 1
	switch {
	case e.Kind.closes() && a.open[e.Of] == nil && (e.Of > a.pruned || a.closed[e.Of]):
		err = fmt.Errorf("event %d is no open intent before it", e.Of)
	case e.Kind.event() && (e.Event.Sequence != want || e.Event.Device != a.device):
		err = fmt.Errorf("it is event %d of device %d, not %d of %d",
			e.Event.Sequence, e.Event.Device, want, a.device)
	}
	if err != nil {
		return fmt.Errorf("%w: entry %d, %s: %w", ErrDamaged, next.Position, e.Kind, err)
	}
	switch {
	case e.Kind == Intent:
		a.open[want] = bytes.Clone(value)
	case e.Kind.closes():
		delete(a.open, e.Of)
		a.closed[e.Of] = e.Of <= a.pruned
	}
	if a.mark = next; a.Position%progressStep == 0 {
		a.step()
	}
	return a.pass()
}

// compare tells whether the intents that are kept as open are those that are. Of those
// that were pruned it has only the digest.
func (a *audit) compare(bucket *bbolt.Bucket, want [32]byte) error {
	for sequence, value := range a.open {
		if !bytes.Equal(bucket.Get(openKey(sequence)), value) {
			return fmt.Errorf("%w: event %d is an open intent, and is not kept as such",
				ErrDamaged, sequence)
		}
	}
	var digest [32]byte
	err := bucket.ForEach(func(key, value []byte) error {
		digest = toggled(digest, value)
		if len(key) == 4 {
			sequence := binary.BigEndian.Uint32(key)
			if a.open[sequence] != nil || sequence <= a.pruned && !a.closed[sequence] {
				return nil
			}
		}
		return fmt.Errorf("%w: %x is kept as an open intent, and is none", ErrDamaged, key)
	})
	if err == nil && digest != want {
		err = fmt.Errorf("%w: its open intents are not those that were kept", ErrDamaged)
	}
	return err
}
