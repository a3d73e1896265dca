package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"leima/cmd/internal/text"
	"leima/hw/disk"
)

// standard stands for standard input on the command line.
const standard = "-"

// read reads a whole file, or standard input, and returns its name for errors.
func (b *bench) read(ctx context.Context, path string) (name string, saved []byte, err error) {
	name = path
	if path == standard {
		name = "standard input"
		saved, err = await(ctx, b.in)
	} else {
		saved, err = os.ReadFile(path)
	}
	if err != nil {
		return name, nil, unreadable(name, err)
	}
	if saved, err = text.Clean(name, saved); err != nil {
		return name, nil, mistake(err)
	}
	return name, saved, nil
}

// readText reads a text file.
func readText(path string) ([]byte, error) {
	saved, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if saved, err = text.Clean(path, saved); err != nil {
		return nil, mistake(err)
	}
	return saved, nil
}

// await reads to the end, unless ctx ends first: a terminal without input must not block Ctrl-C.
func await(ctx context.Context, r io.Reader) (text []byte, err error) {
	done := make(chan struct{})
	var all []byte
	var failed error
	go func() {
		defer close(done)
		all, failed = io.ReadAll(r)
	}()
	select {
	case <-done:
		return all, failed
	case <-ctx.Done():
		return nil, errStopped
	}
}

func unreadable(name string, err error) error {
	if errors.Is(err, errStopped) {
		return err
	}
	return fmt.Errorf("%s cannot be read: %w: check its path and who may read it", name, cause(err))
}

// anotherName is the usual remedy for absent.
const anotherName = "choose another name"

// absent checks that there is nothing at the path of a new file.
func absent(path, remedy string) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(path, err)
	}
	return refusal(fmt.Errorf("%s is there already and may still be needed: %s", path, remedy))
}

func unwritable(path string, err error) error {
	return fmt.Errorf("%s cannot be written: %w: nothing was changed; check the folder and "+
		"its free space", path, cause(err))
}

// replace replaces a file as a whole or not at all.
func replace(path string, mode fs.FileMode, write func(io.Writer) error) error {
	d, err := newDraft(path, mode)
	if err != nil {
		return err
	}
	if err := d.publish(write); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// A draft is a file that gets its name once it is written. It is made before the work that it
// records, so that a full disk shows in time.
type draft struct {
	path string
	mode fs.FileMode
	file *os.File // nil once it is published or dropped
}

func newDraft(path string, mode fs.FileMode) (*draft, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, unwritable(path, err)
	}
	return &draft{path, mode, file}, nil
}

// publish writes the file and renames it.
func (d *draft) publish(write func(io.Writer) error) error {
	err := errors.Join(write(d.file), d.file.Chmod(d.mode), d.file.Sync(), d.file.Close())
	if err == nil {
		err = disk.Sync.Rename(d.file.Name(), d.path)
	}
	if err != nil {
		d.drop()
		return err
	}
	d.file = nil
	return nil
}

// drop removes a draft that was not published.
func (d *draft) drop() {
	if d != nil && d.file != nil {
		_ = d.file.Close()
		_ = os.Remove(d.file.Name())
		d.file = nil
	}
}
