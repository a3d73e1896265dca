package journal

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"
)

// batch is how many entries are read at once.
const batch = 64

// Entries calls each for the entries from a position on, in order, up to the last
// one there is when it is called. It stops at the first error, and returns it. While
// each runs nothing is held: it may take its time, and it may call the journal.
func (j *Journal) Entries(from uint64, each func(Entry) error) error {
	j.using.Lock()
	last := j.head
	j.using.Unlock()
	for next := max(from, 1); next <= last.Position; {
		entries, err := j.read(next, last)
		if err != nil {
			return explain(j.path, fmt.Sprintf("reading from entry %d on", next), err)
		}
		for _, entry := range entries {
			if err := each(entry); err != nil {
				return err
			}
		}
		next += uint64(len(entries))
	}
	return nil
}

// read reads a batch, which has at least one entry.
func (j *Journal) read(next uint64, last head) (entries []Entry, err error) {
	err = j.db.view(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		cursor := b.log.Cursor()
		key, value := cursor.Seek(logKey(next))
		for next <= last.Position && len(entries) < batch {
			if !bytes.Equal(key, logKey(next)) {
				return fmt.Errorf("%w: entry %d is missing", ErrDamaged, next)
			}
			hash, _, e, err := parse(value)
			if err != nil {
				return fmt.Errorf("entry %d: %w", next, err)
			}
			entries = append(entries, e.exported(last.Device, next, hash))
			key, value = cursor.Next()
			next++
		}
		return nil
	})
	return entries, err
}
