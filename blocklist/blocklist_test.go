package blocklist

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
)

const testArea cardlayout.Area = 227

var testMade = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)

// card is the n-th card of a test.
func card(n int) cardlayout.Number {
	return cardlayout.WithCheckDigit(92469900110000000 + uint64(n))
}

// entries blocks the even cards 0, 2, 4 …, so that the odd ones between them are
// cards that are not listed.
func entries(count int) []Entry {
	list := make([]Entry, count)
	for i := range list {
		list[i] = Entry{Number: card(2 * i), Kind: cardlayout.Personal, Unblocking: uint8(i % 251)}
	}
	return list
}

func build(t testing.TB, path string, version uint32, entries []Entry) {
	list := List{Version: version, Area: testArea, Made: testMade, Entries: entries}
	require.NoError(t, Build(path, list))
}

func open(t testing.TB, path string) *File {
	file, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	return file
}

func requireListed(t testing.TB, file *File, number cardlayout.Number, want uint8) {
	unblocking, listed, err := file.Lookup(number)
	require.NoError(t, err)
	require.True(t, listed, "card %s", number)
	require.Equal(t, want, unblocking, "card %s", number)
}

func requireNotListed(t testing.TB, file *File, number cardlayout.Number) {
	_, listed, err := file.Lookup(number)
	require.NoError(t, err)
	require.False(t, listed, "card %s", number)
}

// sizes are those at which structures of this kind have failed before: the small ones,
// and those beside powers of two, pages and full blocks.
func sizes() []int {
	var list []int
	for n := 0; n <= 64; n++ {
		list = append(list, n)
	}
	for n := 128; n <= 65536; n *= 2 {
		list = append(list, n-1, n, n+1)
	}
	perBlock := 1 // of cards beside each other
	for n := 0; n < 12; n++ {
		list = append(list, perBlock*blockSize/2-1, perBlock*blockSize/2, perBlock*blockSize/2+1)
		perBlock++
	}
	if testing.Short() {
		list = slices.DeleteFunc(list, func(n int) bool { return n > 4097 })
	}
	return list
}

// requireExactly looks every card of a list up, and those between and beside.
func requireExactly(t testing.TB, file *File, size int) {
	t.Helper()
	for n := range size {
		unblocking, listed, err := file.Lookup(card(2 * n))
		if !listed || int(unblocking) != n%251 || err != nil {
			t.Fatalf("size %d: card %d: %d, %v, %v", size, n, unblocking, listed, err)
		}
		if _, listed, err = file.Lookup(card(2*n + 1)); listed || err != nil {
			t.Fatalf("size %d: beside card %d: %v, %v", size, n, listed, err)
		}
	}
	for _, number := range []cardlayout.Number{card(2 * size), 0, 1, card(0) - 1, card(0) + 1, 1<<64 - 1} {
		requireNotListed(t, file, number)
	}
}

// Ensure that lists of every size answer for every card on them, and for the cards
// between, with the filter and without it; and that going through them finds the same.
func TestEverySize(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	for _, size := range sizes() {
		build(t, path, 1, entries(size))
		file := open(t, path)
		require.Equal(t, size, file.Edition().Count)
		require.Equal(t, size > 0, file.filter != nil, "size %d", size)
		requireExactly(t, file, size)
		file.filter = nil
		requireExactly(t, file, size)
		added, err := file.Added(nil)
		require.NoError(t, err)
		require.Equal(t, size, added)
	}
}

// Ensure that a list says of itself what it was built with, and that neither the
// order of the entries nor the place of the file changes what it is.
func TestInfo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	one, other := filepath.Join(folder, "one"), filepath.Join(folder, "other")
	list := entries(1000)
	build(t, one, 7, list)
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	build(t, other, 7, list)

	edition := open(t, one).Edition()
	require.Equal(t, edition, open(t, other).Edition())
	require.Equal(t, Edition{
		Version: 7, Area: testArea, Made: testMade, Count: 1000, Digest: edition.Digest,
	}, edition)
	require.NotZero(t, edition.Digest)

	list[0].Unblocking++
	build(t, other, 7, list)
	require.NotEqual(t, edition, open(t, other).Edition())
}

