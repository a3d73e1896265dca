package journal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// edit changes a journal behind its back.
func edit(t *testing.T, path string, change func(buckets)) {
	db, err := bbolt.Open(path, 0, options())
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		change(b)
		return err
	}))
	require.NoError(t, db.Close())
}

// rewrite changes a log and chains it anew, as a careful forger would.
func rewrite(t *testing.T, path string, change func(log []*entry) []*entry) {
	edit(t, path, func(b buckets) {
		var log []*entry
		require.NoError(t, b.log.ForEach(func(_, value []byte) error {
			_, _, e, err := parse(value)
			log = append(log, e)
			return err
		}))
		for key, _ := b.open.Cursor().First(); key != nil; key, _ = b.open.Cursor().First() {
			require.NoError(t, b.open.Delete(key))
		}
		last := newHead(testDevice)
		begun := make(map[uint32][]byte)
		for _, e := range change(log) {
			raw, err := encMode.Marshal(e)
			require.NoError(t, err)
			next, value := last.with(e, raw, begun[e.Of])
			if last = next; e.Event != nil {
				begun[e.Event.Sequence] = value
			}
			require.NoError(t, b.put(last, e, value))
		}
		for n := last.Position + 1; n <= uint64(len(log)); n++ {
			require.NoError(t, b.log.Delete(logKey(n)))
		}
		last.Open = [32]byte{}
		require.NoError(t, b.open.ForEach(func(_, value []byte) error {
			last.Open = toggled(last.Open, value)
			return nil
		}))
		require.NoError(t, b.writeHead(last))
	})
}

// verdict is what Open, or else Verify, says of a file.
func verdict(path string) error {
	j, err := Open(path)
	if err != nil {
		return err
	}
	defer j.Close()
	return j.Verify(nil)
}

// filled is a journal with entries of all kinds, which nothing verifies at the end.
func filled(t *testing.T) (path string) {
	path = filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	j := open(t, path)
	fill(t, j)
	require.NoError(t, j.Close())
	return path
}

func flip(t *testing.T, bucket *bbolt.Bucket, key []byte, at int) {
	value := append([]byte(nil), bucket.Get(key)...)
	require.NotEmpty(t, value)
	value[(at+len(value))%len(value)] ^= 0x10
	require.NoError(t, bucket.Put(key, value))
}

func forgeHead(t *testing.T, b buckets, change func(*head)) {
	h, err := b.readHead()
	require.NoError(t, err)
	change(&h)
	require.NoError(t, b.writeHead(h))
}

func move(t *testing.T, bucket *bbolt.Bucket, from, to []byte) {
	value := append([]byte(nil), bucket.Get(from)...)
	require.NoError(t, bucket.Delete(from))
	require.NoError(t, bucket.Put(to, value))
}

