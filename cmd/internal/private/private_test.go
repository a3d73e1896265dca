package private_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/private"
)

func write(t *testing.T, path string, mode fs.FileMode) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

// Ensure that a secret that others may read, and a register that others may write, are refused
// with what to do.
func TestChecks(t *testing.T) {
	for mode, then := range map[fs.FileMode]struct{ secret, trusted bool }{
		0o600: {true, true}, 0o400: {true, true}, 0o640: {false, true}, 0o644: {false, true},
		0o664: {false, true}, 0o666: {false, false}, 0o602: {false, false},
	} {
		path := write(t, filepath.Join(t.TempDir(), "file"), mode)
		require.Equal(t, then.secret, private.Secret(path) == nil, "%o", mode)
		require.Equal(t, then.trusted, private.Trusted(path) == nil, "%o", mode)
	}
	err := private.Secret(write(t, filepath.Join(t.TempDir(), "file"), 0o644))
	require.ErrorContains(t, err, "chmod 600")
	require.ErrorIs(t, private.Secret("nowhere"), os.ErrNotExist)
}

// Ensure that nobody is told to close a folder or a device of the machine's, which others need.
func TestOtherThanFiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.Mkdir(folder, 0o700))
	for path, want := range map[string]string{
		folder:       "is a folder: name the file",
		os.TempDir(): "is a folder: name the file", os.DevNull: "is a device: name a file",
	} {
		for _, err := range []error{private.Secret(path), private.Trusted(path)} {
			require.ErrorContains(t, err, want)
			require.NotContains(t, err.Error(), "chmod")
		}
	}
}

// Ensure that a folder is closed with all that is in it, and nothing that a link leads to.
func TestClose(t *testing.T) {
	state := t.TempDir()
	require.NoError(t, os.Chmod(state, 0o755))
	for _, name := range []string{"journal", "lists/full", "inbox/a.bundle"} {
		write(t, filepath.Join(state, name), 0o664)
	}
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(state, "link")))
	before, err := os.Stat("/etc/hostname")
	require.NoError(t, err)
	require.NoError(t, private.Close(state))
	mode := func(name string) fs.FileMode {
		info, err := os.Stat(filepath.Join(state, name))
		require.NoError(t, err)
		return info.Mode().Perm()
	}
	require.EqualValues(t, 0o700, mode("."))
	require.EqualValues(t, 0o600, mode("journal"))
	require.EqualValues(t, 0o700, mode("lists"))
	require.EqualValues(t, 0o600, mode("lists/full"))
	require.EqualValues(t, 0o600, mode("inbox/a.bundle"))
	require.Equal(t, before.Mode().Perm(), mode("link"))
}
