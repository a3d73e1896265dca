package blocklist

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"leima/cardlayout/canonical"
)

// Ensure that a list cut off anywhere is refused as damaged, with what to do.
func TestTruncated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(300))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for length := 0; length < len(whole); length += 1 + length%61 {
		require.NoError(t, os.WriteFile(path, whole[:length], 0o644))
		_, err := Open(path)
		require.ErrorIs(t, err, ErrDamaged, "cut to %d bytes", length)
		require.ErrorContains(t, err, "put it aside and fetch the list again")
	}
	require.NoError(t, os.WriteFile(path, append(whole, 0), 0o644))
	_, err = Open(path)
	require.ErrorIs(t, err, ErrDamaged)
}

// Ensure that one changed bit anywhere, also in the mark and in the seal, is
// damage.
func TestFlipped(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(300))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	flip := func(at int) {
		whole[at] ^= 1 << (at % 8)
		require.NoError(t, os.WriteFile(path, whole, 0o644))
		_, err := Open(path)
		require.ErrorIs(t, err, ErrDamaged, "byte %d", at)
		whole[at] ^= 1 << (at % 8)
	}
	for at := 0; at < len(whole)-endSize; at += 23 {
		flip(at)
	}
	for at := len(whole) - endSize; at < len(whole); at++ {
		flip(at)
	}
}

// Ensure that a missing file is told apart from a damaged one.
func TestMissing(t *testing.T) {
	t.Parallel()
	_, err := Open(filepath.Join(t.TempDir(), "list"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotErrorIs(t, err, ErrDamaged)
}

// forge seals a file whose content no build of ours writes.
func forge(t *testing.T, fill func(tx *bbolt.Tx) error) string {
	path := filepath.Join(t.TempDir(), "list")
	db, err := bbolt.Open(path, 0o644, &bbolt.Options{PageSize: pageSize})
	require.NoError(t, err)
	require.NoError(t, db.Update(fill))
	require.NoError(t, db.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, seal(path, info.Size()))
	return path
}

func sieveOf(t *testing.T, f filter) []byte {
	raw, err := canonical.Encode.Marshal(f)
	require.NoError(t, err)
	return raw
}

// Ensure that a file with a good seal around something else is refused.
func TestForged(t *testing.T) {
	t.Parallel()
	head, err := canonical.Encode.Marshal(header{Version: 1, Area: testArea, Count: 1})
	require.NoError(t, err)
	sieve := sieveOf(t, filter{SegmentLength: 4, Segments: 9, Fingerprints: make([]byte, 43)})
	odd := sieveOf(t, filter{SegmentLength: 3, Segments: 1, Fingerprints: make([]byte, 9)})
	vast := sieveOf(t, filter{SegmentLength: 1 << 31, Segments: 1 << 31, Fingerprints: []byte{1}})
	with := func(head, sieve []byte) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket(cardsBucket)
			require.NoError(t, err)
			bucket, err := tx.CreateBucket(listBucket)
			require.NoError(t, err)
			require.NoError(t, bucket.Put(headerKey, head))
			return bucket.Put(filterKey, sieve)
		}
	}
	for want, fill := range map[string]func(tx *bbolt.Tx) error{
		"a part of it is missing":                         func(*bbolt.Tx) error { return nil },
		"reading its header":                              with([]byte{0xFF}, sieve),
		"reading its filter":                              with(head, nil),
		"a filter of 9 segments of 4 has 43 fingerprints": with(head, sieve),
		"a filter of 1 segments of 3 has 9 fingerprints":  with(head, odd),
		"2147483648 has 1 fingerprints":                   with(head, vast),
	} {
		_, err := Open(forge(t, fill))
		require.ErrorIs(t, err, ErrDamaged)
		require.ErrorContains(t, err, want)
	}
}

// Ensure that a file that is sealed and no database is an error.
func TestSealedRubbish(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	for _, size := range []int{0, 1, 4096, 8192, 40000} {
		for _, fill := range []byte{0, 0xA5, 0xFF} {
			require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte{fill}, size), 0o644))
			require.NoError(t, seal(path, int64(size)))
			_, err := Open(path)
			require.Error(t, err)
		}
	}
}

// Ensure that a later format is refused as such and not as damage, so that nobody
// fetches the same file for ever.
func TestNewerFormat(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(3))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	copy(whole[len(whole)-endSize:], markName+"3")
	reseal := func() {
		sum, err := hashOf(bytes.NewReader(whole), int64(len(whole)-32))
		require.NoError(t, err)
		copy(whole[len(whole)-32:], sum)
		require.NoError(t, os.WriteFile(path, whole, 0o644))
	}
	reseal()
	_, err = Open(path)
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, "update this program")

	copy(whole[len(whole)-endSize:], "ANOTHER1")
	reseal()
	_, err = Open(path)
	require.ErrorIs(t, err, ErrDamaged)
}

// Ensure that a file that loses its pages while it is in use makes lookups fail
// and does not end the program.
func TestPagesLost(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list")
	build(t, path, 1, entries(5000))
	file := open(t, path)
	requireListed(t, file, card(2), 1)
	require.NoError(t, os.Truncate(path, 0))
	for range 3 {
		_, listed, err := file.Lookup(card(2))
		require.ErrorIs(t, err, ErrDamaged)
		require.ErrorContains(t, err, "looking up card …0020 in the block list")
		require.False(t, listed)
	}
	requireNotListed(t, file, filteredOut(file))
}
