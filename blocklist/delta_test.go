package blocklist

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
)

// changed is a list after some days: of every hundred cards some are gone, some are new
// and some were unblocked and blocked again.
func changed(old []Entry, random *rand.Rand) []Entry {
	next := make([]Entry, 0, len(old)+8)
	for _, entry := range old {
		switch random.IntN(100) {
		case 0, 1, 2:
			continue
		case 3, 4:
			entry.Unblocking++
		case 5, 6:
			next = append(next, Entry{Number: beside(entry.Number), Kind: cardlayout.Company})
		}
		next = append(next, entry)
	}
	return append(next, Entry{Number: card(3 * len(old)), Kind: cardlayout.Personal, Unblocking: 9})
}

// beside is a card between two of entries.
func beside(number cardlayout.Number) cardlayout.Number {
	return cardlayout.WithCheckDigit(uint64(number)/10 + 1)
}

// twoLists are files of an old list, a new one and what leads from one to the other.
func twoLists(t testing.TB, folder string, old, next []Entry) (from, to, delta string) {
	from, to = filepath.Join(folder, "from"), filepath.Join(folder, "to")
	delta = filepath.Join(folder, "delta")
	build(t, from, 3, old)
	build(t, to, 5, next)
	require.NoError(t, BuildDelta(delta, open(t, from), open(t, to)))
	return from, to, delta
}

// Ensure that an old list with a delta over it is the new list, for every card of
// either and for those between, at every size.
func TestDelta(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 3, 63, 64, 65, 1000, 4095, 4096, 4097, 65535, 65536, 65537} {
		old := entries(size)
		next := changed(old, random)
		from, to, delta := twoLists(t, t.TempDir(), old, next)
		list, want := open(t, from), open(t, to)
		overlay(t, list, delta)
		require.Equal(t, want.Edition(), list.Edition(), "it is the same list")
		for _, entry := range slices.Concat(old, next) {
			for _, number := range []cardlayout.Number{entry.Number, beside(entry.Number)} {
				a, listedA, errA := want.Lookup(number)
				b, listedB, errB := list.Lookup(number)
				if a != b || listedA != listedB || errA != nil || errB != nil {
					t.Fatalf("size %d: card %s: %d %v %v, %d %v %v", size, number, a, listedA, errA,
						b, listedB, errB)
				}
			}
		}
		added, err := list.Added(want)
		require.NoError(t, err)
		require.Zero(t, added)
		added, err = want.Added(list)
		require.NoError(t, err)
		require.Zero(t, added)
	}
}

func overlay(t testing.TB, list *File, path string) {
	delta, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, list.Overlay(delta))
}

// Ensure that cards which are new, or blocked once more after they were unblocked, are
// counted as added, and those that are gone are not.
func TestAdded(t *testing.T) {
	t.Parallel()
	old := entries(1000)
	next := slices.Clone(old[10:])
	for n := range 7 {
		next[n].Unblocking++
		next = append(next, Entry{Number: card(2*n + 1), Kind: cardlayout.Personal})
	}
	from, to, delta := twoLists(t, t.TempDir(), old, next)
	for _, list := range []*File{open(t, to), open(t, from)} {
		if list.Edition().Version == 3 {
			overlay(t, list, delta)
		}
		for former, want := range map[*File]int{open(t, from): 14, open(t, to): 0, nil: 997} {
			added, err := list.Added(former)
			require.NoError(t, err)
			require.Equal(t, want, added)
		}
	}
}

// Ensure that a delta is taken only over the very list it was made from: another of the
// same version does not come out as it should.
func TestDeltaForAnotherBase(t *testing.T) {
	t.Parallel()
	folder, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	old := entries(100)
	from, to, path := twoLists(t, folder, old, old[2:])
	delta := open(t, path)
	require.EqualValues(t, 3, delta.Base())
	require.Equal(t, 2, delta.Changes())
	require.ErrorIs(t, delta.Overlay(delta), ErrBase, "a delta is no list")
	require.ErrorIs(t, open(t, to).Overlay(open(t, from)), ErrBase, "a list is no delta")
	require.ErrorIs(t, open(t, to).Overlay(delta), ErrBase, "another version")
	require.ErrorContains(t, open(t, to).Overlay(delta), "it changes version 3, and the full "+
		"list in use is version 5")

	require.NoError(t, Build(other, List{Version: 3, Area: 217, Made: testMade, Entries: old}))
	require.ErrorIs(t, open(t, other).Overlay(delta), ErrArea)

	unblocked := entries(100)
	unblocked[50].Unblocking++
	for _, another := range [][]Entry{entries(101), unblocked} {
		build(t, other, 3, another)
		list := open(t, other)
		overlay(t, list, path)
		_, err := list.Added(nil)
		require.ErrorIs(t, err, ErrBase)
		require.ErrorContains(t, err, "for the very list that it was made from")
		require.ErrorIs(t, list.Overlay(delta), ErrBase, "one delta is enough")
	}
}

