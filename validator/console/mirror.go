package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"leima/validator"
)

// A Mirror takes copies of what the bus decides by into use. Both functions verify the files
// that they are given, and return what exchanges them between two taps; a file that is not
// as it was made is an error.
type Mirror struct {
	Tariffs func(path string) (exchange func() error, err error)

	// List opens a full list, and what leads from there to the list in use; delta is ""
	// where there is none.
	List func(full, delta string) (exchange func() error, err error)

	// Largest is the longest copy, in bytes.
	Largest int64

	mu      sync.Mutex
	tariff  string // id of the one that was in force on the bus when they were copied
	list    uint32 // version that was copied
	copying bool   // since the link came up the copies were not looked after
}

// The copies in the state folder.
const (
	tariffsFile = "tariffs"
	listFile    = "list"
	deltaFile   = "delta"
	draft       = ".new"
)

// copyTime is the longest that copies may take.
const copyTime = 2 * time.Minute

// stale says that the bus may have other tariffs and lists.
func (m *Mirror) stale() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.copying = true
}

// mendMirror takes the copies of the last time into use. One that is damaged is removed: the
// bus gives another.
func (c *Console) mendMirror() {
	tariffs, full, delta := c.file(tariffsFile), c.file(listFile), c.file(deltaFile)
	if exists(tariffs) {
		if err := c.exchange(c.Mirror.Tariffs(tariffs)); err != nil {
			c.Log.Error("the copy of the tariffs is not used", "error", err)
			_ = os.Remove(tariffs)
		}
	}
	if !exists(full) {
		return
	}
	if exists(delta) && c.exchange(c.Mirror.List(full, delta)) == nil {
		return
	}
	_ = os.Remove(delta)
	if err := c.exchange(c.Mirror.List(full, "")); err != nil {
		c.Log.Error("the copy of the block list is not used", "error", err)
		_ = os.Remove(full)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// exchange takes what was opened into use between two taps.
func (c *Console) exchange(change func() error, err error) error {
	if err != nil {
		return err
	}
	return c.Own.Validator.Do(validator.Renew(change))
}

// copy copies what the bus has and the own device has not. What is damaged on the way changes
// nothing, and is fetched again.
func (c *Console) copy(ctx context.Context) {
	l, up := c.linked()
	if !up {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, copyTime)
	defer cancel()
	m := &c.Mirror
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.copying || l.state.Tariff != m.tariff {
		if err := c.copyTariffs(ctx); err != nil {
			c.Log.Error("the tariffs are not copied", "error", err)
			return
		}
		m.tariff, m.copying = l.state.Tariff, false
	}
	if used := max(m.list, c.Own.Validator.State().List); l.state.List > used {
		if err := c.copyList(ctx); err != nil {
			c.Log.Error("the block list is not copied", "error", err)
			return
		}
		m.list = l.state.List
		c.Log.Info("the block list was copied", "version", m.list)
	}
}

func (c *Console) copyTariffs(ctx context.Context) error {
	path := c.file(tariffsFile)
	defer os.Remove(path + draft) // unless it has got its name by then
	found, err := c.fetch(ctx, tariffsFile, path+draft)
	if err != nil || !found {
		return err
	}
	change, err := c.Mirror.Tariffs(path + draft)
	if err != nil {
		return err
	}
	if err := os.Rename(path+draft, path); err != nil {
		return err
	}
	return c.exchange(change, nil)
}

// copyList copies the full list and the delta over it. They are exchanged together, and on
// the disk one after the other: where the power goes in between, the full list is used alone.
func (c *Console) copyList(ctx context.Context) error {
	full, delta := c.file(listFile), c.file(deltaFile)
	defer os.Remove(full + draft)
	defer os.Remove(delta + draft)
	found, err := c.fetch(ctx, "full", full+draft)
	if err != nil || !found {
		return err
	}
	laid, over := "", false
	if over, err = c.fetch(ctx, "delta", delta+draft); err != nil {
		return err
	}
	if over {
		laid = delta + draft
	}
	change, err := c.Mirror.List(full+draft, laid)
	if err != nil {
		return err
	}
	if err := os.Remove(delta); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(full+draft, full); err != nil {
		return err
	}
	if over {
		if err := os.Rename(delta+draft, delta); err != nil {
			return err
		}
	}
	return c.exchange(change, nil)
}

// fetch writes a copy to a file; found is false where the bus has none.
func (c *Console) fetch(ctx context.Context, what, path string) (found bool, err error) {
	from, err := c.Bus.Mirror(ctx, what)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer from.Close()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, err := io.Copy(file, io.LimitReader(from, c.Mirror.Largest+1))
	if err == nil && n > c.Mirror.Largest {
		err = fmt.Errorf("the bus gives more than %d bytes of %s", c.Mirror.Largest, what)
	}
	if err != nil {
		return false, err
	}
	return true, file.Sync()
}
