package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

// Ensure that a trial with emulated buses, lossy links and a depot that is killed ends with all that
// the buses have kept in the depot, and that a trial spoils no depot that is there.
func TestBenchFleet(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	folder := filepath.Join(t.TempDir(), "depot")
	trial := func() ([]byte, error) {
		return exec.Command(filepath.Join(programs.Folder(t), "bench"), "fleet", folder,
			"--devices", "5", "--rate", "40", "--for", "5s", "--kill", "2s",
			"--feed", "../../testdata/feed", "--tariffs", "../../testdata/tariffs",
			"--listen", free.Addr().String(), "--page", "127.0.0.1:0").CombinedOutput()
	}
	said, err := trial()
	require.NoError(t, err, "%s", said)
	require.Contains(t, string(said), "stored equals sent, byte for byte")
	require.Contains(t, string(said), "the depot was killed 2 times")
	require.Contains(t, string(said), "the page is at http://127.0.0.1:")
	said, err = trial()
	require.ErrorContains(t, err, "exit status 1")
	require.Contains(t, string(said), "is there already")
}
