package main

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/program"
	"leima/hw/disk"
)

// Ensure that each command in the folder of another user is refused before it leaves files there
// that the depot cannot use, and that the right command is said.
func TestOthersFolder(t *testing.T) {
	if os.Getuid() != 0 {
		require.Empty(t, os.Getenv("CI"), "these tests run as root")
		t.Skip("only root makes another user's folder")
	}
	at, empty := filepath.Join(t.TempDir(), "depot"), t.TempDir()
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	before, err := os.ReadDir(at)
	require.NoError(t, err)
	const nobody = 65534
	for _, folder := range []string{at, empty} {
		require.NoError(t, os.Chown(folder, nobody, nobody))
	}
	for _, args := range [][]string{
		{"init", empty, "--name", "depot.example"},
		{"device", "list", at},
		{"device", "add", at, "9", "--key", key},
		{"device", "withdraw", at, "9"},
		{"publish", at},
		{"export", at, "9"},
		{"settlement", at},
		{"backup", at, at + ".copy"},
		{"root", at, "--owner", key, "--signer", key, "--key", "none"},
		{"serve", at}, // the last: it would go on
	} {
		code, _, says := start(t, args...)
		require.Equal(t, codeState, code, args)
		require.Contains(t, says, "run this as them (runuser -u nobody -- ...)", args)
	}
	after, err := os.ReadDir(at)
	require.NoError(t, err)
	require.Equal(t, len(before), len(after))
	left, err := os.ReadDir(empty)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoFileExists(t, at+".copy")
}

// Ensure that a copy or a draft in a folder in which the depot's user may not write, as root's own
// is, says so, and names another way.
func TestCopyInAClosedFolder(t *testing.T) {
	if os.Getuid() != 0 {
		require.Empty(t, os.Getenv("CI"), "these tests run as root")
		t.Skip("only root has a folder that is closed to another user")
	}
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o700))
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		const nobody = 65534
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		done <- newFile(filepath.Join(folder, "copy"), disk.Bytes(nil))
	}()
	err := <-done
	require.ErrorContains(t, err, "copy.new: permission denied: name a folder in which")
	require.NotContains(t, err.Error(), "unfinished draft") // there is none
	require.True(t, program.IsUsage(err))
}
