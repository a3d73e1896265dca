// Package onefile opens the files of bbolt that a depot has.
package onefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrDamaged says that a file is not what was written, or that its end is missing, as of a copy for
// which there was no room.
var ErrDamaged = errors.New("it is damaged, or was cut: move it away and keep it")

var errInUse = errors.New("it is in use by another depot: stop that one first")

// Open opens a file, and makes it if it does not exist. It takes so much of the address space as is
// mapped, in bytes.
func Open(path string, mapped int) (*bbolt.DB, error) {
	options := bbolt.Options{
		Timeout: time.Second, FreelistType: bbolt.FreelistMapType, InitialMmapSize: mapped,
	}
	err := whole(path)
	if err != nil {
		return nil, explain(err)
	}
	db, err := bbolt.Open(path, 0o600, &options)
	return db, explain(err)
}

// whole holds a file's size to what it says of itself: the rest of one that was cut cannot be read,
// and who reads it is ended by the kernel.
func whole(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		return nil // it is made
	case err != nil:
		return err
	case info.Size() < int64(2*os.Getpagesize()):
		return ErrDamaged
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, ReadOnly: true})
	if err != nil {
		return err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		if info, err = os.Stat(path); err == nil && info.Size() < tx.Size() {
			err = ErrDamaged
		}
		return err
	})
	return errors.Join(err, db.Close())
}

func explain(err error) error {
	system := syscall.Errno(0)
	switch {
	case err == nil, errors.Is(err, ErrDamaged), errors.As(err, &system):
		return err
	case errors.Is(err, berrors.ErrTimeout):
		return errInUse
	}
	return fmt.Errorf("%w (%w)", ErrDamaged, err)
}