// Ensure that whatever is changed in the database is found, and told with its entry.
func TestTampering(t *testing.T) {
	for name, test := range map[string]struct {
		change func(t *testing.T, b buckets)
		want   string
	}{
		"first byte of a hash": {func(t *testing.T, b buckets) { flip(t, b.log, logKey(3), 0) },
			"entry 3, record: its hash does not follow"},
		"last byte of an entry": {func(t *testing.T, b buckets) { flip(t, b.log, logKey(3), -1) },
			"entry 3"},
		"entry cut to its hash": {func(t *testing.T, b buckets) {
			require.NoError(t, b.log.Put(logKey(3), b.log.Get(logKey(3))[:32]))
		}, "entry 3: the journal is damaged: it is cut off"},
		"first entry dropped": {func(t *testing.T, b buckets) {
			require.NoError(t, b.log.Delete(logKey(1)))
		}, "entry 1 is missing"},
		"entry dropped": {func(t *testing.T, b buckets) {
			require.NoError(t, b.log.Delete(logKey(3)))
		}, "entry 3 is missing"},
		"entry dropped, the others moved up": {func(t *testing.T, b buckets) {
			for n := uint64(3); n < 7; n++ {
				move(t, b.log, logKey(n+1), logKey(n))
			}
			forgeHead(t, b, func(h *head) { h.Position-- })
		}, "entry 3, intent: its hash does not follow"},
		"last entry dropped": {func(t *testing.T, b buckets) {
			require.NoError(t, b.log.Delete(logKey(7)))
		}, "it does not end where its head says"},
		"all entries dropped": {func(t *testing.T, b buckets) {
			for n := uint64(1); n <= 7; n++ {
				require.NoError(t, b.log.Delete(logKey(n)))
			}
		}, "it does not end where its head says"},
		"entry added": {func(t *testing.T, b buckets) {
			require.NoError(t, b.log.Put(logKey(8), b.log.Get(logKey(7))))
		}, "it does not end where its head says"},
		"two entries swapped": {func(t *testing.T, b buckets) {
			move(t, b.log, logKey(3), []byte("aside"))
			move(t, b.log, logKey(4), logKey(3))
			move(t, b.log, []byte("aside"), logKey(4))
		}, "entry 3, intent: its hash does not follow"},
		"key of another length": {func(t *testing.T, b buckets) {
			require.NoError(t, b.log.Put(logKey(3)[:7], []byte("odd")))
		}, "entry 1 is missing"},
		"open intent removed": {func(t *testing.T, b buckets) {
			require.NoError(t, b.open.Delete(openKey(4)))
		}, "its open intents are not those that were kept"},
		"closed intent opened": {func(t *testing.T, b buckets) {
			require.NoError(t, b.open.Put(openKey(1), b.log.Get(logKey(1))))
		}, "its open intents are not those that were kept"},
		"open intent changed": {func(t *testing.T, b buckets) { flip(t, b.open, openKey(4), -1) },
			"its open intents are not those that were kept"},
		"open intent under another number": {func(t *testing.T, b buckets) {
			move(t, b.open, openKey(4), openKey(6))
		}, "00000006, kept as an open intent, is none"},
		"open intent unreadable": {func(t *testing.T, b buckets) {
			require.NoError(t, b.open.Put(openKey(4), []byte("rubbish")))
		}, "00000004, kept as an open intent, is none"},
		"open intent that is a record": {func(t *testing.T, b buckets) {
			require.NoError(t, b.open.Put(openKey(2), b.log.Get(logKey(3))))
		}, "00000002, kept as an open intent, is none"},
		"open intent removed, the head adapted": {func(t *testing.T, b buckets) {
			value := bytes.Clone(b.open.Get(openKey(4)))
			require.NoError(t, b.open.Delete(openKey(4)))
			forgeHead(t, b, func(h *head) { h.Open = toggled(h.Open, value) })
		}, "event 4 is an open intent, and is not kept as such"},
		"open intent changed, the head adapted": {func(t *testing.T, b buckets) {
			value := bytes.Clone(b.open.Get(openKey(4)))
			flip(t, b.open, openKey(4), 0)
			forgeHead(t, b, func(h *head) {
				h.Open = toggled(toggled(h.Open, value), b.open.Get(openKey(4)))
			})
		}, "event 4 is an open intent, and is not kept as such"},
		"closed intent opened, the head adapted": {func(t *testing.T, b buckets) {
			value := bytes.Clone(b.log.Get(logKey(1)))
			require.NoError(t, b.open.Put(openKey(1), value))
			forgeHead(t, b, func(h *head) { h.Open = toggled(h.Open, value) })
		}, "00000001 is kept as an open intent, and is none"},
		"head: number": {func(t *testing.T, b buckets) {
			forgeHead(t, b, func(h *head) { h.Sequence++ })
		}, "its head says that entry 7 is the last and event 6 the last event"},
		"head: device": {func(t *testing.T, b buckets) {
			forgeHead(t, b, func(h *head) { h.Device++ })
		}, "entry 1, intent: its hash does not follow"},
		"head: latest": {func(t *testing.T, b buckets) {
			forgeHead(t, b, func(h *head) { h.Latest = nil })
		}, "its head says"},
		"head: one byte": {func(t *testing.T, b buckets) { flip(t, b.head, headKey, 40) },
			"its head was changed"},
		"head: seal": {func(t *testing.T, b buckets) { flip(t, b.head, headKey, 0) },
			"its head was changed"},
		"head that is none": {func(t *testing.T, b buckets) {
			sum := sha256.Sum256([]byte{0xFF})
			require.NoError(t, b.head.Put(headKey, append(sum[:], 0xFF)))
		}, "its head cannot be read"},
		"head missing": {func(t *testing.T, b buckets) {
			require.NoError(t, b.head.Delete(headKey))
		}, "its head is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			edit(t, path, func(b buckets) { test.change(t, b) })
			requireDamaged(t, verdict(path), test.want)
		})
	}
}

func requireDamaged(t *testing.T, err error, want string) {
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, want)
	require.ErrorContains(t, err, "keep the file, never delete it, and call for service")
	for n := range 10 {
		require.NotContains(t, err.Error(), fmt.Sprint(uint64(card(n))))
	}
}

