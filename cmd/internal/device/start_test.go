package device_test

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/device"
	"leima/cmd/internal/service"
	"leima/validator/journal"
)

// Ensure that a second start of a device that runs is refused, and is not told as its end.
func TestSecondStart(t *testing.T) {
	t.Setenv("RUNTIME_DIRECTORY", t.TempDir())
	folder := device.Folder{Path: t.TempDir(), Number: 9, Bench: true}
	first, err := folder.Open(io.Discard)
	require.NoError(t, err)
	_, err = folder.Open(io.Discard)
	require.ErrorIs(t, err, journal.ErrInUse)
	require.Equal(t, device.CodeState, device.Code(err))
	device.Ended(folder.Path, service.Validator, err)
	require.True(t, folder.Report(service.Validator).Running)
	require.NoError(t, first.Close())
	require.Nil(t, folder.Report(service.Validator).Ended)

	device.Ended(folder.Path, service.Validator, os.ErrPermission)
	require.Equal(t, os.ErrPermission.Error(), folder.Report(service.Validator).Ended.Cause)
}

// Ensure that nothing is made in a folder of another user's, whose program could not use it.
func TestAnothersFolder(t *testing.T) {
	if os.Getuid() != 0 {
		require.Empty(t, os.Getenv("CI"), "these tests run as root")
		t.Skip("only root makes another user's folder")
	}
	folder := device.Folder{Path: t.TempDir(), Number: 9}
	require.NoError(t, os.Chown(folder.Path, 65534, 65534))
	require.ErrorContains(t, folder.Commission(io.Discard), "belongs to the user nobody")
	_, err := folder.Open(io.Discard)
	require.ErrorContains(t, err, "belongs to the user nobody")
	files, err := os.ReadDir(folder.Path)
	require.NoError(t, err)
	require.Empty(t, files)
}
