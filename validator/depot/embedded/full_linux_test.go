package embedded_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
)

// Ensure that on a disk without room nothing is acknowledged, and nothing that was is lost; and
// that all goes on once there is room.
func TestFullDisk(t *testing.T) {
	depottest.OnSmallDisk(t, "300k", fills)
}

func fills(t *testing.T, disk *depottest.SmallDisk) {
	store, err := embedded.Open(filepath.Join(disk.Folder, "store"))
	require.NoError(t, err)
	r := depot.Receiver{Store: store, Now: depottest.Now}
	device := depottest.NewDevice(t, 9)
	device.Record(5000, 1)
	items := device.Items(0)
	acknowledged := 0
	for range 2 { // what one commit frees, the next may use
		for err = nil; err == nil && acknowledged < len(items); {
			_, err = r.Receive(t.Context(), 9, items[acknowledged:acknowledged+50], false)
			if err == nil {
				acknowledged += 50
			}
		}
		require.ErrorIs(t, err, depot.ErrFull)
		require.NotZero(t, acknowledged)
		require.Equal(t, map[string][]byte{"9/0": depottest.Raw(items[:acknowledged])},
			depottest.Kept(t, store, acknowledged/50))
	}
	require.NoError(t, store.Close())

	disk.Resize("16m")
	store, err = embedded.Open(filepath.Join(disk.Folder, "store"))
	require.NoError(t, err)
	defer store.Close()
	r.Store = store
	_, err = r.Receive(t.Context(), 9, items[acknowledged:], false)
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(items)},
		depottest.Kept(t, store, acknowledged/50+1))
}
