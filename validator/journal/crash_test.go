package journal

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

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
		func() error { return j.Settle(id(5), desfire.TMAC{}) },
		func() error { return j.Record(tap(6, 0)) },
		func() error { return j.Settle(id(4), testReceipt) },
	}
}

// Ensure that after each operation and its flush the disk holds its outcome: a copy of the files is
// what a power cut at that moment would leave.
func TestPowerCutAfterEach(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	for n, operate := range story(j) {
		require.NoError(t, operate())
		require.NoError(t, j.Flush())
		files := filesIn(t, j.path)
		require.Equal(t, answersOf(t, j), recovered(t, files), "operation %d", n)
	}
}

// recovered are the answers of a journal that has these files. It is whole, and writing
// can go on.
func recovered(t *testing.T, files map[string][]byte) answers {
	path := filepath.Join(memory(t), "copy")
	put(t, path, files)
	j, err := Open(path)
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
	found := answersOf(t, j)
	require.NoError(t, j.Record(tap(j.Next().Sequence, 2)))
	require.NoError(t, j.Verify(nil))
	return found
}

// A watch notes what of a journal is durable, by what is flushed.
type watch struct {
	calls   int
	durable uint64 // position of the last entry
}

func watched(j *Journal) *watch {
	w, flush := &watch{durable: j.Position}, j.flush
	j.flush = func(file *os.File) error {
		w.calls++
		if err := flush(file); err != nil {
			return err
		}
		w.durable = j.Position // the caller that flushes holds the lock
		return nil
	}
	return w
}

// Ensure that nothing is told to be kept before it was flushed: an intent, once Flush returns; a
// record, and the end of a driver's load, when they return. A copy of the file would not show it:
// what the system has not yet written can be read all the same.
func TestFlushes(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	w := watched(j)
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Flush())
	require.Equal(t, watch{1, 1}, *w)
	require.NoError(t, j.Flush())
	require.Equal(t, watch{1, 1}, *w, "it is flushed")
	require.NoError(t, j.Record(tap(2, 1)))
	require.Equal(t, watch{2, 2}, *w)
	require.NoError(t, j.Begin(paidLoad(3, "A", 0)))
	require.NoError(t, j.Settle(id(3), testReceipt))
	require.Equal(t, watch{4, 4}, *w)
	require.NoError(t, j.Begin(paidLoad(4, "B", 0)))
	require.NoError(t, j.Void(id(4)))
	require.Equal(t, watch{6, 6}, *w)
	require.NoError(t, j.Acknowledge(6))
	require.Equal(t, watch{7, 6}, *w)
}

// Ensure that the end of a boarding does not wait for the disk, and is durable with the next entry,
// with whatever asks what is durable, a second later, or with closing.
func TestSettleLags(t *testing.T) {
	t.Parallel()
	for name, flush := range map[string]func(*testing.T, *Journal){
		"the next intent": func(t *testing.T, j *Journal) {
			require.NoError(t, j.Begin(tap(2, 1)))
			require.NoError(t, j.Flush())
		},
		"a record": func(t *testing.T, j *Journal) { require.NoError(t, j.Record(tap(2, 1))) },
		"an extent": func(t *testing.T, j *Journal) {
			require.EqualValues(t, 2, j.Extent().Last)
		},
		"an export": func(t *testing.T, j *Journal) {
			require.NoError(t, j.Export(0, func(uint64, []byte) error { return nil }))
		},
		"an acknowledgement": func(t *testing.T, j *Journal) { require.NoError(t, j.Acknowledge(2)) },
		"a signature":        func(t *testing.T, j *Journal) { require.NoError(t, j.SignWith(deviceKey)) },
		"a second":           func(_ *testing.T, j *Journal) { j.late() },
		"closing":            func(t *testing.T, j *Journal) { require.NoError(t, j.Close()) },
	} {
		j := open(t, created(t))
		require.NoError(t, j.Begin(tap(1, 1)))
		require.NoError(t, j.Flush())
		w := watched(j)
		require.NoError(t, j.Settle(id(1), testReceipt))
		require.NotNil(t, j.timer, name)
		require.Equal(t, watch{0, 1}, *w, name)
		flush(t, j)
		require.GreaterOrEqual(t, w.durable, uint64(2), name)
	}
}

// Ensure that a head is signed of what is flushed alone.
func TestSignsWhatIsFlushed(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.SignWith(deviceKey))
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Settle(id(1), testReceipt))
	failing(j, 1)
	for _, want := range []uint64{0, 1} {
		h, ok, err := j.SignedHead()
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, want, h.Position)
	}
	require.ErrorIs(t, j.Settle(id(1), testReceipt), errWorn)
	require.NoError(t, j.Settle(id(1), testReceipt))
}

// Ensure that what nobody waits for is durable after a second.
func TestDurableWithinASecond(t *testing.T) {
	path := created(t)
	synctest.Test(t, func(t *testing.T) {
		j, err := Open(path)
		require.NoError(t, err)
		require.NoError(t, j.Begin(tap(1, 1)))
		require.NoError(t, j.Flush())
		w := watched(j)
		durable := func() uint64 {
			synctest.Wait()
			j.using.Lock()
			defer j.using.Unlock()
			return w.durable
		}
		require.NoError(t, j.Settle(id(1), testReceipt))
		require.EqualValues(t, 1, durable())
		time.Sleep(time.Second)
		require.EqualValues(t, 2, durable())
		require.NoError(t, j.Close())
	})
}
