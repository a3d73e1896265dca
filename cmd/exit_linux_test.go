package cmd_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

// Ensure that the exit codes are those by which a service manager decides: 78, after which it does
// not restart, is for what only a person can mend, and 74 is for a disk that may come back.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	code := func(name string, args ...string) int {
		var ended *exec.ExitError
		err := exec.Command(filepath.Join(programs.Folder(t), name), args...).Run()
		require.True(t, errors.As(err, &ended), "%v: %v", args, err)
		return ended.ExitCode()
	}
	for _, name := range []string{"validator", "console"} {
		require.Equal(t, 78, code(name, "run", "--config", "missing.toml"))
		require.Equal(t, 78, code(name, "run", "--no-such-flag"))
	}
	config, state := aBusConfig(t)
	require.NoError(t, os.WriteFile(state, nil, 0o600))
	require.Equal(t, 74, code("bench", "bus", "validator", "--config", config))
}
