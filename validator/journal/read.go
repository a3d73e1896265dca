package journal

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"leima/cardlayout/canonical"
)

// Entries calls each for the entries from a position on, in order, up to the last one at the time
// of the call. If entries were pruned it begins with the first that is stored. It stops at the
// first error, and returns it. No lock is held while each runs: it may take its time, and may call
// the journal.
func (j *Journal) Entries(from uint64, each func(Entry) error) error {
	return j.values(from, func(s *state, e *entry, _ []byte) error {
		return each(e.exported(j.device, s.Position, s.Hash))
	})
}

// Since is a position before which no event is of that time or later.
func (j *Journal) Since(at time.Time) (position uint64) {
	segments, _, _ := j.durable()
	position = 1
	for _, first := range slices.Backward(segments) {
		position = first
		begun, err := j.headerOf(first)
		if err == nil && timeOf(begun.Latest).Before(at) {
			break
		}
	}
	return position
}

// exported is an entry as exported: device and position identify it.
type exported struct {
	Device   uint16          `cbor:"1,keyasint"`
	Position uint64          `cbor:"2,keyasint"`
	Hash     [32]byte        `cbor:"3,keyasint"`
	Entry    cbor.RawMessage `cbor:"4,keyasint"`
}

// Export calls each with the entries after a position, as CBOR. It reads like Entries.
func (j *Journal) Export(after uint64, each func(position uint64, item []byte) error) error {
	return j.values(after+1, func(s *state, _ *entry, value []byte) error {
		raw, err := canonical.Encode.Marshal(exported{
			Device: j.device, Position: s.Position,
			Hash: s.Hash, Entry: value[len(s.Hash):],
		})
		if err != nil {
			return explain(j.path, fmt.Sprintf("exporting entry %d", s.Position), ErrDamaged)
		}
		return each(s.Position, raw)
	})
}

// durable are the segments, and the position of the last entry, which is flushed.
func (j *Journal) durable() (segments []uint64, last uint64, err error) {
	j.using.Lock()
	defer j.using.Unlock()
	_ = j.catchUp() // else it is that of the last flush
	return slices.Clone(j.segments), j.Position, j.unread
}

// An eachEntry is called for an entry with the state after it, and its value in the log.
type eachEntry func(s *state, e *entry, value []byte) error

// values calls each for the entries from a position on.
func (j *Journal) values(from uint64, each eachEntry) error {
	segments, last, err := j.durable()
	if err != nil {
		return err
	}
	for n, first := range segments {
		end, closed := endOf(segments, n, last)
		if end < from {
			continue
		}
		var stopped error
		_, err := j.read(first, end, closed, func(s *state, e *entry, value []byte) error {
			if s.Position >= from {
				stopped = each(s, e, value)
			}
			return stopped
		})
		switch {
		case stopped != nil:
			return stopped
		case err != nil && !j.hasPruned(first):
			return explain(j.path, fmt.Sprintf("reading from entry %d on", max(from, first)), err)
		}
	}
	return explain(j.path, "reading", j.spoilt)
}

// endOf is the position of the last entry in the n-th of the segments, and whether it is closed.
func endOf(segments []uint64, n int, last uint64) (end uint64, closed bool) {
	if n+1 < len(segments) {
		return segments[n+1] - 1, true
	}
	return last, false
}

// hasPruned reports whether a segment was dropped, perhaps while it was read.
func (j *Journal) hasPruned(first uint64) bool {
	j.using.Lock()
	defer j.using.Unlock()
	return first < j.segments[0]
}

// read verifies a segment, and calls each for its entries up to the last, which it must hold; that
// of a closed segment is its end. It returns the state there.
func (j *Journal) read(first, last uint64, closed bool, each eachEntry) (end state, err error) {
	name := segmentFile(j.place, first)
	defer func() {
		if err != nil {
			err = fmt.Errorf("segment %s: %w", name, err)
		}
	}()
	raw, err := os.ReadFile(name)
	if err != nil {
		return end, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	s, whole, err := load(raw, first, last, each)
	switch {
	case err != nil:
	case s.Position < last:
		err = fmt.Errorf("%w: entry %d is not as it was written", ErrDamaged, s.Position+1)
	case closed && whole < int64(len(raw)):
		err = fmt.Errorf("%w: more follows its last entry, %d", ErrDamaged, last)
	}
	return s, err
}
