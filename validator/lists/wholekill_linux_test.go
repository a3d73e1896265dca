package lists_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/lists/inbox"
)

// childFolder and childKind name the store of a child process, and tell it that it is one.
const (
	childFolder = "LEIMA_CHILD_WHOLE"
	childKind   = "LEIMA_CHILD_KIND"
)

// sizeOf is how many entries only this version has, of those next to it.
func sizeOf(version uint32) int { return 1 + int(version%3) }

// A child is not a test: it takes one bundle after the other until it is killed, and says
// which it has taken.
func TestWholeChild(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("nobody has begun it as a child")
	}
	n, err := strconv.Atoi(os.Getenv(childKind))
	require.NoError(t, err)
	k := kinds[n]
	s := k.start(t, filepath.Join(folder, "kept"))
	for version := s.Version() + 1; ; version++ {
		path := filepath.Join(folder, "next.bundle")
		require.NoError(t, os.WriteFile(path, k.signed(t, version, sizeOf(version)), 0o644))
		require.NoError(t, s.Apply(path, today, inbox.AtOnce))
		fmt.Println("taken", version)
	}
}

// Ensure that a process killed at any instant has kept the last that it said it has taken, or the
// one it was taking then, and goes on with it: again and again.
func TestWholeKilled(t *testing.T) {
	t.Parallel()
	for n, k := range kinds {
		t.Run(k.what, func(t *testing.T) { k.killed(t, n) })
	}
}

func (k *kind) killed(t *testing.T, n int) {
	folder, said := t.TempDir(), uint32(0)
	const rounds = 30
	for round := range rounds {
		child := exec.Command(os.Args[0], "-test.run=^TestWholeChild$")
		child.Env = append(os.Environ(), childFolder+"="+folder, childKind+"="+strconv.Itoa(n))
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
		s := k.start(t, filepath.Join(folder, "kept"))
		require.Empty(t, s.Alarm())
		require.Contains(t, []uint32{said, said + 1}, s.Version())
		k.holds(t, s, sizeOf(s.Version()))
		require.Len(t, names(t, filepath.Join(folder, "kept")), 1)
	}
	require.GreaterOrEqual(t, said, uint32(rounds))
}
