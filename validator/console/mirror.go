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

	"leima/hw/disk"
)

// A Mirror takes copies of the bus's tariffs and lists into use. Both functions verify their files,
// and return a function that exchanges them between two taps; a damaged file is an error.
type Mirror struct {
	Tariffs func(path string) (exchange func() error, err error)

	// List opens a full list, and the delta from it to the list in use; delta is "" if there is
	// none.
	List func(full, delta string) (exchange func() error, err error)

	// Largest is the largest size of a copy, in bytes.
	Largest int64

	mu      sync.Mutex
	tariff  string // id of the one in force on the bus when they were copied
	list    uint32 // the version that was copied
	copying bool   // the copies were not checked since the link came up
}

// The copies in the state folder.
const (
	tariffsFile = "tariffs"
	listFile    = "list"
	deltaFile   = "delta"
	draft       = ".new"
)

// copyTime bounds the time of copying.
const copyTime = 2 * time.Minute

// invalidate records that the bus may have other tariffs and lists.
func (m *Mirror) invalidate() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.copying = true
}

// repairMirror takes the last copies into use. A damaged one is removed: the bus will send another.
func (c *Console) repairMirror() {
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

// exchange takes opened files into use between two taps.
func (c *Console) exchange(change func() error, err error) error {
	if err != nil {
		return err
	}
	return c.Own.Terminal.Validator.Do(change)
}

// copy copies what the own device lacks from the bus. A transfer that fails changes nothing, and is
// repeated.
func (c *Console) copy(ctx context.Context) {
	l, up := c.busLink()
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
	if used := max(m.list, c.Own.Terminal.State().List); l.state.List > used {
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
	defer os.Remove(path + draft) // unless it was renamed
	found, err := c.fetch(ctx, tariffsFile, path+draft)
	if err != nil || !found {
		return err
	}
	change, err := c.Mirror.Tariffs(path + draft)
	if err != nil {
		return err
	}
	if err := disk.Sync.Rename(path+draft, path); err != nil {
		return err
	}
	return c.exchange(change, nil)
}

// copyList copies the full list and the delta. They are taken into use together, and written to the
// disk one after the other: after a power cut in between, the full list is used alone.
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
	if err := disk.Sync.Rename(full+draft, full); err != nil {
		return err
	}
	if over {
		if err := disk.Sync.Rename(delta+draft, delta); err != nil {
			return err
		}
	}
	return c.exchange(change, nil)
}

// fetch writes a copy to a file; found is false if the bus has none.
func (c *Console) fetch(ctx context.Context, what, path string) (found bool, err error) {
	from, err := c.Bus.Mirror(ctx, what)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer from.Close()
	return true, disk.Sync.Write(path, 0o600, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(from, c.Mirror.Largest+1))
		if err == nil && n > c.Mirror.Largest {
			err = fmt.Errorf("the bus gives more than %d bytes of %s", c.Mirror.Largest, what)
		}
		return err
	})
}
