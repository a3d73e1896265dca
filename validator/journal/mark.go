package journal

import (
	"crypto/sha256"
	"time"
)

// A checkpoint is a place in the log, with the state up to there.
type checkpoint struct {
	Position uint64   `cbor:"3,keyasint,omitzero"` // of the last entry
	Sequence uint32   `cbor:"4,keyasint,omitzero"` // of the last event
	Hash     [32]byte `cbor:"5,keyasint"`          // of the last entry
	Latest   *int64   `cbor:"6,keyasint,omitzero"` // of any event
}

func (c checkpoint) equal(other checkpoint) bool {
	return c.Position == other.Position && c.Sequence == other.Sequence &&
		c.Hash == other.Hash && timeOf(c.Latest).Equal(timeOf(other.Latest))
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

// secondsOf and timeOf distinguish the zero time from 1.1.1970, the time of a clock without a
// battery.
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
