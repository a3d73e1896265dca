package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that the configurations of the package stop a program that nobody has configured, and that
// each line of them holds once it counts.
func TestPackagedConfigurations(t *testing.T) {
	t.Parallel()
	folder := aFolder(t)
	key := regexp.MustCompile(`back_office = ("\S+")`).FindStringSubmatch(
		read(t, "../testdata/bus.toml"))[1] // any 44 characters of a key
	for _, name := range []string{"validator", "console"} {
		packaged := read(t, "internal/service/debian/"+name+".toml")
		path := filepath.Join(folder, name+".toml")
		commission := exec.Command(filepath.Join(folder, "bin", name), "commission", "--config", path)
		require.NoError(t, os.WriteFile(path, []byte(packaged), 0o600))
		said, err := commission.CombinedOutput()
		require.ErrorContains(t, err, "exit status 78")
		require.Contains(t, string(said), "device is 0")

		counts := regexp.MustCompile(`(?m)^#([a-z\[])`).ReplaceAllString(packaged, "$1")
		counts = strings.NewReplacer(`""`, key, "/var/lib/leima", folder).Replace(counts)
		require.NoError(t, os.WriteFile(path, []byte(counts), 0o600))
		said, err = exec.Command(commission.Path, commission.Args[1:]...).CombinedOutput()
		require.NoError(t, err, "%s", said)
	}
}

// Ensure that the register of drivers, which root has made, is read by the program that reads the
// keys.
func TestRegisterHasTheKeysOwner(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		require.Empty(t, os.Getenv("CI"), "these tests run as root")
		t.Skip("only root makes another user's file")
	}
	folder := aFolder(t)
	keys, register := filepath.Join(folder, "keys.toml"), filepath.Join(folder, "drivers.toml")
	run(t, folder, "bin/bench", "keys", "new", keys)
	require.NoError(t, os.Chown(keys, nobody, nobody))
	pin := filepath.Join(folder, "pin")
	require.NoError(t, os.WriteFile(pin, []byte("274951\n"), 0o600))
	run(t, folder, "bin/console", "driver", "add", "--drivers", register, "--number", "7",
		"--keys", keys, "--pin-file", pin)
	info, err := os.Stat(register)
	require.NoError(t, err)
	require.EqualValues(t, nobody, info.Sys().(*syscall.Stat_t).Uid)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
