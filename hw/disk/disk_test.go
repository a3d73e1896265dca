package disk_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/disk"
)

// ways are the two in which a file is replaced.
var ways = map[string]func(disk.Flush, string, string) error{
	"replace": func(f disk.Flush, path, text string) error {
		return f.Replace(path, 0o600, disk.Bytes([]byte(text)))
	},
	"rebuild": func(f disk.Flush, path, text string) error {
		return f.Rebuild(path, func(draft string) error {
			return os.WriteFile(draft, []byte(text), 0o600)
		})
	},
}

// old is a file that is to be replaced, and beside it what a power cut has left.
func old(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	require.NoError(t, os.WriteFile(path+".new", []byte("half of a longer draft"), 0o400))
	return path
}

// holds says what a file has, and that nothing stands beside it.
func holds(t *testing.T, path, want string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(raw))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// Ensure that the draft is flushed whole before it gets its name, and the folder after that.
func TestOrder(t *testing.T) {
	for name, replace := range ways {
		t.Run(name, func(t *testing.T) {
			path := old(t)
			var steps []string
			watch := disk.Flush(func(f *os.File) error {
				raw, err := os.ReadFile(path)
				require.NoError(t, err)
				draft, _ := os.ReadFile(path + ".new")
				steps = append(steps, fmt.Sprintf("%s: %s, draft %q", filepath.Base(f.Name()), raw, draft))
				return f.Sync()
			})
			require.NoError(t, replace(watch, path, "new"))
			require.Equal(t, []string{
				`file.new: old, draft "new"`,
				filepath.Base(filepath.Dir(path)) + `: new, draft ""`,
			}, steps)
			holds(t, path, "new")
		})
	}
}

// Ensure that whichever flush fails, it is told, the old file or the new one is there whole, and
// no draft stays.
func TestFlushFails(t *testing.T) {
	worn := errors.New("the flash is worn out")
	for name, replace := range ways {
		for step, want := range []string{"old", "new"} {
			path, n := old(t), -1
			err := replace(func(*os.File) error {
				if n++; n == step {
					return worn
				}
				return nil
			}, path, "new")
			require.ErrorIs(t, err, worn, name)
			holds(t, path, want)
		}
	}
}

// Ensure that what cannot be written or named leaves the old file and no draft.
func TestWriteFails(t *testing.T) {
	full := errors.New("the disk is full")
	path := old(t)
	require.ErrorIs(t, disk.Sync.Replace(path, 0o600, func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, full)
	}), full)
	holds(t, path, "old")
	require.ErrorIs(t, disk.Sync.Rebuild(path, func(draft string) error {
		return errors.Join(os.WriteFile(draft, nil, 0o600), full)
	}), full)
	holds(t, path, "old")

	folder := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "full"), 0o700))
	require.Error(t, disk.Sync.Replace(folder, 0o600, disk.Bytes(nil)))
	require.NoFileExists(t, folder+".new")
	require.NoError(t, os.MkdirAll(filepath.Join(path+".new", "full"), 0o700))
	require.ErrorContains(t, disk.Sync.Replace(path, 0o600, disk.Bytes(nil)), "unfinished draft")
}

// Ensure that a long file is flushed as it is written, and once at the end: a journal on the same
// disk does not wait for all of it.
func TestSteady(t *testing.T) {
	path, flushes := filepath.Join(t.TempDir(), "long"), 0
	count := disk.Flush(func(*os.File) error { flushes++; return nil })
	require.NoError(t, count.Write(path, 0o600, func(w io.Writer) error {
		for range 3 << 4 {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return err
			}
		}
		return nil
	}))
	require.Equal(t, 4, flushes)
	require.NoError(t, count.Rename(path, path+"er"))
	require.Equal(t, 5, flushes)
	holds(t, path+"er", string(make([]byte, 3<<20)))
}

// Ensure that a lock is free once it was given back, although a program that was started meanwhile
// has the file as well.
func TestUnlock(t *testing.T) {
	folder := t.TempDir()
	lock := func() *os.File {
		file, err := os.Open(folder)
		require.NoError(t, err)
		require.NoError(t, syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB))
		return file
	}
	for range 2 {
		file := lock()
		inherited, err := syscall.Dup(int(file.Fd()))
		require.NoError(t, err)
		defer syscall.Close(inherited)
		require.NoError(t, disk.Unlock(file))
	}
}
