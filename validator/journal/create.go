package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Create makes the empty journal of a device, when the device is commissioned. It
// never overwrites a journal.
//
// A device number is for one journal: events are numbered from 1 again, and two
// events of one number could never be told apart. A device that has lost its journal
// gets another number.
func Create(path string, device uint16) error {
	if device == 0 {
		return fmt.Errorf("journal %s: creating: the device has no number: want 1 to 65535", path)
	}
	return explain(path, "creating", create(path, device))
}

// create builds the file beside path and moves it there when it is whole: a database
// is first written without the care that protects its later changes. The draft has
// one fixed name, so that what a power cut has left of it is removed here.
func create(path string, device uint16) error {
	if _, err := os.Lstat(path); err == nil {
		return errExists
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing an unfinished draft: %w", err)
	}
	if err := write(draft, newHead(device)); err != nil {
		_ = os.Remove(draft) // the next attempt removes it otherwise
		return fmt.Errorf("writing a draft: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func write(draft string, empty head) error {
	db, err := bbolt.Open(draft, 0o600, options())
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{logBucket, openBucket, headBucket, oldBucket} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		return b.writeHead(empty)
	})
	return errors.Join(err, db.Close())
}

// syncFolder flushes the folder: without it a power cut could undo the rename.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
