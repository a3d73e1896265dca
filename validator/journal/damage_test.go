package journal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// large is the file of a journal with branch pages, an entry of several pages, and
// more open intents than fit into their element; and its entries.
func large(t *testing.T) (raw []byte, list []Entry) {
	j := open(t, created(t))
	for n := uint32(1); n <= 60; n++ {
		event := tap(n, int(n))
		if n == 30 {
			event.Fault = string(bytes.Repeat([]byte("long"), 3000))
		}
		require.NoError(t, j.Begin(event))
		if n%2 == 0 {
			require.NoError(t, j.Settle(id(n), testReceipt))
		}
	}
	raw, err := os.ReadFile(j.path)
	require.NoError(t, err)
	return raw, entries(t, j)
}

// inUse is the part of a file that holds pages.
func inUse(t *testing.T, raw []byte) int {
	m, err := newestMeta(bytes.NewReader(raw))
	require.NoError(t, err)
	return int(m.end) * pageSize
}

// survive opens and uses a damaged file: it is damaged, or what can be read of it is
// right.
func survive(t *testing.T, path string, raw []byte, list []Entry) (damaged bool) {
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	j, err := Open(path)
	if err != nil {
		require.ErrorIs(t, err, ErrDamaged)
		return true
	}
	defer j.Close()
	j.db.db.NoSync = true // nothing here has to last
	if err := j.Verify(nil); err != nil {
		require.ErrorIs(t, err, ErrDamaged)
		damaged = true
	} else {
		found := entries(t, j)
		require.GreaterOrEqual(t, len(found), len(list)-1, "the older meta counts at worst")
		require.Equal(t, list[:len(found)], found)
		if len(found) < len(list) {
			require.ErrorContains(t, j.Loss(), fmt.Sprintf("entry %d is gone", len(list)))
		}
	}
	if err := j.Record(tap(j.Next().Sequence, 1)); err != nil {
		require.ErrorIs(t, err, ErrDamaged)
	}
	return damaged
}

// Ensure that a file that is cut off within its pages is damaged, and stays as it is.
func TestTruncated(t *testing.T) {
	raw, list := large(t)
	path := filepath.Join(t.TempDir(), "journal")
	for length := 0; length < len(raw); length += 1021 {
		damaged := survive(t, path, raw[:length], list)
		require.Equal(t, length < inUse(t, raw), damaged, "cut to %d bytes", length)
		if damaged {
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, raw[:length], left)
		}
	}
	require.NoError(t, os.WriteFile(path, raw[:inUse(t, raw)-1], 0o600))
	_, err := Open(path)
	requireDamaged(t, err, "it is cut off: ")
}

// Ensure that one changed byte anywhere is found, or changes nothing.
func TestFlipped(t *testing.T) {
	raw, list := large(t)
	path := filepath.Join(t.TempDir(), "journal")
	found, end := 0, inUse(t, raw)
	for at := 0; at < end; at += 1 + at%211 {
		raw[at] ^= 1 << (at % 8)
		if survive(t, path, raw, list) {
			found++
		}
		raw[at] ^= 1 << (at % 8)
	}
	require.Greater(t, found, 100)
}

// Ensure that no page in the place of another ends the program: what a flash that
// loses track does.
func TestPagesSwapped(t *testing.T) {
	raw, list := large(t)
	path := filepath.Join(t.TempDir(), "journal")
	random := rand.New(rand.NewPCG(1, 2))
	pages := inUse(t, raw) / pageSize
	for range 100 {
		from, to := random.IntN(pages), random.IntN(pages)
		broken := bytes.Clone(raw)
		copy(broken[to*pageSize:][:pageSize], raw[from*pageSize:][:pageSize])
		survive(t, path, broken, list)
	}
}