// Ensure that a list of more than one transaction is whole and packed: a card whose
// neighbours are near costs three bytes of the database and nine bits of the filter.
func TestManyBatches(t *testing.T) {
	t.Parallel()
	const count = 2*batch*blockSize/2 + 1
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(count))
	file := open(t, path)
	requireExactly(t, file, count)

	found, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, found.Size(), int64(count*7/2))
	for err := range file.tx.Check() {
		require.NoError(t, err)
	}
}

// Ensure that a list for which no filter could be made still knows its cards.
func TestWithoutFilter(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(100))
	file := open(t, path)
	file.filter = nil
	requireListed(t, file, card(2), 1)
	requireNotListed(t, file, card(3))
}

// Ensure that a card which is not listed costs no allocation.
func TestMissAllocatesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(1000))
	store := NewStore(testArea)
	require.NoError(t, store.Swap(path))
	defer store.Close()

	number := filteredOut(store.file)
	require.Zero(t, testing.AllocsPerRun(100, func() { store.Lookup(number) }))
}

// filteredOut finds a card that the filter alone answers for.
func filteredOut(file *File) cardlayout.Number {
	for n := 1; ; n += 2 {
		if !file.filter.Contains(uint64(card(n))) {
			return card(n)
		}
	}
}

// Ensure that what no list may hold is refused, and nothing is written.
func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	good := List{Version: 1, Area: testArea, Made: testMade, Entries: entries(3)}
	for name, test := range map[string]struct {
		spoil func(*List)
		want  string
	}{
		"version": {
			func(l *List) { l.Version = 0 },
			"the list has no version: want 1 or more",
		},
		"area": {
			func(l *List) { l.Area = 0 },
			"the list has no area: want its code, for example 227",
		},
		"made": {
			func(l *List) { l.Made = time.Time{} },
			"the list does not say when it was made",
		},
		"bearer": {
			func(l *List) { l.Entries[1].Kind = cardlayout.Bearer },
			"entry 2: card …0020 is a bearer card, which cannot be blocked (R-108): take " +
				"it off the list",
		},
		"kind": {
			func(l *List) { l.Entries[2].Kind = 0 },
			"entry 3: card …0046 is of no known kind: want personal or company",
		},
		"check digit": {
			func(l *List) { l.Entries[0].Number++ },
			"entry 1: card number 924699001100000005 is none: its check digit is wrong",
		},
		"twice": {
			func(l *List) { l.Entries[0].Number = l.Entries[2].Number },
			"entry 3: card …0046 stands at 1 already: keep the entry with the higher " +
				"unblocking number",
		},
	} {
		t.Run(name, func(t *testing.T) {
			list := good
			list.Entries = entries(3)
			test.spoil(&list)
			path := filepath.Join(t.TempDir(), "list")
			require.EqualError(t, Build(path, list), "building block list "+path+": "+test.want)
			require.NoFileExists(t, path)
		})
	}
}

// Ensure that a lookup after closing is an error, not a crash.
func TestClosed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(100))
	file, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	_, _, err = file.Lookup(card(0))
	require.Error(t, err)
}

// Ensure that what a power cut left of an earlier draft does no harm, and that a
// draft that fails leaves nothing behind.
func TestDrafts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	require.NoError(t, os.WriteFile(path+".new", []byte("half a draft"), 0o644))
	build(t, path, 1, entries(3))
	requireListed(t, open(t, path), card(0), 0)
	require.NoFileExists(t, path+".new")

	require.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(path), "folder"), 0o755))
	blocked := filepath.Join(filepath.Dir(path), "folder")
	err := Build(blocked, List{Version: 1, Area: testArea, Made: testMade})
	require.ErrorContains(t, err, "writing block list "+blocked)
	require.NoFileExists(t, blocked+".new")
}
