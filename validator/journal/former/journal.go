package former

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolt "go.etcd.io/bbolt/errors"

	"leima/cardlayout/canonical"
	"leima/hw/disk"
)

// ErrDamaged means that a journal is not as it was written, ErrInUse that another program has it.
var (
	ErrDamaged = errors.New("it is not as it was written")
	ErrInUse   = errors.New("another program has it open")
)

// Contents are all that a journal holds but its log.
type Contents struct {
	Head, Tail []byte              // in CBOR; no tail: nil
	Open       map[uint32][]byte   // values of open intents by their event numbers
	Cards      map[uint32][16]byte // hashes of their cards
	Paid       [][]byte            // the key and value of each payment
}

// A Journal is an open journal.
type Journal struct {
	Contents
	path string
	db   *bbolt.DB
}

// Kept is the name of a journal while, and after, another takes its own.
func Kept(path string) string { return path + ".former" }

// Archives is the folder of a journal's archives, whichever of its two names it has.
func Archives(path string) string { return strings.TrimSuffix(path, Kept("")) + ".archive" }

// Whole reports whether both meta pages of the database are whole. It can be read with one of them,
// but then its last entry may be missing.
func Whole(path string) bool {
	raw, err := os.ReadFile(path)
	return err == nil && wholeMeta(raw) &&
		wholeMeta(raw[min(len(raw), int(binary.NativeEndian.Uint32(raw[pageHead+8:]))):])
}

const (
	pageHead = 16 // bytes before the meta in its page
	metaSize = 56 // without its sum
)

func wholeMeta(page []byte) bool {
	if len(page) < pageHead+metaSize+8 {
		return false
	}
	sum := fnv.New64a()
	sum.Write(page[pageHead:][:metaSize])
	return sum.Sum64() == binary.NativeEndian.Uint64(page[pageHead+metaSize:])
}

// Open opens a journal, and reads all but its log.
func Open(path string) (*Journal, error) {
	j := &Journal{path: path}
	err := disk.Mapped(ErrDamaged, func() (err error) {
		j.db, err = bbolt.Open(path, 0, &bbolt.Options{Timeout: time.Second, ReadOnly: true})
		return err
	})
	switch {
	case errors.Is(err, bolt.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	case err != nil: // in bbolt's own words, which say nothing to a person
		return nil, ErrDamaged
	}
	if err := j.view(j.contents); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// Close closes the journal.
func (j *Journal) Close() error { return j.db.Close() }

// view reads. bbolt panics at some pages that are damaged.
func (j *Journal) view(read func(*bbolt.Tx) error) error {
	return disk.Mapped(ErrDamaged, func() error { return j.db.View(read) })
}

func (j *Journal) contents(tx *bbolt.Tx) error {
	journal := tx.Bucket([]byte("journal"))
	if journal == nil {
		return fmt.Errorf("%w: it is no journal", ErrDamaged)
	}
	var err error
	if j.Head, err = unsealed(journal.Get([]byte("head"))); err != nil {
		return err
	}
	if tail := journal.Get([]byte("tail")); tail != nil {
		if j.Tail, err = unsealed(tail); err != nil {
			return err
		}
	}
	j.Open, j.Cards = map[uint32][]byte{}, map[uint32][16]byte{}
	return errors.Join(
		each(tx, "open", func(key, value []byte) error {
			j.Open[binary.BigEndian.Uint32(key)] = bytes.Clone(value)
			return nil
		}),
		each(tx, "cards", func(key, value []byte) error {
			var hash [16]byte
			raw, err := unsealed(value)
			if err == nil {
				err = canonical.Decode.Unmarshal(raw, &hash)
			}
			j.Cards[binary.BigEndian.Uint32(key)] = hash
			return err
		}),
		each(tx, "payments", func(key, value []byte) error {
			j.Paid = append(j.Paid, append(bytes.Clone(key), value...))
			return nil
		}))
}

// each calls do for the content of a bucket, which may be missing.
func each(tx *bbolt.Tx, name string, do func(key, value []byte) error) error {
	bucket := tx.Bucket([]byte(name))
	if bucket == nil {
		return nil
	}
	return bucket.ForEach(do)
}

// unsealed is the CBOR of a sealed value.
func unsealed(value []byte) ([]byte, error) {
	if len(value) < sha256.Size {
		return nil, fmt.Errorf("%w: a part of it is missing", ErrDamaged)
	}
	raw := bytes.Clone(value[sha256.Size:])
	if sha256.Sum256(raw) != [sha256.Size]byte(value) {
		return nil, fmt.Errorf("%w: a part of it was changed", ErrDamaged)
	}
	return raw, nil
}

// Values calls do for the values of the log, in order: first those in archives.
func (j *Journal) Values(do func(value []byte) error) error {
	return j.view(func(tx *bbolt.Tx) error {
		err := each(tx, "archives", func(first, _ []byte) error {
			return eachIn(filepath.Join(Archives(j.path),
				fmt.Sprintf("%020d", binary.BigEndian.Uint64(first))), do)
		})
		if err != nil {
			return err
		}
		return each(tx, "log", func(_, value []byte) error { return do(bytes.Clone(value)) })
	})
}

// eachIn calls do for the values in an archive.
func eachIn(archive string, do func(value []byte) error) error {
	raw, err := os.ReadFile(archive)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for len(raw) > 0 {
		var value []byte
		if raw, err = canonical.Decode.UnmarshalFirst(raw, &value); err != nil {
			return fmt.Errorf("%w: archive %s cannot be read", ErrDamaged, archive)
		}
		if err := do(value); err != nil {
			return err
		}
	}
	return nil
}
