package journal

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// inside changes what is in the database of an open journal.
func inside(t *testing.T, j *Journal, change func(buckets) error) {
	t.Helper()
	require.NoError(t, j.db.update(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		return change(b)
	}))
}

// occupied puts a bucket where a value belongs, which the database refuses to write over and
// to delete.
func occupied(b *bbolt.Bucket, key []byte) error {
	if b.Get(key) != nil {
		if err := b.Delete(key); err != nil {
			return err
		}
	}
	_, err := b.CreateBucket(key)
	return err
}

// Ensure that nothing which the database refuses is said to be kept, and that nothing of it is
// remembered: of the log, of what is open, of what was paid with, of what an entry ends.
func TestNothingThatIsRefusedIsKept(t *testing.T) {
	type row struct {
		spoil func(b buckets) error
		do    func(*Journal) error
	}
	for name, row := range map[string]row{
		"an entry": {func(b buckets) error { return occupied(b.log, logKey(9)) },
			func(j *Journal) error { return j.Record(tap(7, 2)) }},
		"an intent": {func(b buckets) error { return occupied(b.open, openKey(7)) },
			func(j *Journal) error { return j.Begin(tap(7, 2)) }},
		"an intent's end": {func(b buckets) error { return occupied(b.open, openKey(4)) },
			func(j *Journal) error { return j.Settle(id(4), testReceipt) }},
		"a payment": {func(b buckets) error { return occupied(b.paid, keyed("B")) },
			func(j *Journal) error { return j.Begin(paidLoad(7, "B", 0)) }},
		"a payment's end": {func(b buckets) error { return occupied(b.paid, keyed("A")) },
			func(j *Journal) error { return j.Void(id(6)) }},
		"an old payment's end": {func(b buckets) error { return occupied(b.paid, keyed("A")) },
			func(j *Journal) error { return j.Begin(paidLoad(7, "B", 401)) }},
	} {
		j := open(t, filled(t))
		require.NoError(t, j.Begin(paidLoad(6, "A", 0)))
		inside(t, j, row.spoil)
		next, unresolved := j.Next(), j.Unresolved()
		_, _, usedA := j.Paid("A")
		require.Error(t, row.do(j), name)
		require.Equal(t, next, j.Next(), name)
		require.LessOrEqual(t, j.Unresolved(), unresolved, name)
		_, _, stillA := j.Paid("A")
		require.Equal(t, usedA, stillA, name)
		_, _, usedB := j.Paid("B")
		require.False(t, usedB, name)
	}
}

// Ensure that what a failed commit has left behind is gone before anything else is kept, and
// that where it cannot be, nothing is.
func TestGhostThatStays(t *testing.T) {
	for name, row := range map[string]struct {
		spoil func(b buckets) error
		says  string
	}{
		"its entry": {func(b buckets) error { return occupied(b.log, logKey(9)) }, ""},
		"a part is missing": {func(b buckets) error { return b.log.Tx().DeleteBucket(logBucket) },
			"a part of it is missing"},
		"its head": {func(b buckets) error { return b.head.Delete(headKey) }, "its head is missing"},
		"its payments": {func(b buckets) error {
			if err := b.paid.Tx().DeleteBucket(paidBucket); err != nil {
				return err
			}
			return nil
		}, "none"},
	} {
		j := open(t, filled(t))
		require.NoError(t, j.Begin(paidLoad(6, "A", 0)))
		ghost(t, j, func() error { return j.Record(tap(7, 2)) })
		inside(t, j, row.spoil)
		next := j.Next()
		err := j.Record(tap(7, 3))
		if row.says == "none" { // they are written anew
			require.NoError(t, err, name)
			requirePaid(t, j, "A", 6, true)
			continue
		}
		require.ErrorContains(t, err, row.says, name)
		require.Equal(t, next, j.Next(), name)
	}
}
