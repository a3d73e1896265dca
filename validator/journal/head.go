package journal

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

const format = 1

// A head says where the log stands. It makes opening quick, and it shows when the
// end of the log is missing, which a chain of hashes alone cannot, or when an open
// intent is not the one that was begun.
type head struct {
	Format   uint8    `cbor:"1,keyasint"`
	Device   uint16   `cbor:"2,keyasint"`
	Position uint64   `cbor:"3,keyasint,omitzero"` // of the last entry
	Sequence uint32   `cbor:"4,keyasint,omitzero"` // of the last event
	Hash     [32]byte `cbor:"5,keyasint"`          // of the last entry
	Latest   *int64   `cbor:"6,keyasint,omitzero"` // of any event
	Open     [32]byte `cbor:"7,keyasint,omitzero"` // digest of the open intents
}

// newHead is the head of a log without entries.
func newHead(device uint16) head {
	seed := binary.BigEndian.AppendUint16([]byte("leima journal 1"), device)
	return head{Format: format, Device: device, Hash: sha256.Sum256(seed)}
}

// with is the head after one more entry, and the value that the log keeps of it.
// begun is the value of the intent that the entry closes.
func (h head) with(e *entry, raw, begun []byte) (next head, value []byte) {
	h.Position++
	h.Hash = chain(h.Hash, raw)
	value = slices.Concat(h.Hash[:], raw)
	if e.Event != nil {
		h.Sequence = e.Event.Sequence
		h.Latest = later(h.Latest, e.Event.At)
	}
	switch e.Kind {
	case Intent:
		h.Open = toggled(h.Open, value)
	case Settle, Void:
		h.Open = toggled(h.Open, begun)
	}
	return h, value
}

// chain is the hash of an entry.
func chain(before [32]byte, raw []byte) (hash [32]byte) {
	sum := sha256.New()
	sum.Write(before[:])
	sum.Write(raw)
	sum.Sum(hash[:0])
	return hash
}

// toggled is the digest of a set after a value came into it or left it. It depends on
// no order, and costs the same however many there are.
func toggled(digest [32]byte, value []byte) [32]byte {
	sum := sha256.Sum256(value)
	subtle.XORBytes(digest[:], digest[:], sum[:])
	return digest
}

func later(a, b *int64) *int64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// equal tells whether two heads are of the same log.
func (h head) equal(other head) bool {
	return h.Format == other.Format && h.Device == other.Device &&
		h.Position == other.Position && h.Sequence == other.Sequence &&
		h.Hash == other.Hash && h.Open == other.Open && timeOf(h.Latest).Equal(timeOf(other.Latest))
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

var (
	logBucket  = []byte("log")
	openBucket = []byte("open")
	headBucket = []byte("journal")
	headKey    = []byte("head")
)

// buckets are the parts of the file, within one transaction.
type buckets struct{ log, open, head *bbolt.Bucket }

func bucketsOf(tx *bbolt.Tx) (buckets, error) {
	b := buckets{tx.Bucket(logBucket), tx.Bucket(openBucket), tx.Bucket(headBucket)}
	if b.log == nil || b.open == nil || b.head == nil {
		return b, fmt.Errorf("%w: a part of it is missing", ErrDamaged)
	}
	b.log.FillPercent = 1 // entries are only ever appended: leave no page half empty
	return b, nil
}

// readHead reads a head and its seal: nothing else would tell that the device's number
// is not what it was.
func (b buckets) readHead() (h head, err error) {
	value := b.head.Get(headKey)
	if len(value) < len(h.Hash) {
		return h, fmt.Errorf("%w: its head is missing", ErrDamaged)
	}
	seal, raw := value[:len(h.Hash)], value[len(h.Hash):]
	if sum := sha256.Sum256(raw); !bytes.Equal(sum[:], seal) {
		return h, fmt.Errorf("%w: its head was changed", ErrDamaged)
	}
	if err := decMode.Unmarshal(raw, &h); err != nil {
		return h, fmt.Errorf("%w: its head cannot be read", ErrDamaged)
	}
	if h.Format != format {
		return h, fmt.Errorf("%w, in format %d", errNewer, h.Format)
	}
	return h, nil
}

func (b buckets) writeHead(h head) error {
	raw, err := encMode.Marshal(h)
	if err != nil {
		return err
	}
	seal := sha256.Sum256(raw)
	return b.head.Put(headKey, slices.Concat(seal[:], raw))
}

func logKey(position uint64) []byte { return binary.BigEndian.AppendUint64(nil, position) }

func openKey(sequence uint32) []byte { return binary.BigEndian.AppendUint32(nil, sequence) }

var encMode = must(cbor.CoreDetEncOptions().EncMode())

var decMode = must(cbor.DecOptions{
	DupMapKey:   cbor.DupMapKeyEnforcedAPF,
	IndefLength: cbor.IndefLengthForbidden,
	TagsMd:      cbor.TagsForbidden,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic("journal: internal error: " + err.Error())
	}
	return mode
}
