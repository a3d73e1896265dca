// Package disk replaces files, and lets one at a time change those of a folder. A power cut leaves
// the old file or the new one, whole: the draft is flushed before it is renamed, and its folder
// afterwards.
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// A Flush writes a file's or a folder's content through to the disk.
type Flush func(*os.File) error

// Sync is the system's Flush.
var Sync Flush = (*os.File).Sync

// step is how much is written between two flushes. With more, a journal on the same disk would have
// to wait for all of it.
const step = 1 << 20

// Bytes returns a function that writes raw.
func Bytes(raw []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	}
}

// Replace puts the output of write in the place of the file at path. The draft has one fixed name
// beside path: others would pile up if the power is cut every night.
func (f Flush) Replace(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return f.replace(path, func(draft string) error { return f.Write(draft, perm, write) })
}

// Rebuild is Replace for a draft whose name is needed, such as a database's.
func (f Flush) Rebuild(path string, build func(draft string) error) error {
	return f.replace(path, func(draft string) error {
		if err := build(draft); err != nil {
			return err
		}
		return f.named(draft)
	})
}

func (f Flush) replace(path string, make func(draft string) error) error {
	draft := path + ".new"
	err := os.Remove(draft)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("removing an unfinished draft: %w", err)
	}
	err = make(draft) // it says what may not be written
	if err == nil {
		err = f.Rename(draft, path)
	}
	if err != nil {
		_ = os.Remove(draft) // otherwise the next attempt removes it
	}
	return err
}

// Write writes a draft for Rename, in place of an older draft. It flushes as it writes, and at the
// end.
func (f Flush) Write(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return f.write(path, os.O_TRUNC, perm, write)
}

// Append is Write for what follows in a draft that is not finished. After an error the draft has
// what came before it.
func (f Flush) Append(path string, perm fs.FileMode, write func(io.Writer) error) error {
	return f.write(path, os.O_APPEND, perm, write)
}

func (f Flush) write(path string, how int, perm fs.FileMode, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|how, perm)
	if err != nil {
		return err
	}
	if err = write(&steady{file: file, flush: f}); err == nil {
		err = f(file)
	}
	return errors.Join(err, file.Close())
}

// Rename gives the draft its name and flushes the folder: a power cut could undo the name
// otherwise.
func (f Flush) Rename(draft, path string) error {
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return f.Folder(filepath.Dir(path))
}

// Folder flushes the names in a folder.
func (f Flush) Folder(path string) error { return f.named(path) }

func (f Flush) named(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f(file), file.Close())
}

// steady is a writer that flushes as it writes.
type steady struct {
	file    *os.File
	flush   Flush
	pending int
}

func (w *steady) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	if w.pending += n; err == nil && w.pending >= step {
		w.pending, err = 0, w.flush(w.file)
	}
	return n, err
}