// Ensure that a log that is chained rightly and makes no sense is found.
func TestForgery(t *testing.T) {
	for name, test := range map[string]struct {
		change func(log []*entry) []*entry
		want   string
	}{
		"number twice": {func(log []*entry) []*entry { log[2].Event.Sequence = 1; return log },
			"entry 3, record: it is event 1 of device 4711, not 2 of 4711"},
		"number left out": {func(log []*entry) []*entry { log[2].Event.Sequence = 3; return log },
			"entry 3, record: it is event 3 of device 4711, not 2 of 4711"},
		"another device": {func(log []*entry) []*entry { log[2].Event.Device++; return log },
			"entry 3, record: it is event 2 of device 4712, not 2 of 4711"},
		"settled twice": {func(log []*entry) []*entry { log[4].Of, log[4].Kind = 1, Settle; return log },
			"entry 5, settle: event 1 is no open intent before it"},
		"void before begun": {func(log []*entry) []*entry { log[3], log[4] = log[4], log[3]; return log },
			"entry 4, void: event 3 is no open intent before it"},
		"record settled": {func(log []*entry) []*entry { log[4].Of = 2; return log },
			"entry 5, void: event 2 is no open intent before it"},
		"intent dropped": {func(log []*entry) []*entry { return append(log[:5], log[6]) },
			"entry 6, intent: it is event 5 of device 4711, not 4 of 4711"},
		"no kind": {func(log []*entry) []*entry { log[2].Kind = 0; return log },
			"entry 3: the journal is damaged: it is no entry of kind 0"},
		"later kind": {func(log []*entry) []*entry { log[2].Kind = 6; return log },
			"entry 3: the journal is damaged: it is no entry of kind 6"},
		"settle with an event": {func(log []*entry) []*entry { log[2].Kind = Settle; return log },
			"entry 3: the journal is damaged: it is no entry of settle"},
		"record without an event": {func(log []*entry) []*entry {
			log[2] = &entry{Kind: Record}
			return log
		}, "entry 3: the journal is damaged: it is no entry of record"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			rewrite(t, path, test.change)
			requireDamaged(t, verdict(path), test.want)
		})
	}
}

// Ensure that the forger of these tests can write a log that is right, so that what
// is found is the forgery and not the forger.
func TestRewrittenUnchanged(t *testing.T) {
	path := filled(t)
	rewrite(t, path, func(log []*entry) []*entry { return log })
	require.NoError(t, verdict(path))
}

// Ensure that reading stops at an entry that is not there or not readable.
func TestEntriesOfDamagedLog(t *testing.T) {
	read := func(path string) error {
		return open(t, path).Entries(1, func(Entry) error { return nil })
	}
	path := filled(t)
	edit(t, path, func(b buckets) { require.NoError(t, b.log.Delete(logKey(3))) })
	requireDamaged(t, read(path), "entry 3 is missing")

	path = filled(t)
	edit(t, path, func(b buckets) { require.NoError(t, b.log.Put(logKey(3), make([]byte, 40))) })
	requireDamaged(t, read(path), "entry 3: the journal is damaged: its bytes are no entry")
}

// Ensure that a journal in which a bucket is missing is damaged, and that nothing is
// written to one that loses its bucket.
func TestBucketMissing(t *testing.T) {
	for _, name := range [][]byte{logBucket, openBucket, headBucket} {
		path := filled(t)
		db, err := bbolt.Open(path, 0, options())
		require.NoError(t, err)
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket(name) }))
		require.NoError(t, db.Close())
		requireDamaged(t, verdict(path), "a part of it is missing")

		path = filled(t)
		j := open(t, path)
		require.NoError(t, j.db.db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket(name) }))
		requireDamaged(t, j.Verify(nil), "a part of it is missing")
		requireDamaged(t, j.Begin(tap(6, 1)), "a part of it is missing")
		requireDamaged(t, j.Begin(tap(6, 1)), "it met a fault before and was given up")
		require.NoError(t, j.Close())
	}
}

// Ensure that entries of a later program, with keys that this one does not know, are
// read and verified, and that they stay as they are.
func TestLaterKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	raw, err := encMode.Marshal(map[int]any{
		1:    Intent,
		2:    map[int]any{1: testDevice, 2: 1, 13: card(1), 1000: []string{"new"}},
		1001: map[string]int{"new": 1},
	})
	require.NoError(t, err)
	edit(t, path, func(b buckets) {
		_, _, e, err := parse(append(make([]byte, 32), raw...))
		require.NoError(t, err)
		next, value := newHead(testDevice).with(e, raw, nil)
		require.NoError(t, b.put(next, e, value))
	})
	j := open(t, path)
	require.NoError(t, j.Verify(nil))
	require.Equal(t, card(1), entries(t, j)[0].Event.Card)
	require.Len(t, j.Pending(card(1)), 1)
	require.NoError(t, j.Record(tap(2, 1)))
	ghost(t, j, func() error { return j.Settle(id(1), testReceipt) })
	require.NoError(t, j.Record(tap(3, 1)))
	require.NoError(t, j.Verify(nil))
	require.NoError(t, j.Settle(id(1), testReceipt))
	require.NoError(t, j.Verify(nil))
}

// Ensure that a later format is told apart from damage, and nothing is done to it.
func TestLaterFormat(t *testing.T) {
	path := filled(t)
	edit(t, path, func(b buckets) { forgeHead(t, b, func(h *head) { h.Format++ }) })
	err := verdict(path)
	require.NotErrorIs(t, err, ErrDamaged)
	require.EqualError(t, err, "journal "+path+": opening: it was written by a newer program, "+
		"in format 3: update this program")
}
