package service

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that the units are what systemd understands, and that those of our own programs let them
// do so little that systemd calls it an exposure of 1.5 at most.
func TestUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		require.Empty(t, os.Getenv("CI"), "make deps installs systemd")
		t.Skip("there is no systemd")
	}
	program := regexp.MustCompile(`(?m)^ExecStart=\S+`)
	for name, exposure := range map[string]string{
		"leima-validator": "15", "leima-console": "15", "leima-display": "",
		"depot/leima-depot": "15",
	} {
		text, err := os.ReadFile("debian/" + name + ".service")
		require.NoError(t, err)
		unit := filepath.Join(t.TempDir(), filepath.Base(name)+".service")
		text = program.ReplaceAll(text, []byte("ExecStart=/bin/true")) // it is not installed here
		require.NoError(t, os.WriteFile(unit, text, 0o644))
		said, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput()
		require.NoError(t, err)
		require.Empty(t, string(said))
		if exposure != "" {
			said, err = exec.Command("systemd-analyze", "security", "--offline=true",
				"--threshold="+exposure, unit).CombinedOutput()
			require.NoError(t, err, "%s", said)
		}
	}
}
