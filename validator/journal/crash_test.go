package journal

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
)

// story are operations that use every kind of entry, and every order of them that
// matters.
func story(j *Journal) []func() error {
	return []func() error{
		func() error { return j.Begin(tap(1, 1)) },
		func() error { return j.Settle(id(1), testReceipt) },
		func() error { return j.Record(tap(2, 2)) },
		func() error { return j.Begin(tap(3, 3)) },
		func() error { return j.Begin(tap(4, 1)) },
		func() error { return j.Void(id(3)) },
		func() error { return j.Begin(tap(5, 1)) },
		func() error { return j.Settle(id(5), desfire.Receipt{}) },
		func() error { return j.Record(tap(6, 0)) },
		func() error { return j.Settle(id(4), testReceipt) },
	}
}

// Ensure that after each operation the disk holds its outcome: a copy of the file is
// what a power cut at that moment would leave.
func TestPowerCutAfterEach(t *testing.T) {
	j := open(t, created(t))
	for n, operate := range story(j) {
		require.NoError(t, operate())
		raw, err := os.ReadFile(j.path)
		require.NoError(t, err)
		require.Equal(t, stateOf(t, j), recovered(t, raw), "operation %d", n)
	}
}

// recovered is the state of a journal that has these bytes. It is whole, and writing
// can go on.
func recovered(t *testing.T, raw []byte) state {
	path := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	j, err := Open(path)
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
	found := stateOf(t, j)
	require.NoError(t, j.Record(tap(j.Next().Sequence, 2)))
	require.NoError(t, j.Verify(nil))
	return found
}

// Ensure that a power cut in the middle of an operation leaves what was before it or
// what is after it. bbolt flushes the pages and then the meta: so any of the new
// pages may be there while the meta is the old one, or torn.
func TestPowerCutWithin(t *testing.T) {
	j := open(t, created(t))
	before, err := os.ReadFile(j.path)
	require.NoError(t, err)
	was := stateOf(t, j)
	for _, operate := range story(j) {
		require.NoError(t, operate())
		after, err := os.ReadFile(j.path)
		require.NoError(t, err)
		is := stateOf(t, j)

		pages := bytes.Clone(after)
		copy(pages, before[:2*pageSize])
		require.Equal(t, was, recovered(t, pages), "pages without their meta")
		require.Equal(t, was, recovered(t, halfOf(pages, before)), "half of the pages")

		torn := bytes.Clone(after)
		at := firstDifference(before, after)
		require.Less(t, at, 2*pageSize)
		torn[at] ^= 0xFF
		require.Equal(t, was, recovered(t, torn), "a torn meta")
		before, was = after, is
	}
}

// halfOf takes every other page from the file before, where there was one.
func halfOf(after, before []byte) []byte {
	half := bytes.Clone(after)
	for at := 2 * pageSize; at < len(before); at += 2 * pageSize {
		copy(half[at:at+pageSize], before[at:])
	}
	return half
}

func firstDifference(a, b []byte) int {
	for n := range a {
		if a[n] != b[n] {
			return n
		}
	}
	return len(a)
}

// ghost runs an operation and makes the journal forget it: what is left when the
// last flush of a commit fails, its caller is told so, and the file has it all the
// same.
func ghost(t *testing.T, j *Journal, operate func() error) {
	last, open, paid := j.head, newIntents(), maps.Clone(j.paid)
	for _, i := range sortedIntents(j) {
		open.add(i.event, i.value)
	}
	require.NoError(t, operate())
	j.head, j.open, j.paid = last, open, paid
}

func sortedIntents(j *Journal) (list []intent) {
	for n := uint32(1); n <= j.head.Sequence; n++ {
		if i, open := j.open.numbered[n]; open {
			list = append(list, i)
		}
	}
	return list
}

// Ensure that an operation that failed and was kept all the same is taken back by
// the next one, whatever the two are, and is not read before.
func TestGhost(t *testing.T) {
	for first := range 4 {
		for second := range 4 {
			j := open(t, created(t))
			fill(t, j)
			before := stateOf(t, j)
			operations := []func() error{
				func() error { return j.Begin(tap(6, 2)) },
				func() error { return j.Record(tap(6, 3)) },
				func() error { return j.Settle(id(4), testReceipt) },
				func() error { return j.Void(id(5)) },
			}
			ghost(t, j, operations[first])
			ghost(t, j, operations[first])
			require.Equal(t, before, stateOf(t, j))
			require.NoError(t, j.Verify(nil), "the file is whole meanwhile")

			require.NoError(t, operations[second]())
			require.NoError(t, j.Verify(nil))
			after := stateOf(t, j)
			require.Len(t, after.Entries, len(before.Entries)+1)
			require.Equal(t, after, stateOf(t, reopen(t, j)))
		}
	}
}

// Ensure that a head that has changed otherwise is damage.
func TestHeadChanged(t *testing.T) {
	j := open(t, created(t))
	fill(t, j)
	j.head.Position -= 2
	requireDamaged(t, j.Record(tap(6, 1)), "its head has changed")
}

// Ensure that nothing is told to be kept before it was flushed. A copy of the file
// would not show it: what the system has not yet written can be read all the same.
func TestFlushes(t *testing.T) {
	require.False(t, options().NoSync)
	require.False(t, options().NoGrowSync)
	require.False(t, open(t, created(t)).db.db.NoSync)
}
