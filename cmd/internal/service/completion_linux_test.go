package service_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

// Ensure that bash completes commands and whole flags as the programs' help has them, and files
// where a file is wanted.
func TestCompletion(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		require.Empty(t, os.Getenv("CI"), "bash is part of Debian")
		t.Skip("there is no bash")
	}
	depot := filepath.Join(programs.Folder(t), "depot")
	for typed, want := range map[string]string{
		"back": "backup", "person a": "add", "person add --pi": "--pin-file", "publish depot --k": "--key",
		"publish depot blocklist": "", "publish depot --key owner": "",
	} {
		words := strings.Fields(typed)
		script := `source debian/completion
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_leima "$1" "${@: -1}"
printf '%s\n' "${COMPREPLY[@]}"; complete -p leima-depot`
		out, err := exec.Command(shell, append([]string{"-c", script, "bash", depot}, words...)...).Output()
		require.NoError(t, err, typed)
		got, complete, _ := strings.Cut(string(out), "\n")
		require.Equal(t, want, got, typed)
		require.Contains(t, complete, "-o default", typed)
	}
}
