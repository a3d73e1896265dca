package journal

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt/errors"

	"leima/validator"
)

// swap puts another file in the place of the one that bbolt has open, and returns
// what puts it back. The lock and the mapping stay with the first.
func swap(t *testing.T, j *Journal, other *os.File) (restore func()) {
	fd := int(j.db.file.Fd())
	keep, err := syscall.Dup(fd)
	require.NoError(t, err)
	require.NoError(t, syscall.Dup3(int(other.Fd()), fd, syscall.O_CLOEXEC))
	return func() {
		require.NoError(t, syscall.Dup3(keep, fd, syscall.O_CLOEXEC))
		require.NoError(t, syscall.Close(keep))
	}
}

// Ensure that while a disk refuses to write, every call fails and changes nothing,
// and that all goes on once the disk does.
func TestDiskRefuses(t *testing.T) {
	for name, want := range map[string]error{"/dev/full": syscall.ENOSPC, "": syscall.EBADF} {
		j := open(t, created(t))
		if name == "" {
			name = j.path // read-only
		}
		refusing, err := os.OpenFile(name, os.O_RDONLY, 0)
		if name == "/dev/full" {
			refusing, err = os.OpenFile(name, os.O_RDWR, 0)
		}
		require.NoError(t, err)
		defer refusing.Close()
		refused := 0
		for _, operate := range story(j) {
			before := stateOf(t, j)
			restore := swap(t, j, refusing)
			for range 3 {
				err := operate()
				require.Error(t, err)
				require.NotErrorIs(t, err, ErrDamaged)
				if errors.Is(err, want) {
					refused++
				}
			}
			restore()
			require.Equal(t, before, stateOf(t, j))
			require.NoError(t, operate())
		}
		require.Positive(t, refused)
		require.Equal(t, stateOf(t, j), stateOf(t, reopen(t, j)))
	}
}

// Ensure that a full disk is told in words, with the card's short number only.
func TestDiskFullSaid(t *testing.T) {
	j := open(t, created(t))
	fill(t, j)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	require.NoError(t, err)
	defer full.Close()
	restore := swap(t, j, full)
	err = j.Settle(id(4), testReceipt)
	restore()
	require.EqualError(t, err, "journal "+j.path+": keeping settle of event 4, card …0012: "+
		"no space left on device: the disk is full, so no tap can be recorded: free some of it, "+
		"then try again")
}

// Ensure that a closed journal refuses every call and changes nothing.
func TestClosed(t *testing.T) {
	j := open(t, created(t))
	fill(t, j)
	before := stateOf(t, j)
	require.NoError(t, j.Close())
	require.NoError(t, j.Close(), "closing twice does no harm")
	nothing := func(Entry) error { return nil }
	for _, err := range []error{
		j.Begin(tap(6, 1)), j.Record(tap(6, 1)), j.Settle(id(4), testReceipt), j.Void(id(4)),
		j.Verify(nil), j.Entries(1, nothing),
	} {
		require.ErrorIs(t, err, bolt.ErrDatabaseNotOpen)
		require.ErrorContains(t, err, "the journal was closed, so no tap can be recorded")
	}
	require.Equal(t, before.Next, j.Next())
	require.Equal(t, []validator.Event{tap(4, 1), tap(5, 1)}, j.Pending(card(1)))
	require.Equal(t, before, stateOf(t, open(t, j.path)))
}
