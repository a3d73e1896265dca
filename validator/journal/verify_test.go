package journal

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// Ensure that what is damaged while the journal is open is found by Verify, and told as what
// it is.
func TestVerifyFindsWhatChangesMeanwhile(t *testing.T) {
	for want, change := range map[string]func(*testing.T, buckets){
		"its head is missing": func(t *testing.T, b buckets) { require.NoError(t, b.head.Delete(headKey)) },
		"its tail was changed": func(t *testing.T, b buckets) {
			require.NoError(t, b.writeTail(tail{}))
			flip(t, b.head, tailKey, 40)
		},
		"what it says of an archive was changed": func(t *testing.T, b buckets) {
			key, _ := b.archives.Cursor().First()
			flip(t, b.archives, key, 40)
		},
	} {
		path := filled(t)
		j := openSmall(t, path)
		for n := uint32(6); n < 60; n++ {
			require.NoError(t, j.Record(tap(n, 1)))
		}
		require.NoError(t, j.Verify(nil))
		inside(t, j, func(b buckets) error { change(t, b); return nil })
		requireDamaged(t, j.Verify(nil), want)
	}
}

func requireFound(t *testing.T, err error, want string) {
	t.Helper()
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, want)
}

// Ensure that an intent whose entry was pruned can be closed once, and no more.
func TestVerifyClosesWhatWasPrunedOnce(t *testing.T) {
	last := newHead(testDevice)
	last.Sequence = 5
	a := audit{mark: last.mark, device: testDevice, pruned: 5, step: func() {},
		open: map[uint32][]byte{}, closed: map[uint32]bool{}}
	follow := func(e *entry) error {
		raw, err := encMode.Marshal(e)
		require.NoError(t, err)
		next, value := last.with(e, raw, nil)
		last = next
		return a.follow(value)
	}
	require.NoError(t, follow(&entry{Kind: Settle, Of: 5}))
	require.NoError(t, follow(&entry{Kind: Void, Of: 4}))
	requireFound(t, follow(&entry{Kind: Void, Of: 5}), "event 5 is no open intent before it")
}

// Ensure that an intent which is kept as open is one: begun in the log, or pruned and not
// closed since; and that all of them are those that were kept.
func TestVerifyComparesWhatIsOpen(t *testing.T) {
	j := open(t, filled(t)) // 4 and 5 are open
	compare := func(pruned uint32, closed map[uint32]bool, digest [32]byte) error {
		return j.db.view(func(tx *bbolt.Tx) error {
			b, err := bucketsOf(tx)
			require.NoError(t, err)
			a := audit{pruned: pruned, open: map[uint32][]byte{}, closed: closed}
			return a.compare(b.open, digest)
		})
	}
	require.NoError(t, compare(5, nil, j.head.Open))
	requireFound(t, compare(4, nil, j.head.Open), "is kept as an open intent, and is none")
	requireFound(t, compare(5, map[uint32]bool{4: true}, j.head.Open), "is kept as an open intent")
	requireFound(t, compare(5, nil, [32]byte{1}), "its open intents are not those that were kept")
}

// Ensure that each of many open intents is looked for where it is kept.
func TestVerifyLooksForEachThatIsOpen(t *testing.T) {
	j := open(t, filled(t)) // 4 and 5 are open
	for n := uint32(6); n <= 30; n++ {
		require.NoError(t, j.Begin(tap(n, 1)))
	}
	inside(t, j, func(b buckets) error { return b.open.Delete(openKey(17)) })
	requireDamaged(t, j.Verify(nil), "event 17 is an open intent, and is not kept as such")
}
