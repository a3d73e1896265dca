package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

var (
	// ErrDamaged means that the file is not as it was written. It may still hold taps that are
	// recorded nowhere else, so it is never deleted.
	ErrDamaged = errors.New("the journal is damaged")

	// errNotOpen means that an event is not an open intent: it never was, or it is closed.
	errNotOpen = errors.New("there is no open intent of this number")

	// ErrInUse means that another program has the file open.
	ErrInUse = errors.New("another validator uses it")

	// ErrFull means that the journal has reached its limit with unacknowledged entries. Open
	// intents can still be closed.
	ErrFull = errors.New("the journal is full")
)

var (
	errExists   = errors.New("there is a journal already")
	errNewer    = errors.New("it was written by a newer program")
	errReadOnly = errors.New("it was opened only to be read")
	errClosed   = errors.New("the journal was closed")
	errMeta     = errors.New("a meta page of it is damaged: the newest entry may be missing")
	errTorn     = errors.New("the last record was not whole: the newest entry may be missing")
)

// explain adds to an error of the file its meaning and what to do.
func explain(path, doing string, err error) error {
	if err == nil {
		return nil
	}
	if where, ok := err.(*fs.PathError); ok && strings.HasPrefix(where.Path, path) {
		err = where.Err // the path is already in the text
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
		return "if it is another kind of file, name the right one; else it may be the only " +
			"record of taps: keep the file, never delete it, and call for service"
	case is(ErrInUse):
		return "stop that program, or ask it: only one may have the journal open"
	case is(ErrFull):
		return "all of it waits to be acknowledged, so no tap can be recorded: let it upload"
	case is(errExists):
		return "it holds the record of taps and is never overwritten: open it, " +
			"or move it away and keep it"
	case is(errNewer):
		return "update this program"
	case is(errReadOnly):
		return "it is only shown here"
	case is(errClosed):
		return "no tap can be recorded: open it again"
	case is(errMeta):
		return "it is kept until a person removes it, with its archives: keep a copy, and call " +
			"for service"
	case is(errTorn):
		return "a power cut leaves that, and then no card has committed it; if there was none, " +
			"call for service"
	case is(fs.ErrNotExist, syscall.ENOTDIR):
		return "nothing can be recorded there: mount the device's disk; a new device is " +
			"commissioned first"
	case is(syscall.ENOSPC, syscall.EDQUOT):
		return "the disk is full, so no tap can be recorded: free some of it, then try again"
	case is(fs.ErrPermission, syscall.EROFS):
		return "nothing can be written there: make the file and its folder writable"
	}
	return "try again, and call for service if it stays"
}
