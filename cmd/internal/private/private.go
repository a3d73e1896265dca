// Package private keeps a device's files its own.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Secret tells why a file that holds a secret cannot be used: only its owner may read or
// change it.
func Secret(path string) error { return check(path, 0o077, "read or changed", "600") }

// Trusted tells why a file that decides who may do what cannot be used: nobody but its owner
// and a group of theirs may change it.
func Trusted(path string) error { return check(path, 0o002, "changed", "644") }

func check(path string, others fs.FileMode, what, mode string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if is := info.Mode().Perm(); is&others != 0 {
		return fmt.Errorf("%s may be %s by others than its owner (mode %04o): chmod %s %s", path,
			what, is, mode, path)
	}
	return nil
}

// Close lets only the owner into a folder and to the files in it, however they were made: by
// an older program, or by a person with another umask.
func Close(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was replaced meanwhile
			return nil
		case err != nil:
			return err
		case !entry.IsDir() && !entry.Type().IsRegular(): // a socket has its own rights
			return nil
		}
		info, err := entry.Info()
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			return nil
		}
		return os.Chmod(path, info.Mode().Perm()&0o700)
	})
}
