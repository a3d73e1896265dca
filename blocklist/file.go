package blocklist

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/FastFilter/xorfilter"
	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/hw/disk"
)

// An Edition identifies a list: equal editions are of the same list.
type Edition struct {
	Version uint32
	Area    cardlayout.Area
	Made    time.Time // UTC, whole seconds
	Count   int
	Digest  [32]byte // of all entries
}

// A File is a built list, open for lookups. Goroutines may share it, until Close.
//
// One read transaction stays open as long as the file: nothing ever writes, and a transaction for
// each lookup would hold bbolt's locks while it reads the mapping, where a memory fault would leave
// them locked.
type File struct {
	edition Edition
	base    uint32                 // of a delta: the version of its base list
	changes int                    // of a delta: its records
	filter  *xorfilter.BinaryFuse8 // nil lets every card pass
	delta   *File                  // laid over this list; may be nil

	db      *bbolt.DB
	tx      *bbolt.Tx
	reading sync.Mutex // a transaction is for one goroutine at a time
	cursor  *bbolt.Cursor
}

// Open opens a list and verifies all of it. A file that is not as it was built is ErrDamaged.
func Open(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening block list: %w", err)
	}
	if err := verify(file); err != nil {
		file.Close()
		return nil, advise(path, err)
	}
	list := &File{}
	if err := disk.Mapped(ErrDamaged, func() error { return list.open(file) }); err != nil {
		return nil, advise(path, err)
	}
	return list, nil
}

// advise adds the remedy to an error about a file.
func advise(path string, err error) error {
	switch {
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("block list %s: %w: if it is another kind of file, name the right one; "+
			"else put it aside and fetch the list again", path, err)
	case errors.Is(err, ErrFormat):
		return fmt.Errorf("block list %s: %w: update this program, or build the list again",
			path, err)
	}
	return fmt.Errorf("block list %s: %w", path, err)
}

// open gives bbolt the verified file itself: its name may stand for another file by now. After a
// memory fault in here nothing is closed, as bbolt's locks may be locked.
func (f *File) open(verified *os.File) (err error) {
	f.db, err = bbolt.Open(verified.Name(), 0, &bbolt.Options{
		ReadOnly: true,
		Timeout:  time.Second,
		PageSize: pageSize,
		OpenFile: func(string, int, fs.FileMode) (*os.File, error) { return verified, nil },
	})
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	if f.tx, err = f.db.Begin(false); err != nil {
		f.db.Close()
		return fmt.Errorf("beginning to read the database: %w", err)
	}
	if err := f.load(); err != nil {
		f.Close()
		return err
	}
	return nil
}

// Path is the path of the file, not of its delta.
func (f *File) Path() string { return f.db.Path() }

// Close closes the file, and the delta over it. A lookup after it is an error.
func (f *File) Close() error {
	err := errors.Join(f.tx.Rollback(), f.db.Close())
	if f.delta != nil {
		err = errors.Join(err, f.delta.Close())
	}
	return err
}

// Edition is the edition of the list, or of the delta over it.
func (f *File) Edition() Edition {
	if f.delta != nil {
		return f.delta.edition
	}
	return f.edition
}

// Beneath is the edition of the full list, without a delta.
func (f *File) Beneath() Edition { return f.edition }

// Base is the version of a delta's base list; 0 for a full list.
func (f *File) Base() uint32 { return f.base }

// Changes is how many cards a delta adds, changes or removes.
func (f *File) Changes() int { return f.changes }

// Overlay lays a delta over a full list, which from then on answers as the list that the delta
// leads to, and closes the delta with it. Added checks that the lists fit in every card.
func (f *File) Overlay(delta *File) error {
	switch {
	case f.base != 0 || f.delta != nil || delta.base == 0:
		return fmt.Errorf("%w: want a full list and one delta", ErrBase)
	case f.edition.Area != delta.edition.Area:
		return fmt.Errorf("%w: the delta is for %d, the list for %d", ErrArea,
			delta.edition.Area, f.edition.Area)
	case f.edition.Version != delta.base:
		return fmt.Errorf("%w: it changes version %d, and the full list in use is version %d",
			ErrBase, delta.base, f.edition.Version)
	}
	f.delta = delta
	return nil
}

// Lookup reports whether a card is listed, and with which unblocking number. After an error nothing
// is known of the card.
func (f *File) Lookup(number cardlayout.Number) (unblocking uint8, listed bool, err error) {
	if f.delta != nil {
		r, found, err := f.delta.find(number)
		if found || err != nil {
			return r.unblocking, found && !r.removed, err
		}
	}
	r, found, err := f.find(number)
	return r.unblocking, found, err
}

// find looks only in this file.
func (f *File) find(number cardlayout.Number) (r record, found bool, err error) {
	if number == 0 || f.filter != nil && !f.filter.Contains(uint64(number)) {
		return record{}, false, nil
	}
	var key [8]byte
	putNumber(key[:], number)
	f.reading.Lock()
	defer f.reading.Unlock()
	err = disk.Mapped(ErrDamaged, func() error {
		last, packed := f.cursor.Seek(key[:]) // the block whose last card is not before this one
		for last != nil && r.number < number && err == nil {
			r, packed, err = decodeRecord(packed, r.number)
		}
		return err
	})
	if err != nil {
		return record{}, false, fmt.Errorf("looking up card %s in the block list: %w",
			number.Short(), err)
	}
	if r.number != number {
		return record{}, false, nil
	}
	return r, true, nil
}

// load reads the header and the filter.
func (f *File) load() error {
	bucket := f.tx.Bucket(listBucket)
	cards := f.tx.Bucket(cardsBucket)
	if bucket == nil || cards == nil {
		return fmt.Errorf("%w: a part of it is missing", ErrDamaged)
	}
	f.cursor = cards.Cursor()
	var head header
	if err := canonical.Decode.Unmarshal(bucket.Get(headerKey), &head); err != nil {
		return fmt.Errorf("%w: reading its header: %w", ErrDamaged, err)
	}
	f.edition, f.base, f.changes = head.edition(), head.Base, int(head.Changes)

	var sieve filter
	err := canonical.Decode.Unmarshal(bucket.Get(filterKey), &sieve)
	if err == nil {
		f.filter, err = sieve.fuse()
	}
	if err != nil {
		return fmt.Errorf("%w: reading its filter: %w", ErrDamaged, err)
	}
	return nil
}
