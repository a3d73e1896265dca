package private_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/private"
)

// nobody is a user who owns nothing.
const nobody = 65534

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		require.Empty(t, os.Getenv("CI"), "these tests run as root")
		t.Skip("only root makes another user's file")
	}
}

// asNobody does something with the rights that nobody has to files.
func asNobody(do func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		done <- do()
	}()
	return <-done
}

// Ensure that what others have laid into a folder, as root into the inbox, bars no start, while a
// folder of others' is no folder to keep secrets in.
func TestOthersFilesStay(t *testing.T) {
	needRoot(t)
	state := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(state), 0o755))
	own := write(t, filepath.Join(state, "journal"), 0o644)
	bundle := write(t, filepath.Join(state, "inbox", "a.bundle"), 0o644)
	folder := filepath.Join(state, "inbox", "folder")
	require.NoError(t, os.Mkdir(folder, 0o711))
	for _, path := range []string{state, filepath.Dir(bundle), own} {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
	closing := func() error { return private.Close(state) }
	require.NoError(t, asNobody(closing))
	for path, want := range map[string]fs.FileMode{own: 0o600, bundle: 0o644, folder: 0o711} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), path)
	}
	require.NoError(t, os.Chown(state, 0, 0))
	require.NoError(t, os.Chmod(state, 0o755))
	require.ErrorIs(t, asNobody(closing), os.ErrPermission)
}

// Ensure that a command in a folder of another user's is refused before it leaves files there that
// their programs cannot use, and that the right command is said.
func TestOwn(t *testing.T) {
	needRoot(t)
	state := t.TempDir()
	require.NoError(t, private.Own(state))
	require.NoError(t, private.Own(filepath.Join(state, "not yet")))
	require.NoError(t, os.Chown(state, nobody, nobody))
	require.ErrorContains(t, private.Own(state), "belongs to the user nobody: run this as them "+
		"(runuser -u nobody -- ...)")
	require.NoError(t, os.Chown(state, 61234, 61234))
	require.ErrorContains(t, private.Own(state), "the user 61234")
}
