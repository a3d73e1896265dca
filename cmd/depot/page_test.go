package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that persons are added and removed by commands, of which each mistake says what to do; and
// that no PIN stands in the folder.
func TestPersons(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	pin, short := filepath.Join(t.TempDir(), "pin"), filepath.Join(t.TempDir(), "short")
	require.NoError(t, os.WriteFile(pin, []byte("550011\n"), 0o600))
	require.NoError(t, os.WriteFile(short, []byte("55001\n"), 0o600))
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"add", at, "--number", "7", "--role", "finance", "--pin-file", pin}, 0, "finance 7 may sign on"},
		{[]string{"add", at, "--number", "7", "--role", "operator", "--pin-file", pin}, 0, "operator 7 may sign on"},
		{[]string{"add", at, "--number", "8", "--role", "king", "--pin-file", pin}, 78, "operator"},
		{[]string{"add", at, "--number", "8", "--role", "service", "--pin-file", short}, 78, "6 to 12 digits"},
		{[]string{"add", at, "--number", "0", "--role", "service", "--pin-file", pin}, 78, "nobody's number"},
		{[]string{"add", at + "x", "--number", "8", "--role", "service", "--pin-file", pin}, 78, "depot init"},
		{[]string{"list", at}, 0, "    7  operator\n"},
		{[]string{"remove", at, "--number", "8"}, 78, "there is no person 8"},
		{[]string{"remove", at, "--number", "7"}, 0, "7 may sign on no more"},
		{[]string{"remove", at, "--number", "7"}, 78, "there is no person 7"},
	} {
		code, out, says := start(t, append([]string{"person"}, c.args...)...)
		require.Equal(t, c.code, code, "%v: %s", c.args, says)
		require.Contains(t, out+says, c.says, "%v", c.args)
	}
	for _, name := range []string{personsFile, pepperFile} {
		raw, err := os.ReadFile(filepath.Join(at, name))
		require.NoError(t, err)
		require.NotContains(t, string(raw), "550011")
		info, err := os.Stat(filepath.Join(at, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	require.NoError(t, os.WriteFile(filepath.Join(at, pepperFile), []byte("x"), 0o600))
	code, _, says = start(t, "person", "add", at, "--number", "7", "--role", "finance",
		"--pin-file", pin)
	require.Equal(t, 78, code)
	require.Contains(t, says, "give each person a new PIN")
	require.NoError(t, os.Remove(filepath.Join(at, pepperFile)))
	code, _, says = start(t, "person", "add", at, "--number", "7", "--role", "finance",
		"--pin-file", pin)
	require.Equal(t, 78, code)
	require.Contains(t, says, "put back a copy of it")
	require.NoFileExists(t, filepath.Join(at, pepperFile))
}
