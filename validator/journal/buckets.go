package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"
)

var (
	logBucket  = []byte("log")
	openBucket = []byte("open")
	oldBucket  = []byte("archives")
	paidBucket = []byte("payments")
	headBucket = []byte("journal")
	headKey    = []byte("head")
	tailKey    = []byte("tail")
)

// buckets are the parts of the file, within one transaction.
type buckets struct {
	log, open, head *bbolt.Bucket
	archives        *bbolt.Bucket // nil in a file of format 1
	paid            *bbolt.Bucket // nil where no benefit has paid yet
}

func bucketsOf(tx *bbolt.Tx) (buckets, error) {
	b := buckets{tx.Bucket(logBucket), tx.Bucket(openBucket), tx.Bucket(headBucket),
		tx.Bucket(oldBucket), tx.Bucket(paidBucket)}
	if b.log == nil || b.open == nil || b.head == nil {
		return b, fmt.Errorf("%w: a part of it is missing", ErrDamaged)
	}
	b.log.FillPercent = 1 // entries are only ever appended: leave no page half empty
	return b, nil
}

// emptied is a part of the file without anything in it.
func emptied(tx *bbolt.Tx, name []byte) (*bbolt.Bucket, error) {
	_ = tx.DeleteBucket(name) // one that is still there cannot be made
	return tx.CreateBucket(name)
}

// readHead reads the head.
func (b buckets) readHead() (h head, err error) {
	if err := unseal(b.head.Get(headKey), &h); err != nil {
		return h, fmt.Errorf("%w: its head %w", ErrDamaged, err)
	}
	if h.Format < 1 || h.Format > format {
		return h, fmt.Errorf("%w, in format %d", errNewer, h.Format)
	}
	h.Format = format // what is written next is
	return h, nil
}

func (b buckets) writeHead(h head) error { return seal(b.head, headKey, h) }

// readTail reads the tail, which a log has only once something of it was acknowledged.
func (b buckets) readTail(device uint16) (t tail, err error) {
	t = tail{Pruned: newHead(device).mark}
	value := b.head.Get(tailKey)
	if value == nil {
		return t, nil
	}
	if err := unseal(value, &t); err != nil {
		return t, fmt.Errorf("%w: its tail %w", ErrDamaged, err)
	}
	return t, nil
}

func (b buckets) writeTail(t tail) error { return seal(b.head, tailKey, t) }

// seal writes a value with its hash: nothing else would tell that the device's number,
// say, is not what it was.
func seal(b *bbolt.Bucket, key []byte, value any) error {
	raw, err := encMode.Marshal(value)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	return b.Put(key, slices.Concat(sum[:], raw))
}

func unseal(sealed []byte, value any) error {
	if len(sealed) < sha256.Size {
		return errors.New("is missing")
	}
	sum := sha256.Sum256(sealed[sha256.Size:])
	if !bytes.Equal(sum[:], sealed[:sha256.Size]) {
		return errors.New("was changed")
	}
	if decMode.Unmarshal(sealed[sha256.Size:], value) != nil {
		return errors.New("cannot be read")
	}
	return nil
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
