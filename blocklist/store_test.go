package blocklist

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func newStore(t testing.TB) *Store {
	store := NewStore(testArea)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

// Ensure that a store without a list answers "not listed", and says that it has
// none.
func TestEmptyStore(t *testing.T) {
	t.Parallel()
	store := newStore(t)
	_, listed, err := store.Lookup(card(0))
	require.NoError(t, err)
	require.False(t, listed)
	require.False(t, store.Loaded())
	require.Zero(t, store.Edition())

	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, nil)
	require.NoError(t, store.Swap(path))
	require.True(t, store.Loaded(), "a list of no cards is a list")
	require.Zero(t, store.Count())

	require.NoError(t, store.Close())
	require.False(t, store.Loaded())
}

// Ensure that a newer list takes over, also from a file of the same name.
func TestSwap(t *testing.T) {
	t.Parallel()
	store, path := newStore(t), filepath.Join(t.TempDir(), "list")
	for version := uint32(1); version <= 3; version++ {
		build(t, path, version, entries(int(version)))
		require.NoError(t, store.Swap(path))
		require.Equal(t, version, store.Version())
		require.Equal(t, int(version), store.Count())
		require.Equal(t, testMade, store.Made())
	}
	unblocking, listed, err := store.Lookup(card(4))
	require.NoError(t, err)
	require.True(t, listed)
	require.EqualValues(t, 2, unblocking)
}

// Ensure that whatever a list is refused for, the one in use stays.
func TestSwapRefuses(t *testing.T) {
	t.Parallel()
	store, folder := newStore(t), t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	build(t, path("used"), 5, entries(5))
	require.NoError(t, store.Swap(path("used")))
	used := store.Edition()

	build(t, path("older"), 4, entries(9))
	build(t, path("other"), 5, entries(4))
	later := List{Version: 5, Area: testArea, Made: testMade.Add(time.Hour), Entries: entries(5)}
	require.NoError(t, Build(path("remade"), later))
	require.NoError(t, Build(path("area"), List{Version: 6, Area: 217, Made: testMade}))
	require.NoError(t, os.WriteFile(path("damaged"), make([]byte, 8192), 0o644))

	for name, want := range map[string]error{
		"older": ErrOlder, "other": ErrConflict, "remade": ErrConflict, "area": ErrArea,
		"damaged": ErrDamaged, "missing": os.ErrNotExist,
	} {
		err := store.Swap(path(name))
		require.ErrorIs(t, err, want)
		require.ErrorContains(t, err, path(name))
		require.Equal(t, used, store.Edition())
		_, listed, err := store.Lookup(card(8))
		require.NoError(t, err)
		require.True(t, listed)
	}
	require.NoError(t, store.Swap(path("used")), "the same list again")
	require.ErrorIs(t, NewStore(217).Swap(path("used")), ErrArea, "also the first list")
}

// Ensure that lookups during swaps always find the card that every list names and
// never the one that none does, and that no file is closed under them.
func TestLookupsDuringSwaps(t *testing.T) {
	t.Parallel()
	const swaps = 100
	store, folder := newStore(t), t.TempDir()
	for version := uint32(1); version <= swaps; version++ {
		build(t, filepath.Join(folder, fmt.Sprint(version)), version, entries(50))
	}
	require.NoError(t, store.Swap(filepath.Join(folder, "1")))

	var (
		done    atomic.Bool
		lookups atomic.Int64
		readers sync.WaitGroup
	)
	for range 4 {
		readers.Go(func() {
			for n := 0; !done.Load(); n++ {
				_, listed, err := store.Lookup(card(n % 100))
				if err != nil || listed != (n%2 == 0) {
					t.Errorf("card %d: listed %v, %v", n%100, listed, err)
					return
				}
				lookups.Add(1)
			}
		})
	}
	for version := uint32(2); version <= swaps; version++ {
		before := lookups.Load()
		require.NoError(t, store.Swap(filepath.Join(folder, fmt.Sprint(version))))
		require.Equal(t, version, store.Version())
		for lookups.Load() == before && !t.Failed() {
			time.Sleep(time.Microsecond)
		}
	}
	done.Store(true)
	readers.Wait()
}
