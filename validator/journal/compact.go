package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// A usage is how many pages a database has, and how many it uses.
type usage struct {
	used, all uint64
	alone     bool   // one of the two pages that say where it begins is not what it was
	newest    uint64 // … and this is the position in the newest head that nobody uses
}

// wasteful tells whether a database is worth being written anew: from 4 MiB on, when
// less than half of it is used. bbolt never gives a page back, and a long file opens
// slowly. It becomes long when old entries cannot be put aside.
func (u usage) wasteful() bool { return u.all >= 1024 && u.used < u.all/2 }

// compact writes a database anew beside it and moves that into its place. It holds the
// lock all the while.
func compact(path string) error {
	from, err := mount(path, false)
	if err != nil {
		return err
	}
	draft := path + ".new"
	err = guarded(func() error { return from.copyTo(draft) })
	if err == nil {
		err = os.Rename(draft, path)
	} else {
		_ = os.Remove(draft) // the next attempt writes over it otherwise
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	return errors.Join(err, from.close())
}

// copyTo writes all that is in a database into a new one.
func (d *database) copyTo(draft string) error {
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing an unfinished draft: %w", err)
	}
	options := options()
	options.NoSync = true // it is flushed at the end, before it has its name
	to, err := bbolt.Open(draft, 0o600, options)
	if err != nil {
		return err
	}
	const transaction = 1 << 20 // bytes
	err = bbolt.Compact(to, d.db, transaction)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}