// Ensure that a header of a page that says anything at all does not end the program.
func TestHeadersRandom(t *testing.T) {
	raw, list := large(t)
	path := filepath.Join(t.TempDir(), "journal")
	random := rand.New(rand.NewPCG(3, 4))
	pages := inUse(t, raw) / pageSize
	for range 300 {
		broken := bytes.Clone(raw)
		start := (2+random.IntN(pages-2))*pageSize + 8 + random.IntN(56)
		for at := start; at < start+1+random.IntN(8); at++ {
			broken[at] = byte(random.UintN(256))
		}
		survive(t, path, broken, list)
	}
}

// Ensure that a file that is no database is damaged, and no new one is begun in it.
func TestGarbage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	for _, size := range []int{0, 1, 4095, 4096, 8192, 16384, 40000} {
		for _, fill := range []byte{0, 0xA5, 0xFF} {
			raw := bytes.Repeat([]byte{fill}, size)
			require.NoError(t, os.WriteFile(path, raw, 0o600))
			_, err := Open(path)
			requireDamaged(t, err, "opening")
			left, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, raw, left)
		}
	}
	_, err := Open(filepath.Dir(path))
	require.ErrorContains(t, err, "opening: it is no file: nothing can be recorded there")
}

// Ensure that a database of another program is refused and left as it is.
func TestForeign(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	for _, options := range []*bbolt.Options{{PageSize: pageSize}, {PageSize: 2 * pageSize}} {
		db, err := bbolt.Open(path, 0o600, options)
		require.NoError(t, err)
		require.NoError(t, db.Close())
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = Open(path)
		requireDamaged(t, err, "it is not as this program writes it")
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, raw, left)
		require.NoError(t, os.Remove(path))
	}
}

// Ensure that a journal that loses its pages while it is in use makes every call
// fail, ends neither the program nor hangs it, and gives its file back.
func TestPagesLost(t *testing.T) {
	for _, left := range []int64{0, 1, 2} {
		path := filled(t)
		j := open(t, path)
		require.NoError(t, os.Truncate(path, left*pageSize))
		requireDamaged(t, j.Begin(tap(6, 1)), "keeping intent of event 6, card …0012")
		for range 2 {
			require.ErrorIs(t, j.Record(tap(6, 1)), ErrDamaged)
			require.ErrorIs(t, j.Settle(id(4), testReceipt), ErrDamaged)
			require.ErrorIs(t, j.Entries(1, func(Entry) error { return nil }), ErrDamaged)
			require.ErrorIs(t, j.Verify(nil), ErrDamaged)
		}
		require.Equal(t, id(6), j.Next())
		require.Len(t, j.Pending(card(1)), 2)
		require.NoError(t, j.Close())
		_, err := Open(path)
		requireDamaged(t, err, "opening")
	}
}

// Ensure that a page that only reading meets does not stop the writing: a tap that
// cannot be recorded is worse than an old one that cannot be read.
func TestOldPageLost(t *testing.T) {
	raw, list := large(t)
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	j := open(t, path)
	blank(t, path, leafOf(t, raw, list[2]))
	require.ErrorIs(t, j.Verify(nil), ErrDamaged)
	require.ErrorIs(t, j.Entries(1, func(Entry) error { return nil }), ErrDamaged)
	require.NoError(t, j.Record(tap(61, 1)))
	require.NoError(t, j.Settle(id(59), testReceipt))
	require.NoError(t, j.Entries(90, func(Entry) error { return nil }))
}

// leafOf is the page in use that an entry is on.
func leafOf(t *testing.T, raw []byte, entry Entry) int64 {
	m, err := newestMeta(bytes.NewReader(raw))
	require.NoError(t, err)
	w := walk{file: bytes.NewReader(raw), end: m.end, seen: make(map[uint64]bool)}
	require.NoError(t, w.tree(m.root, nil, nil))
	for number := range w.seen {
		if bytes.Contains(raw[number*pageSize:][:pageSize], entry.Hash[:]) {
			return int64(number)
		}
	}
	require.Fail(t, "the entry is on no page")
	return 0
}

func blank(t *testing.T, path string, page int64) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(make([]byte, pageSize), page*pageSize)
	require.NoError(t, err)
	require.NoError(t, file.Close())
}