// Ensure that no delta is made of lists that do not follow each other.
func TestBuildDeltaRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	from, to, delta := twoLists(t, folder, entries(3), entries(5))
	path := filepath.Join(folder, "none")
	abroad := filepath.Join(folder, "abroad")
	require.NoError(t, Build(abroad, List{Version: 9, Area: 217, Made: testMade}))
	require.ErrorIs(t, BuildDelta(path, open(t, to), open(t, from)), ErrOlder)
	require.ErrorIs(t, BuildDelta(path, open(t, to), open(t, to)), ErrOlder)
	require.ErrorIs(t, BuildDelta(path, open(t, from), open(t, abroad)), ErrArea)
	require.ErrorIs(t, BuildDelta(path, open(t, delta), open(t, to)), ErrBase)
	require.ErrorIs(t, BuildDelta(path, open(t, from), open(t, delta)), ErrBase)
	require.NoFileExists(t, path)
	require.NoFileExists(t, path+".new")
}

// Ensure that a delta alone is never taken for a list.
func TestDeltaIsNoList(t *testing.T) {
	t.Parallel()
	_, _, delta := twoLists(t, t.TempDir(), entries(3), entries(5))
	store := newStore(t)
	require.ErrorIs(t, store.Swap(delta), ErrBase)
	require.False(t, store.Loaded())
}

// Ensure that of a list that adds too many cards only the new ones are held, and that
// they are listed all the same.
func TestHeld(t *testing.T) {
	t.Parallel()
	next := append(entries(100), Entry{Number: card(1001), Kind: cardlayout.Personal})
	next[7].Unblocking++
	from, to, _ := twoLists(t, t.TempDir(), entries(90), next)
	store := newStore(t)
	held := func(number cardlayout.Number) bool {
		held, err := store.Provisional(number)
		require.NoError(t, err)
		return held
	}
	require.False(t, held(card(0)), "without a list")
	require.NoError(t, store.Use(openAlone(t, to), openAlone(t, from)))
	for n, entry := range next {
		_, listed, err := store.Lookup(entry.Number)
		require.NoError(t, err)
		require.True(t, listed)
		require.Equal(t, n == 7 || n >= 90, held(entry.Number), "%d", n)
	}
	require.False(t, held(card(1)), "not listed")
	require.NoError(t, store.Use(openAlone(t, to), nil))
	require.False(t, held(card(1001)), "all may be written")
}

// openAlone opens a file that the store closes.
func openAlone(t testing.TB, path string) *File {
	file, err := Open(path)
	require.NoError(t, err)
	return file
}

// Ensure that going through a file whose blocks cannot be read is an error, and that no
// lookup answers from one.
func TestBadBlocks(t *testing.T) {
	t.Parallel()
	key := putNumber(make([]byte, 8), card(9))
	for name, packed := range map[string][]byte{
		"no varint":    {0x80},
		"too long":     {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01},
		"no gap":       {0x00, 1},
		"no number":    {0x02},
		"overflow":     append([]byte{0x02, 1}, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 1),
		"out of order": {0x02, 1},
	} {
		path := forge(t, func(tx *bbolt.Tx) error {
			head, err := canonical.Encode.Marshal(header{Version: 1, Area: testArea, Count: 1})
			require.NoError(t, err)
			cards, err := tx.CreateBucket(cardsBucket)
			require.NoError(t, err)
			require.NoError(t, cards.Put(key, packed))
			require.NoError(t, cards.Put(putNumber(make([]byte, 8), card(10)), []byte{0x02, 1}))
			bucket, err := tx.CreateBucket(listBucket)
			require.NoError(t, err)
			require.NoError(t, bucket.Put(headerKey, head))
			return bucket.Put(filterKey, sieveOf(t, filter{}))
		})
		file := open(t, path)
		_, err := file.Added(nil)
		require.ErrorIs(t, err, ErrDamaged, name)
		_, listed, err := file.Lookup(card(9))
		require.False(t, listed)
		if name != "overflow" { // where the block is passed before
			require.ErrorIs(t, err, ErrDamaged, name)
		}
	}
}
