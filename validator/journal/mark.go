package journal

import (
	"crypto/sha256"
	"fmt"
	"time"
)

// A mark is a place in the log: what stands up to there.
type mark struct {
	Position uint64   `cbor:"3,keyasint,omitzero"` // of the last entry
	Sequence uint32   `cbor:"4,keyasint,omitzero"` // of the last event
	Hash     [32]byte `cbor:"5,keyasint"`          // of the last entry
	Latest   *int64   `cbor:"6,keyasint,omitzero"` // of any event
}

// after is the mark one entry further.
func (m mark) after(e *entry, raw []byte) mark {
	m.Position++
	m.Hash = chain(m.Hash, raw)
	if e.Event != nil {
		m.Sequence = e.Event.Sequence
		m.Latest = later(m.Latest, e.Event.At)
	}
	return m
}

// follow is the mark one entry further, if the value is that entry's.
func (m mark) follow(value []byte) (next mark, e *entry, err error) {
	hash, raw, e, err := parse(value)
	if err != nil {
		return m, nil, fmt.Errorf("entry %d: %w", m.Position+1, err)
	}
	if next = m.after(e, raw); next.Hash != hash {
		return m, nil, fmt.Errorf("%w: entry %d, %s: its hash does not follow from the entry "+
			"before it: one of the two was changed", ErrDamaged, next.Position, e.Kind)
	}
	return next, e, nil
}

func (m mark) equal(other mark) bool {
	return m.Position == other.Position && m.Sequence == other.Sequence &&
		m.Hash == other.Hash && timeOf(m.Latest).Equal(timeOf(other.Latest))
}

// chain is the hash of an entry.
func chain(before [32]byte, raw []byte) (hash [32]byte) {
	sum := sha256.New()
	sum.Write(before[:])
	sum.Write(raw)
	sum.Sum(hash[:0])
	return hash
}

func later(a, b *int64) *int64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// secondsOf and timeOf keep the zero time apart from 1.1.1970, where a clock stands
// that has lost its time.
func secondsOf(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return new(t.Unix())
}

func timeOf(seconds *int64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	return time.Unix(*seconds, 0).UTC()
}
