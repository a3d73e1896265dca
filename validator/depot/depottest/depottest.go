// Package depottest holds what every store of a depot must do, and journals to send to one.
package depottest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator"
	"leima/validator/depot"
	"leima/validator/journal"
)

// A Device has a journal.
type Device struct {
	t       testing.TB
	Number  uint16
	folder  string
	Journal *journal.Journal
	key     ed25519.PrivateKey
}

// NewDevice makes a device whose journal is empty.
func NewDevice(t testing.TB, number uint16) *Device {
	t.Helper()
	d := &Device{t: t, Number: number, folder: filepath.Join(t.TempDir(), "journal")}
	require.NoError(t, journal.Create(d.folder, number))
	d.open()
	return d
}

func (d *Device) open() {
	var err error
	d.Journal, err = journal.Open(d.folder)
	require.NoError(d.t, err)
	j := d.Journal
	d.t.Cleanup(func() { _ = j.Close() })
	d.key, err = journal.DeviceKey(d.folder + ".key")
	require.NoError(d.t, err)
	require.NoError(d.t, j.SignWith(d.key))
}

// Key is the device's own key.
func (d *Device) Key() ed25519.PrivateKey { return d.key }

// Record has the device keep n more events, which are of a counter, so that two copies of a device
// can be told apart.
func (d *Device) Record(n int, counter uint32) {
	d.t.Helper()
	for range n {
		require.NoError(d.t, d.Journal.Record(validator.Event{
			ID: d.Journal.Next(), At: time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC),
			Counter: counter, Reason: 1,
		}))
	}
}

// Copy is a second device with the same disk.
func (d *Device) Copy() *Device {
	d.t.Helper()
	other := &Device{t: d.t, Number: d.Number, folder: filepath.Join(d.t.TempDir(), "journal")}
	require.NoError(d.t, os.CopyFS(other.folder, os.DirFS(d.folder)))
	for _, beside := range []string{".heads", ".key"} {
		raw, err := os.ReadFile(d.folder + beside)
		require.NoError(d.t, err)
		require.NoError(d.t, os.WriteFile(other.folder+beside, raw, 0o600))
	}
	other.open()
	return other
}

// Items are the entries after a position, as the device exports them.
func (d *Device) Items(after uint64) (items []journal.Item) {
	d.t.Helper()
	require.NoError(d.t, d.Journal.Export(after, func(_ uint64, raw []byte) error {
		read, err := depot.Items(raw)
		items = append(items, read...)
		return err
	}))
	return items
}

// Report is the head that says that this is all.
func (d *Device) Report() journal.Item {
	d.t.Helper()
	head, signed, err := d.Journal.SignedHead()
	require.NoError(d.t, err)
	require.True(d.t, signed)
	raw, err := head.Export(d.Number)
	require.NoError(d.t, err)
	items, err := depot.Items(raw)
	require.NoError(d.t, err)
	return items[0]
}

// Hex is a hash as it is answered.
func Hex(hash [32]byte) string { return hex.EncodeToString(hash[:]) }

// Now is the depot's clock in tests.
func Now() time.Time { return time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC) }

// errAll ends a following that has seen all.
var errAll = errors.New("that is all")

// Followed are n batches that a store gives after a cursor, and the cursor of the last.
func Followed(t testing.TB, s depot.Store, after uint64, n int) (all []*depot.Batch, last uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if n == 0 {
		return nil, after
	}
	err := s.Follow(ctx, after, func(cursor uint64, b *depot.Batch) error {
		require.Greater(t, cursor, after)
		after = cursor
		if all = append(all, b); len(all) == n {
			return errAll
		}
		return nil
	})
	require.ErrorIs(t, err, errAll, "%d batches came", len(all))
	return all, after
}

// Kept are the bytes of the entries that a store gives of each chain of a device: n batches of all.
func Kept(t testing.TB, s depot.Store, n int) map[string][]byte {
	t.Helper()
	kept, next := map[string][]byte{}, map[string]uint64{}
	all, _ := Followed(t, s, 0, n)
	for _, b := range all {
		name := fmt.Sprintf("%d/%d", b.Device, b.Chain)
		for k := range b.Entries {
			e := &b.Entries[k]
			if want, begun := next[name]; begun {
				require.Equal(t, want, e.Position, "of %s", name)
			}
			next[name] = e.Position + 1
			kept[name] = append(kept[name], e.Raw...)
		}
	}
	return kept
}

// Raw are the bytes of items.
func Raw(items []journal.Item) []byte {
	var raw [][]byte
	for n := range items {
		raw = append(raw, items[n].Raw)
	}
	return bytes.Join(raw, nil)
}
