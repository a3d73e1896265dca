package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/device"
)

func start(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// Ensure that help is no error and says the exit codes.
func TestHelp(t *testing.T) {
	code, out, _ := start(t, "--help")
	require.Zero(t, code)
	require.Contains(t, out, "Exit codes")
	require.Contains(t, out, "console driver add")
}

// Ensure that a console of a bus takes neither the test keys nor an emulated reader, nor goes
// without a back office, and says what to do.
func TestWhatAConsoleRefuses(t *testing.T) {
	text, err := os.ReadFile("../../testdata/console.toml")
	require.NoError(t, err)
	emulated, _, _ := strings.Cut(string(text), "[emulated]")
	real := strings.Replace(emulated, `reader = "emulated"`, `reader = "pcsc"`, 1)
	for says, written := range map[string]string{
		"bench bus has one; on a bus want pcsc": emulated,
		"these are the public test keys":        real,
		"back_office is missing": strings.Replace(strings.Replace(real, "back_office", "#", 1),
			"area =", "keys = \"keys.toml\"\narea =", 1),
		"emulated is not a setting": real + "[emulated]\nrate = 848\n",
	} {
		config := filepath.Join(t.TempDir(), "console.toml")
		require.NoError(t, os.WriteFile(config, []byte(written), 0o644))
		code, _, errs := start(t, "run", "--config", config)
		require.Equal(t, device.CodeUsage, code, says)
		require.Contains(t, errs, says)
	}
}
