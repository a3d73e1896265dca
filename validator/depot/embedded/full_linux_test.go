package embedded_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
)

// Ensure that on a disk without room nothing is acknowledged, and nothing that was is lost; and
// that all goes on once there is room.
func TestFullDisk(t *testing.T) {
	const small = "LEIMA_SMALL_DISK"
	folder := os.Getenv(small)
	if folder == "" {
		if out, err := exec.Command("unshare", "-rm", "true").CombinedOutput(); err != nil {
			require.Empty(t, os.Getenv("CI"), "a disk of its own needs unshare: %s", out)
			t.Skipf("a disk of its own needs unshare: %s", out)
		}
		again := exec.CommandContext(t.Context(), "unshare", "-rm", os.Args[0],
			"-test.run=^TestFullDisk$", "-test.v")
		again.Env = append(os.Environ(), small+"="+t.TempDir())
		said, err := again.CombinedOutput()
		require.NoError(t, err, "%s", said)
		return
	}
	require.NoError(t, syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=300k"))
	store, err := embedded.Open(filepath.Join(folder, "store"))
	require.NoError(t, err)
	r := depot.Receiver{Store: store, Now: depottest.Now}
	device := depottest.NewDevice(t, 9)
	device.Record(5000, 1)
	items := device.Items(0)
	acknowledged := 0
	for err == nil && acknowledged < len(items) {
		_, err = r.Receive(t.Context(), 9, items[acknowledged:acknowledged+50], false)
		if err == nil {
			acknowledged += 50
		}
	}
	require.ErrorIs(t, err, depot.ErrFull)
	require.NotZero(t, acknowledged)
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(items[:acknowledged])},
		depottest.Kept(t, store, acknowledged/50))
	_, err = r.Receive(t.Context(), 9, items[acknowledged:acknowledged+50], false)
	require.ErrorIs(t, err, depot.ErrFull)
	require.NoError(t, store.Close())

	require.NoError(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, "size=16m"))
	store, err = embedded.Open(filepath.Join(folder, "store"))
	require.NoError(t, err)
	defer store.Close()
	r.Store = store
	_, err = r.Receive(t.Context(), 9, items[acknowledged:], false)
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(items)},
		depottest.Kept(t, store, acknowledged/50+1))
}
