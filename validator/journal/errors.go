package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	bolt "go.etcd.io/bbolt/errors"
)

var (
	// ErrDamaged says that the file does not hold what was written. It may still
	// hold taps that are recorded nowhere else, so it is never deleted.
	ErrDamaged = errors.New("the journal is damaged")

	// ErrNotOpen says that an event is no open intent: there never was one, or it
	// is settled or void already.
	ErrNotOpen = errors.New("there is no open intent of this number")

	// ErrInUse says that another program has the file open.
	ErrInUse = errors.New("another validator uses it")

	// ErrFull says that the journal has reached its limit with entries that nobody has
	// acknowledged. Open intents can still be closed.
	ErrFull = errors.New("the journal is full")
)

var (
	errExists = errors.New("there is a journal already")
	errNewer  = errors.New("it was written by a newer program")
	errNoFile = errors.New("it is no file")
)

// explain completes an error about the file with what it means and what to do.
func explain(path, doing string, err error) error {
	if err == nil {
		return nil
	}
	if where, ok := err.(*fs.PathError); ok && where.Path == path {
		err = where.Err // the path is said already
	}
	return fmt.Errorf("journal %s: %s: %w: %s", path, doing, err, advice(err))
}

func advice(err error) string {
	is := func(causes ...error) bool {
		for _, cause := range causes {
			if errors.Is(err, cause) {
				return true
			}
		}
		return false
	}
	switch {
	case is(ErrDamaged):
		return "it may be the only record of taps: keep the file, never delete it, " +
			"and call for service"
	case is(ErrInUse):
		return "stop that program, or ask it: only one may have the journal open"
	case is(ErrFull):
		return "all of it waits to be acknowledged, so no tap can be recorded: let it upload"
	case is(errExists):
		return "it holds the record of taps and is never overwritten: open it, " +
			"or move it away and keep it"
	case is(errNewer):
		return "update this program"
	case is(bolt.ErrDatabaseReadOnly):
		return "it was opened only to be read"
	case is(bolt.ErrDatabaseNotOpen):
		return "the journal was closed, so no tap can be recorded: open it again"
	case is(fs.ErrNotExist, syscall.ENOTDIR, errNoFile):
		return "nothing can be recorded there: mount the device's disk; a new device is " +
			"commissioned first"
	case is(syscall.ENOSPC, syscall.EDQUOT):
		return "the disk is full, so no tap can be recorded: free some of it, then try again"
	case is(fs.ErrPermission, syscall.EROFS):
		return "nothing can be written there: make the file and its folder writable"
	}
	return "try again, and call for service if it stays"
}
