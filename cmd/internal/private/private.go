// Package private protects a device's files from other users.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

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
		return fmt.Errorf("%s cannot be read: %w: %s", path, text.Cause(err), text.Remedy(err))
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
// program, or with another umask. What others have laid into it stays theirs, behind the folder's
// own mode; what was just replaced is gone.
func Close(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = restrict(path, entry)
		}
		if path != folder && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) {
			return nil
		}
		return err
	})
}

func restrict(path string, entry fs.DirEntry) error {
	if !entry.IsDir() && !entry.Type().IsRegular() { // a socket has its own rights
		return nil
	}
	info, err := entry.Info()
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()&0o700)
}

// Own checks that a folder, if there is one, belongs to the user of this process: what the
// machine's administrator made in it, its owner's programs could not use.
func Own(folder string) error {
	info, err := os.Stat(folder)
	if err != nil {
		return nil // making or opening it says why that does not go
	}
	of, known := owner(info)
	if !known || of == os.Geteuid() {
		return nil
	}
	name := strconv.Itoa(of)
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return fmt.Errorf("%s belongs to the user %s: run this as them (runuser -u %s -- ...)", folder,
		name, name)
}

// Give gives a file that root has made to the owner of another, whose program is to read both. A
// lesser user's file is left as it is.
func Give(path, likeFile string) error {
	info, err := os.Stat(likeFile)
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	if uid, known := owner(info); known {
		return os.Lchown(path, uid, -1)
	}
	return nil
}
