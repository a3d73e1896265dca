package journal

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

// batch is how many entries are read from the database at once.
const batch = 64

// Entries calls each for the entries from a position on, in order, up to the last
// one there is when it is called. Where entries were pruned it begins with the first
// that is kept. It stops at the first error, and returns it. While each runs nothing is
// held: it may take its time, and it may call the journal.
func (j *Journal) Entries(from uint64, each func(Entry) error) error {
	return j.values(from, func(position uint64, value []byte) error {
		hash, _, e, err := parse(value)
		if err != nil {
			err = fmt.Errorf("entry %d: %w", position, err)
			return explain(j.path, fmt.Sprintf("reading from entry %d on", from), err)
		}
		return each(e.exported(j.device, position, hash))
	})
}

// Since is a position before which no event is of that time or later.
func (j *Journal) Since(at time.Time) (position uint64) {
	j.using.Lock()
	defer j.using.Unlock()
	position = 1
	for n := range j.archives {
		if latest := j.archives[n].Latest; latest != nil && *latest >= at.Unix() {
			break
		}
		position = j.archives[n].Position + 1
	}
	return position
}

// An exported entry as others get it: device and position are its name for ever.
type exported struct {
	Device   uint16          `cbor:"1,keyasint"`
	Position uint64          `cbor:"2,keyasint"`
	Hash     [32]byte        `cbor:"3,keyasint"`
	Entry    cbor.RawMessage `cbor:"4,keyasint"`
}

// Export calls each with the entries after a position, as CBOR. It reads like Entries, and
// signs the head first.
func (j *Journal) Export(after uint64, each func(position uint64, item []byte) error) error {
	j.using.Lock()
	j.sign()
	j.using.Unlock()
	return j.values(after+1, func(position uint64, value []byte) error {
		item := exported{Device: j.device, Position: position}
		item.Entry = value[copy(item.Hash[:], value):]
		raw, err := encMode.Marshal(item)
		if err != nil {
			return explain(j.path, fmt.Sprintf("exporting entry %d", position), ErrDamaged)
		}
		return each(position, raw)
	})
}

// values calls each with the values of the log from a position on.
func (j *Journal) values(from uint64, each func(position uint64, value []byte) error) error {
	j.using.Lock()
	last := j.head.Position
	j.using.Unlock()
	for next := max(from, 1); next <= last; {
		first, values, err := j.some(next, last)
		if err != nil {
			return explain(j.path, fmt.Sprintf("reading from entry %d on", next), err)
		}
		for n, value := range values {
			if err := each(first+uint64(n), value); err != nil {
				return err
			}
		}
		next = first + uint64(len(values))
	}
	return nil
}

// some reads values from a position on, at least one, or if that is pruned, from the
// first that is kept. An archive is read while taps go on: it may be pruned meanwhile.
func (j *Journal) some(next, last uint64) (first uint64, values [][]byte, err error) {
	j.using.Lock()
	defer j.using.Unlock()
	for {
		first = max(next, j.tail.Pruned.Position+1)
		if first > last {
			return first, nil, nil
		}
		n := slices.IndexFunc(j.archives, func(a archive) bool { return a.Position >= first })
		if n < 0 {
			values, err = j.read(first, last)
			return first, values, err
		}
		a, before := j.archives[n], j.before(n)
		j.using.Unlock()
		values, err = a.contents(j.path, before)
		j.using.Lock()
		switch {
		case err == nil:
			end := min(last, a.Position) - before.Position
			return first, values[first-before.Position-1 : end], nil
		case j.tail.Pruned.Position < a.Position:
			return first, nil, err
		}
	}
}

// read reads a batch from the database.
func (j *Journal) read(next, last uint64) (values [][]byte, err error) {
	err = j.db.view(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		cursor := b.log.Cursor()
		key, value := cursor.Seek(logKey(next))
		for next <= last && len(values) < batch {
			if !bytes.Equal(key, logKey(next)) {
				return fmt.Errorf("%w: entry %d is missing", ErrDamaged, next)
			}
			if len(value) <= len(exported{}.Hash) {
				return fmt.Errorf("entry %d: %w: it is cut off", next, ErrDamaged)
			}
			values = append(values, bytes.Clone(value))
			key, value = cursor.Next()
			next++
		}
		return nil
	})
	return values, err
}
