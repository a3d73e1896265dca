package blocklist

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
)

// batch is the number of blocks of one transaction: enough to be quick, few enough for the memory
// of a small machine.
const batch = 1000

var (
	cardsBucket = []byte("cards")
	listBucket  = []byte("list")
	headerKey   = []byte("header")
	filterKey   = []byte("filter")
)

// header is the header of a file. Count and Digest of a delta are those of the list that it leads
// to.
type header struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
	Area    cardlayout.Area
	Made    int64 // seconds since 1970
	Count   uint32
	Digest  []byte
	Base    uint32 // the version of the list that a delta is for; 0 in a full list
	Changes uint32 // the records of a delta; 0 in a full list
}

func headerOf(e Edition) header {
	return header{
		Version: e.Version, Area: e.Area, Made: e.Made.Unix(), Count: uint32(e.Count),
		Digest: e.Digest[:],
	}
}

func (h header) edition() Edition {
	e := Edition{
		Version: h.Version, Area: h.Area, Made: time.Unix(h.Made, 0).UTC(),
		Count: int(h.Count),
	}
	copy(e.Digest[:], h.Digest)
	return e
}

// write makes the database of sorted records and returns how many of its bytes are in use. Nothing
// is flushed before the end: until then the file is a draft without a name. head makes the header
// from the digest of the records.
func write(draft string, sorted []record, head func([sha256.Size]byte) header) (
	size int64, err error,
) {
	db, err := bbolt.Open(draft, 0o600, &bbolt.Options{
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
	if err := writeHeader(db, head(digest), newFilter(sorted)); err != nil {
		return 0, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		size = tx.Size()
		return nil
	})
	return size, err
}

// writeCards writes the records and returns their digest.
func writeCards(db *bbolt.DB, rest []record) ([sha256.Size]byte, error) {
	sum := newTally()
	for first := true; first || len(rest) > 0; first = false {
		err := db.Update(func(tx *bbolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists(cardsBucket)
			if err != nil {
				return err
			}
			bucket.FillPercent = 1 // not kept in the file: set in every transaction
			for n := 0; n < batch && len(rest) > 0; n++ {
				var b block
				for ; len(rest) > 0 && !b.full(); rest = rest[1:] {
					b.add(rest[0])
					sum.add(rest[0])
				}
				if err := bucket.Put(putNumber(make([]byte, 8), b.last), b.packed); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return sum.digest(), err
		}
	}
	return sum.digest(), nil
}

// putNumber writes a number as a key of the database, so that keys are in the order of numbers.
func putNumber(into []byte, number cardlayout.Number) []byte {
	binary.BigEndian.PutUint64(into, uint64(number))
	return into
}

func writeHeader(db *bbolt.DB, head header, filter *filter) error {
	top, err := canonical.Encode.Marshal(head)
	if err != nil {
		return err
	}
	sieve, err := canonical.Encode.Marshal(filter)
	if err != nil {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(listBucket)
		if err != nil {
			return err
		}
		if err := bucket.Put(headerKey, top); err != nil {
			return err
		}
		return bucket.Put(filterKey, sieve)
	})
}
