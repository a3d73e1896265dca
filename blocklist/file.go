package blocklist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/FastFilter/xorfilter"
	"go.etcd.io/bbolt"

	"leima/cardlayout"
)

// Edition is what a list says of itself. Two equal ones are of the same list.
type Edition struct {
	Version uint32
	Area    cardlayout.Area
	Made    time.Time // UTC, whole seconds
	Count   int
	Digest  [32]byte // of all entries
}

// A File is a list that was built, open for lookups. It may be used from several
// goroutines; Close is for when none of them looks up any more.
//
// One read transaction stays open as long as the file does: nothing ever writes,
// and a transaction for each lookup would hold bbolt's locks while it reads the
// mapping, where a memory fault would leave them held for ever.
type File struct {
	edition Edition
	filter  *xorfilter.BinaryFuse8 // nil lets every card pass

	db      *bbolt.DB
	tx      *bbolt.Tx
	reading sync.Mutex // a transaction is for one goroutine at a time
	cards   *bbolt.Bucket
}

// Open opens a list and verifies all of it. A file that is not as it was built is
// ErrDamaged.
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
	if err := guarded(func() error { return list.open(file) }); err != nil {
		return nil, advise(path, err)
	}
	return list, nil
}

// advise completes an error about a file with what to do.
func advise(path string, err error) error {
	switch {
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("block list %s: %w: delete the file and fetch the list again", path, err)
	case errors.Is(err, ErrFormat):
		return fmt.Errorf("block list %s: %w: update this program", path, err)
	}
	return fmt.Errorf("block list %s: %w", path, err)
}

// open hands bbolt the very file that was verified: one opened anew by its name
// could be another by now. After a memory fault in here nothing is closed, since
// bbolt's locks may be held.
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

// Close closes the file. A lookup after it is an error.
func (f *File) Close() error { return errors.Join(f.tx.Rollback(), f.db.Close()) }

// Edition is what the list says of itself.
func (f *File) Edition() Edition { return f.edition }

// Lookup tells whether a card is listed, and with which unblocking number. After
// an error nothing is known of the card.
func (f *File) Lookup(number cardlayout.Number) (unblocking uint8, listed bool, err error) {
	if f.edition.Count == 0 || f.filter != nil && !f.filter.Contains(uint64(number)) {
		return 0, false, nil
	}
	return f.find(number)
}

// find looks in the database.
func (f *File) find(number cardlayout.Number) (unblocking uint8, listed bool, err error) {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(number))
	f.reading.Lock()
	defer f.reading.Unlock()
	err = guarded(func() error {
		if value := f.cards.Get(key[:]); value != nil {
			unblocking, listed = value[0], true
		}
		return nil
	})
	if err != nil {
		return 0, false, fmt.Errorf("looking up card %s in the block list: %w", number.Short(), err)
	}
	return unblocking, listed, nil
}

// guarded runs work on the mapped file and makes an error of a panic. A page that
// the flash cannot deliver, or that was cut off after the file was opened, arrives
// as a memory fault, which would end the program.
func guarded(work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, cause)
		}
	}()
	return work()
}

// load reads what the file says of itself, and the filter.
func (f *File) load() error {
	bucket := f.tx.Bucket(listBucket)
	f.cards = f.tx.Bucket(cardsBucket)
	if bucket == nil || f.cards == nil {
		return fmt.Errorf("%w: a part of it is missing", ErrDamaged)
	}
	var head header
	if err := decMode.Unmarshal(bucket.Get(headerKey), &head); err != nil {
		return fmt.Errorf("%w: reading its header: %w", ErrDamaged, err)
	}
	f.edition = Edition{
		Version: head.Version,
		Area:    head.Area,
		Made:    time.Unix(head.Made, 0).UTC(),
		Count:   int(head.Count),
	}
	copy(f.edition.Digest[:], head.Digest)

	var sieve filter
	err := decMode.Unmarshal(bucket.Get(filterKey), &sieve)
	if err == nil {
		f.filter, err = sieve.fuse()
	}
	if err != nil {
		return fmt.Errorf("%w: reading its filter: %w", ErrDamaged, err)
	}
	return nil
}
