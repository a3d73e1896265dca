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
	childFolder = "LEIMA_CHILD_LISTS"
	childKind   = "LEIMA_CHILD_KIND"
)

// all are the kinds of bundles.
var all = append(kinds[:len(kinds):len(kinds)], changing[1:]...)

// at is a version with as many entries as none next to it has.
func at(version uint32) edition { return edition{version, 1 + int(version%3)} }

// under is the full version under a version.
func (k *kind) under(version uint32) uint32 {
	if k.delta == nil {
		return version
	}
	return max(1, version-version%4)
}

// next is the bundle of a version.
func (k *kind) next(t testing.TB, version uint32) []byte {
	if base := k.under(version); base != version {
		return k.delta(t, at(base), at(version))
	}
	return k.signed(t, version, at(version).size)
}

// A child is not a test: it takes one bundle after the other until it is killed, and says
// which it has taken.
func TestChild(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("nobody has begun it as a child")
	}
	n, err := strconv.Atoi(os.Getenv(childKind))
	require.NoError(t, err)
	k := all[n]
	s := k.start(t, filepath.Join(folder, "kept"))
	for version := s.Version() + 1; ; version++ {
		path := filepath.Join(folder, "next.bundle")
		require.NoError(t, os.WriteFile(path, k.next(t, version), 0o644))
		require.NoError(t, s.Apply(path, today, inbox.AtOnce))
		fmt.Println("taken", version)
	}
}

// Ensure that a process killed at any instant has kept the last that it said it has taken, or the
// one it was taking then, and goes on with it: again and again.
func TestKilled(t *testing.T) {
	t.Parallel()
	for n, k := range all {
		t.Run(k.what, func(t *testing.T) { k.killed(t, n) })
	}
}

func (k *kind) killed(t *testing.T, n int) {
	folder, said := t.TempDir(), uint32(0)
	const rounds = 30
	for round := range rounds {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), childFolder+"="+folder, childKind+"="+strconv.Itoa(n), "TMPDIR="+t.TempDir())
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
		k.holds(t, s, at(s.Version()).size)
		require.Equal(t, k.files(k.under(s.Version()), s.Version()), k.names(t, filepath.Join(folder, "kept")))
	}
	require.GreaterOrEqual(t, said, uint32(rounds))
}
