package lists

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// childFolder names the block lists of a child process, and tells it that it is one.
const childFolder = "LEIMA_CHILD_BLOCKS"

var childTrust = bundle.Trust{Area: area, Keys: []bundle.PublicKey{bundle.Public(ours)}, Largest: 1 << 20}

// cardsOf are as many as only this version has.
func cardsOf(version uint32) []blocklist.Entry { return cards(0, 10+int(version%50)) }

// A child is not a test: it takes one list after the other until it is killed, and says
// which it has taken.
func TestChild(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("nobody has begun it as a child")
	}
	store := blocklist.NewStore(area)
	s, err := OpenBlocks(filepath.Join(folder, "lists"), childTrust, 100, store)
	require.NoError(t, err)
	for version := store.Version() + 1; ; version++ {
		depot := newDepot(t)
		list := depot.with(fewer, func() string { return depot.full(version, cardsOf(version)) })
		require.NoError(t, s.Apply(list, today, inbox.AtOnce))
		fmt.Println("taken", version)
	}
}

// Ensure that a process killed at any instant has kept the last list that it said it has
// taken, or the one it was taking then, and goes on with it: again and again.
func TestKilled(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	said := uint32(0)
	for round := range 40 {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), childFolder+"="+folder, "TMPDIR="+t.TempDir())
		pipe, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		if _, err := fmt.Fscanf(pipe, "taken %d\n", &said); err == nil {
			time.AfterFunc(time.Duration(rand.IntN(40_000))*time.Microsecond,
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
		store := blocklist.NewStore(area)
		s, err := OpenBlocks(filepath.Join(folder, "lists"), childTrust, 100, store)
		require.NoError(t, err)
		require.Empty(t, s.Status().Alarm)
		require.Contains(t, []uint32{said, said + 1}, store.Version())
		require.Len(t, cardsOf(store.Version()), s.Status().Count)
		require.NoError(t, store.Close())
	}
	require.Greater(t, said, uint32(40))
}
