package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
	"leima/validator/journal"
)

// Ensure that what an older build has left in its folders is opened by this one, with nothing
// lost. testdata/state.tar.gz was left by the build of October 2026: a validator that was killed
// while a card was torn away, and a console, both in a shift with sales and loads; their lists,
// tariffs and keys, and the emulated cards.
func TestStateOfAnOlderBuild(t *testing.T) {
	t.Parallel()
	config, state := aBusConfig(t)
	require.NoError(t, os.Mkdir(state, 0o700))
	run(t, ".", "tar", "-xzpf", "testdata/state.tar.gz", "-C", state)
	bench, own := programs.Folder(t)+"/bench", filepath.Join(state, "console", "journal")
	for _, path := range []string{filepath.Join(state, "journal"), own} {
		require.Contains(t, run(t, ".", bench, "journal", "verify", path), "verified")
		require.Contains(t, run(t, ".", bench, "journal", "show", path), "driver 7's shift 10-1")
	}
	require.Contains(t, run(t, ".", bench, "reconcile", filepath.Join(state, "journal"), own), "1 open")
	serves(t, bench, config, state)
	sells(t, bench, filepath.Dir(config))
	for path, last := range map[string]uint64{filepath.Join(state, "journal"): 13, own: 4} {
		j, err := journal.Open(path)
		require.NoError(t, err)
		require.NoError(t, j.Verify(nil))
		require.GreaterOrEqual(t, j.Extent().Last, last)
		require.Zero(t, j.Unresolved())
		require.NoError(t, j.Close())
	}
}

// serves holds that the validator goes on from its lists, and settles what was not heard of Helmi's
// card when that comes back, on the next day.
func serves(t *testing.T, bench, config, state string) {
	t.Helper()
	validator := exec.Command(bench, "bus", "validator", "--config", config)
	require.NoError(t, validator.Start())
	t.Cleanup(func() { _ = validator.Process.Kill() })
	at := socket(state + "/api.sock")
	at.lay(t, "Helmi")
	require.Eventually(t, func() bool { return at.taps(t) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		now, err := at.State(t.Context())
		return err == nil && now.List == 2
	}, 10*time.Second, 10*time.Millisecond, "the emulated bus's list follows the one that was kept")
	taps, err := at.Taps(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 780, taps[0].Balance, "each day was paid once")
	require.NoError(t, validator.Process.Signal(syscall.SIGTERM))
	require.NoError(t, validator.Wait())
}

// sells holds that the console starts with what it kept.
func sells(t *testing.T, bench, folder string) {
	t.Helper()
	text, err := os.ReadFile("../testdata/console.toml")
	require.NoError(t, err)
	root, err := filepath.Abs("../testdata")
	require.NoError(t, err)
	changed := strings.NewReplacer("../state/street", "state", "127.0.0.1:8080", "127.0.0.1:0",
		`"drivers.toml"`, `"`+root+`/drivers.toml"`).Replace(string(text))
	config := filepath.Join(folder, "console.toml")
	require.NoError(t, os.WriteFile(config, []byte(changed), 0o600))
	console := exec.Command(bench, "bus", "console", "--config", config)
	out, err := console.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, console.Start())
	t.Cleanup(func() { _ = console.Process.Kill() })
	said := make([]byte, 1000)
	n, err := out.Read(said)
	require.NoError(t, err)
	require.Contains(t, string(said[:n]), "http://127.0.0.1:")
	require.NoError(t, console.Process.Signal(syscall.SIGTERM))
	require.NoError(t, console.Wait())
}
