package embedded_test

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
)

func TestConforms(t *testing.T) {
	folders := map[string]string{}
	depottest.Conform(t, func(t *testing.T) (depot.Store, func()) {
		if folders[t.Name()] == "" {
			folders[t.Name()] = t.TempDir()
		}
		store, err := embedded.Open(filepath.Join(folders[t.Name()], "store"))
		require.NoError(t, err)
		return store, func() { require.NoError(t, store.Close()) }
	})
}

// Ensure that a store that is in use is opened by nobody else, and that a copy of it, made
// meanwhile, holds what it held.
func TestBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	store, err := embedded.Open(path)
	require.NoError(t, err)
	defer store.Close()
	_, err = embedded.Open(path)
	require.ErrorContains(t, err, "in use by another depot")
	r := depot.Receiver{Store: store, Now: depottest.Now}
	device := depottest.NewDevice(t, 9)
	device.Record(5, 1)
	_, err = r.Receive(t.Context(), 9, device.Items(0), false)
	require.NoError(t, err)
	var to bytes.Buffer
	require.NoError(t, store.Backup(&to))
	device.Record(1, 1)
	_, err = r.Receive(t.Context(), 9, device.Items(5), false)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(path+".copy", to.Bytes(), 0o600))
	restored, err := embedded.Open(path + ".copy")
	require.NoError(t, err)
	defer restored.Close()
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(device.Items(0)[:5])},
		depottest.Kept(t, restored, 1))
	r.Store = restored
	_, err = r.Receive(t.Context(), 9, device.Items(5), false)
	require.NoError(t, err)
}

// Ensure that nothing is acknowledged that was written and could not be flushed, however often it is
// sent again, and that it is once it is on the disk.
func TestFlushFails(t *testing.T) {
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	r := depot.Receiver{Store: store, Now: depottest.Now}
	device := depottest.NewDevice(t, 9)
	device.Record(5, 1)
	back := store.FailFlush(syscall.EIO)
	for range 3 {
		_, err = r.Receive(t.Context(), 9, device.Items(0), false)
		require.ErrorIs(t, err, syscall.EIO)
	}
	back()
	head, err := r.Receive(t.Context(), 9, device.Items(0), false)
	require.NoError(t, err)
	require.EqualValues(t, 5, head.Position)
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(device.Items(0))},
		depottest.Kept(t, store, 1))
}

// Ensure that of a copy of a store whose end is missing, as on a disk without room, it is said what to
// do, wherever it was cut, and that nothing is written into it.
func TestCutStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	store, err := embedded.Open(path)
	require.NoError(t, err)
	defer store.Close()
	r := depot.Receiver{Store: store, Now: depottest.Now}
	device := depottest.NewDevice(t, 9)
	device.Record(500, 1)
	_, err = r.Receive(t.Context(), 9, device.Items(0), false)
	require.NoError(t, err)
	var to bytes.Buffer
	require.NoError(t, store.Backup(&to))
	for cut := 1; cut < to.Len(); cut += 4096 - 1 {
		require.NoError(t, os.WriteFile(path+".copy", to.Bytes()[:cut], 0o600))
		_, err := embedded.Open(path + ".copy")
		require.ErrorContains(t, err, "put the last backup in its place", "after %d bytes", cut)
		still, err := os.ReadFile(path + ".copy")
		require.NoError(t, err)
		require.Len(t, still, cut)
	}
	require.NoError(t, os.WriteFile(path+".copy", to.Bytes(), 0o600))
	whole, err := embedded.Open(path + ".copy")
	require.NoError(t, err)
	require.NoError(t, whole.Close())
}

// Ensure that who has a damaged store is told what to do, and loses nothing of it.
func TestDamagedStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	for _, size := range []int{10_000, 100} {
		damaged := bytes.Repeat([]byte("damage "), size)
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		_, err := embedded.Open(path)
		require.ErrorContains(t, err, "put the last backup in its place")
		still, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, damaged, still)
	}
}
