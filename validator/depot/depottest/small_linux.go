package depottest

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A SmallDisk is a folder on a disk of its own, which can be filled.
type SmallDisk struct {
	t      *testing.T
	Folder string
}

// OnSmallDisk runs a test in a process of its own, with a disk of a size, as "300k".
func OnSmallDisk(t *testing.T, size string, test func(t *testing.T, disk *SmallDisk)) {
	t.Helper()
	const small = "LEIMA_SMALL_DISK"
	if folder := os.Getenv(small); folder != "" {
		require.NoError(t, syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size))
		test(t, &SmallDisk{t, folder})
		return
	}
	if out, err := exec.Command("unshare", "-rm", "true").CombinedOutput(); err != nil {
		require.Empty(t, os.Getenv("CI"), "a disk of its own needs unshare: %s", out)
		t.Skipf("a disk of its own needs unshare: %s", out)
	}
	again := exec.CommandContext(t.Context(), "unshare", "-rm", os.Args[0],
		"-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), small+"="+t.TempDir())
	said, err := again.CombinedOutput()
	require.NoError(t, err, "%s", said)
}

// Resize gives the disk another size.
func (d *SmallDisk) Resize(size string) {
	d.t.Helper()
	err := syscall.Mount("tmpfs", d.Folder, "tmpfs", syscall.MS_REMOUNT, "size="+size)
	require.NoError(d.t, err)
}

// Fill takes the room that is left.
func (d *SmallDisk) Fill() {
	d.t.Helper()
	rest, err := os.Create(d.Folder + "/rest")
	require.NoError(d.t, err)
	for err == nil {
		_, err = rest.Write(make([]byte, 1<<10))
	}
	require.ErrorIs(d.t, err, syscall.ENOSPC)
	require.NoError(d.t, rest.Close())
}
