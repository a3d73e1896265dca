package blocklist

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"

	"leima/cardlayout"
)

// A List is a block list to be built. Its entries may stand in any order.
type List struct {
	Version uint32 // from 1; a later list has a higher one
	Area    cardlayout.Area
	Made    time.Time // kept in whole seconds
	Entries []Entry
}

const (
	// pageSize is said everywhere: bbolt would take the kernel's, which differs
	// between the machine that builds and the one on the bus.
	pageSize = 4096

	// batch is how many entries one transaction writes: enough to be quick, few
	// enough for the memory of a small machine.
	batch = 100_000
)

var (
	cardsBucket = []byte("cards")
	listBucket  = []byte("list")
	headerKey   = []byte("header")
	filterKey   = []byte("filter")
)

// header is what a file says of itself.
type header struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
	Area    cardlayout.Area
	Made    int64 // seconds since 1970
	Count   uint32
	Digest  []byte
}

// Build checks a list and writes it to a new file at path, which takes the place
// of an older one at once or not at all. A list already open is not disturbed.
func Build(path string, list List) error {
	sorted, err := list.sorted()
	if err != nil {
		return fmt.Errorf("building block list %s: %w", path, err)
	}
	err = replace(path, func(draft string) (int64, error) { return write(draft, list, sorted) })
	if err != nil {
		return fmt.Errorf("writing block list %s: %w", path, err)
	}
	return nil
}

// sorted checks the list and returns its entries in the order of the database's
// keys.
func (l List) sorted() ([]Entry, error) {
	switch {
	case l.Version == 0:
		return nil, fmt.Errorf("the list has no version: want 1 or more")
	case l.Area == 0:
		return nil, fmt.Errorf("the list has no area: want its code, for example 227")
	case l.Made.IsZero():
		return nil, fmt.Errorf("the list does not say when it was made")
	}
	positions := make([]int, len(l.Entries))
	for i := range positions {
		positions[i] = i + 1
	}
	found := faults{place: "entry %d"}
	order := check(l.Entries, positions, &found)
	sorted := make([]Entry, len(order))
	for n, i := range order {
		sorted[n] = l.Entries[i]
	}
	return sorted, found.err()
}

// write makes the database and returns how many of its bytes are in use. Nothing
// is flushed before the end: until then the file is a draft without a name.
func write(draft string, list List, sorted []Entry) (size int64, err error) {
	db, err := bbolt.Open(draft, 0o644, &bbolt.Options{
		Timeout:        time.Second,
		PageSize:       pageSize,
		NoSync:         true,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	})
	if err != nil {
		return 0, err
	}
	defer func() {
		if closed := db.Close(); err == nil {
			err = closed
		}
	}()
	digest, err := writeCards(db, sorted)
	if err != nil {
		return 0, err
	}
	if err := writeHeader(db, list, digest, newFilter(sorted)); err != nil {
		return 0, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		size = tx.Size()
		return nil
	})
	return size, err
}

// writeCards puts the entries in and returns their digest.
func writeCards(db *bbolt.DB, sorted []Entry) ([]byte, error) {
	digest := sha256.New()
	for first := 0; first == 0 || first < len(sorted); first += batch {
		part := sorted[first:min(first+batch, len(sorted))]
		err := db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists(cardsBucket)
			if err != nil {
				return err
			}
			bucket.FillPercent = 1 // not kept in the file: set in every transaction
			for _, entry := range part {
				key, value := entry.record()
				digest.Write(key)
				digest.Write(value)
				if err := bucket.Put(key, value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return digest.Sum(nil), nil
}

func (e Entry) record() (key, value []byte) {
	return binary.BigEndian.AppendUint64(nil, uint64(e.Number)), []byte{e.Unblocking}
}

func writeHeader(db *bbolt.DB, list List, digest []byte, filter *filter) error {
	head, err := encMode.Marshal(header{
		Version: list.Version,
		Area:    list.Area,
		Made:    list.Made.Unix(),
		Count:   uint32(len(list.Entries)),
		Digest:  digest,
	})
	if err != nil {
		return err
	}
	sieve, err := encMode.Marshal(filter)
	if err != nil {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(listBucket)
		if err != nil {
			return err
		}
		if err := bucket.Put(headerKey, head); err != nil {
			return err
		}
		return bucket.Put(filterKey, sieve)
	})
}

var encMode = must(cbor.CoreDetEncOptions().EncMode())

var decMode = must(cbor.DecOptions{
	IndefLength: cbor.IndefLengthForbidden,
	TagsMd:      cbor.TagsForbidden,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic("blocklist: internal error: " + err.Error())
	}
	return mode
}
