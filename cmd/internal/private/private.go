// Package private protects a device's files from other users.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"leima/cmd/internal/text"
)

// Secret checks a file that holds a secret: only its owner may read or change it.
func Secret(path string) error { return check(path, OwnersAlone) }

// Trusted checks a file that grants rights: only its owner and a group of theirs may change it.
func Trusted(path string) error {
	return check(path, func(path string, is fs.FileMode) error {
		return closed(path, is, 0o002, "changed", "644")
	})
}

func check(path string, rule func(string, fs.FileMode) error) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w: check its path", path, text.Cause(err))
	}
	return rule(path, info.Mode())
}

// OwnersAlone is Secret for a known file mode.
func OwnersAlone(path string, is fs.FileMode) error {
	return closed(path, is, 0o077, "read or changed", "600")
}

// closed checks the rights of others to a file. A folder or a device may be the whole machine's;
// nothing may suggest closing that because a path was mistyped.
func closed(path string, is, others fs.FileMode, what, mode string) error {
	switch {
	case is.IsDir():
		return fmt.Errorf("%s is a folder: name the file", path)
	case is&fs.ModeDevice != 0:
		return fmt.Errorf("%s is a device: name a file", path)
	case is&others != 0:
		return fmt.Errorf("%s may be %s by others than its owner (mode %04o): chmod %s %s", path,
			what, is.Perm(), mode, path)
	}
	return nil
}

// Close restricts a folder and its files to their owner, however they were made: by an older
// program, or with another umask.
func Close(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was just replaced
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
