package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leima/hw/disk"
	"leima/validator/journal/former"
)

// Create makes the empty journal of a device at its commissioning. It never overwrites a journal.
//
// A device number is for one journal: events are numbered from 1 again, and two events with the
// same number could not be told apart. A device that has lost its journal gets another number.
func Create(path string, device uint16) error {
	if device == 0 {
		return fmt.Errorf("journal %s: creating: the device has no number: want 1 to 65535", path)
	}
	return explain(path, "creating", create(path, newState(device)))
}

// Exists reports whether there is a journal, perhaps one that is about to be taken over.
func Exists(path string) bool {
	for _, name := range []string{path, former.Kept(path)} {
		if _, err := os.Lstat(name); err == nil {
			return true
		}
	}
	return false
}

// create makes the folder beside path and renames it when it is complete.
func create(path string, empty state) error {
	if Exists(path) {
		return errExists
	}
	draft := draftFolder(path)
	_ = os.Remove(draft) // a file would be in the way
	if err := os.Mkdir(draft, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := writeFirst(draft, empty, disk.Sync); err != nil {
		return err
	}
	return disk.Sync.Rename(draft, path)
}

// draftFolder is where a journal is made before it gets its name.
func draftFolder(path string) string { return path + ".new" }

// writeFirst writes the first segment of a journal into its folder, and removes any other.
func writeFirst(place string, begin state, flush disk.Flush) error {
	old, err := os.ReadDir(place)
	for _, file := range old {
		err = errors.Join(err, os.Remove(filepath.Join(place, file.Name())))
	}
	if err != nil {
		return fmt.Errorf("removing an unfinished draft: %w", err)
	}
	j := &Journal{place: place, flush: flush, state: begin}
	_, _, file, err := j.begin(begin.Position + 1)
	if err != nil {
		return err
	}
	return file.Close()
}
