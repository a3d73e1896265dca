package tray_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist/inbox"
	"leima/fare/actionlist/tray"
)

// childFolder names the tray of a child process, and tells it that it is one.
const childFolder = "LEIMA_CHILD_TRAY"

// A child is not a test: it takes one list after the other until it is killed, and says
// which it has taken.
func TestChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("nobody has begun it as a child")
	}
	tr, err := tray.Open(filepath.Join(folder, "actions"), rules)
	require.NoError(t, err)
	for version := tr.List().Version() + 1; ; version++ {
		path := filepath.Join(folder, "next.bundle")
		require.NoError(t, os.WriteFile(path, signed(t, list(t, version, int(version%7))), 0o644))
		require.NoError(t, tr.Apply(path, today, inbox.AtOnce))
		fmt.Println("taken", version)
	}
}

// Ensure that a process killed at any instant has kept the last list that it said it has
// taken, or the one it was taking then, and goes on with it: again and again.
func TestKilled(t *testing.T) {
	folder := t.TempDir()
	said := uint32(0)
	for round := range 40 {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), childFolder+"="+folder)
		pipe, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		if _, err := fmt.Fscanf(pipe, "taken %d\n", &said); err == nil {
			time.AfterFunc(time.Duration(rand.IntN(20_000))*time.Microsecond,
				func() { _ = child.Process.Kill() })
		}
		for {
			var next uint32
			if _, err := fmt.Fscanf(pipe, "taken %d\n", &next); err != nil {
				break // what is half of a line was not said
			}
			said = next
		}
		_ = child.Wait()
		require.Equal(t, -1, child.ProcessState.ExitCode(), "round %d: it was killed, and did not end", round)
		tr := open(t, filepath.Join(folder, "actions"))
		require.Empty(t, tr.Alarm())
		require.Contains(t, []uint32{said, said + 1}, tr.List().Version())
		holds(t, tr, tr.List().Version(), int(tr.List().Version()%7))
		require.Len(t, names(t, filepath.Join(folder, "actions")), 1)
	}
	require.Greater(t, said, uint32(40))
}
