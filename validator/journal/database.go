package journal

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolt "go.etcd.io/bbolt/errors"
)

// pageSize is said everywhere: bbolt would take the kernel's, which differs between
// the machine that commissions and the one on the bus.
const pageSize = 4096

// A database is bbolt, made to return an error where it would panic.
type database struct {
	db   *bbolt.DB
	file *os.File // the one bbolt has open

	// beginning is held while a transaction begins, so that nobody waits for a lock
	// of bbolt's that a fault has left held.
	beginning sync.Mutex
	lost      bool // by a fault: bbolt may not be called any more

	found usage // when it was opened
}

// openDatabase opens a file that exists, after its pages were found whole. One that is
// mostly unused is written anew, if that can be done.
func openDatabase(path string, readOnly bool) (*database, error) {
	usage, err := inspect(path)
	if err != nil {
		return nil, err
	}
	if !readOnly && usage.wasteful() {
		_ = compact(path) // the file is as it was, and whole
	}
	d, err := mount(path, readOnly)
	if err == nil {
		d.found = usage
	}
	return d, err
}

// inspect checks the pages under a lock that keeps every writer out.
func inspect(path string) (u usage, err error) {
	d, err := mount(path, true)
	if err != nil {
		return u, err
	}
	u, err = checkPages(d.file)
	return u, errors.Join(err, d.close())
}

// mount hands a file to bbolt.
func mount(path string, readOnly bool) (*database, error) {
	d := &database{}
	options := options()
	options.ReadOnly = readOnly
	options.OpenFile = d.openFile
	err := guarded(func() (err error) {
		d.db, err = bbolt.Open(path, 0, options)
		return err
	})
	if err == nil && !d.standsAt(path) {
		return nil, errors.Join(ErrInUse, d.close())
	}
	if err == nil {
		return d, nil
	}
	if d.file != nil {
		_ = d.release() // after a fault bbolt has left it open
	}
	switch {
	case errors.Is(err, bolt.ErrTimeout):
		return nil, ErrInUse
	case errors.Is(err, bolt.ErrInvalid), errors.Is(err, bolt.ErrChecksum),
		errors.Is(err, bolt.ErrVersionMismatch):
		return nil, fmt.Errorf("%w: it is no database: %w", ErrDamaged, err)
	}
	return nil, err
}

// standsAt tells whether the file that is open is the one of this name. While it waited
// for the lock another program may have put a compacted one into its place.
func (d *database) standsAt(path string) bool {
	opened, err := d.file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(opened, named)
}

// options are those of every journal. The list of free pages is not kept in the
// file: found anew at every start, it cannot contradict the pages.
func options() *bbolt.Options {
	return &bbolt.Options{
		Timeout:        time.Second,
		PageSize:       pageSize,
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	}
}

// openFile opens a file for bbolt, which would make a new database where there is
// none and in one that is empty.
func (d *database) openFile(path string, flag int, mode os.FileMode) (*os.File, error) {
	file, err := os.OpenFile(path, flag&^os.O_CREATE, mode)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errNoFile
	case info.Size() < leastPages*pageSize:
		err = fmt.Errorf("%w: it has only %d bytes", ErrDamaged, info.Size())
	}
	if err != nil {
		_ = file.Close() // it was not even read
		return nil, err
	}
	d.file = file
	return file, nil
}

// begin begins a transaction. A fault in here leaves locks of bbolt's held.
func (d *database) begin(writable bool) (tx *bbolt.Tx, err error) {
	d.beginning.Lock()
	defer d.beginning.Unlock()
	if d.lost {
		return nil, fmt.Errorf("%w: it met a fault before and was given up", ErrDamaged)
	}
	err = guarded(func() (err error) {
		tx, err = d.db.Begin(writable)
		return err
	})
	d.lost = errors.Is(err, ErrDamaged)
	return tx, err
}

// view runs work in a read transaction. A fault in work harms nobody else.
func (d *database) view(work func(*bbolt.Tx) error) error {
	tx, err := d.begin(false)
	if err != nil {
		return err
	}
	err = guarded(func() error { return work(tx) })
	return errors.Join(err, tx.Rollback())
}

// update runs work in a write transaction and commits it. It does without bbolt's
// own Update, which after a panic scans all pages on a goroutine that nobody guards.
// So the database is given up instead: what it has on the disk is whole.
func (d *database) update(work func(*bbolt.Tx) error) error {
	tx, err := d.begin(true)
	if err != nil {
		return err
	}
	err = guarded(func() error {
		if err := work(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	})
	if errors.Is(err, ErrDamaged) {
		d.beginning.Lock()
		d.lost = true
		d.beginning.Unlock()
	}
	return err
}

// close waits for open transactions. After a fault bbolt might wait for ever.
func (d *database) close() error {
	d.beginning.Lock()
	defer d.beginning.Unlock()
	if d.lost {
		return d.release()
	}
	return d.db.Close()
}

// release closes the file in bbolt's stead. The mapping stays until the program ends,
// and would keep the lock.
func (d *database) release() error {
	return errors.Join(syscall.Flock(int(d.file.Fd()), syscall.LOCK_UN), d.file.Close())
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
