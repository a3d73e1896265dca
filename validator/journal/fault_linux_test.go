package journal

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator"
)

var errWorn = errors.New("the flash is worn out")

// failing has the next flushes of a journal fail, although the disk has what was written.
func failing(j *Journal, times int) {
	flush := j.flush
	j.flush = func(file *os.File) error {
		if times--; times >= 0 {
			return errWorn
		}
		return flush(file)
	}
}

// swap puts another file in the place of the newest segment, and returns what puts it back.
func swap(t testing.TB, j *Journal, name string, flags int) (restore func()) {
	other, err := os.OpenFile(name, flags, 0)
	require.NoError(t, err)
	fd := int(j.newest.Fd())
	keep, err := syscall.Dup(fd)
	require.NoError(t, err)
	require.NoError(t, syscall.Dup3(int(other.Fd()), fd, syscall.O_CLOEXEC))
	return func() {
		require.NoError(t, syscall.Dup3(keep, fd, syscall.O_CLOEXEC))
		require.NoError(t, syscall.Close(keep))
		require.NoError(t, other.Close())
	}
}

// full is a disk that is full, until it is restored.
func full(t testing.TB, j *Journal) (restore func()) {
	return swap(t, j, "/dev/full", os.O_RDWR)
}

// Ensure that while a disk refuses to write, every call fails and changes nothing,
// and that all goes on once the disk does.
func TestDiskRefuses(t *testing.T) {
	t.Parallel()
	for _, readOnly := range []bool{false, true} {
		j := open(t, created(t))
		for _, operate := range story(j) {
			require.NoError(t, j.Flush())
			before, want := answersOf(t, j), syscall.ENOSPC
			var restore func()
			if readOnly {
				want = syscall.EBADF
				name, _ := newestOf(t, j.path)
				restore = swap(t, j, name, os.O_RDONLY)
			} else {
				restore = full(t, j)
			}
			require.ErrorIs(t, operate(), want)
			for range 2 {
				require.Error(t, operate())
			}
			restore()
			require.Equal(t, before, answersOf(t, j))
			require.NoError(t, operate())
		}
		require.Equal(t, answersOf(t, j), answersOf(t, reopen(t, j)))
	}
}

// Ensure that where a flush fails nothing is remembered of what it should have kept, although the
// file may have it; that its numbers are given again; and that the next entry takes its place.
func TestFlushFails(t *testing.T) {
	t.Parallel()
	for _, sealed := range []bool{false, true} {
		for n := range story(&Journal{}) {
			j := open(t, created(t))
			if sealed {
				sealing(t, j)
			}
			for _, operate := range story(j)[:n] {
				require.NoError(t, operate())
			}
			require.NoError(t, j.Flush())
			before := answersOf(t, j)
			failing(j, 1)
			require.ErrorIs(t, errors.Join(story(j)[n](), j.Flush()), errWorn, "operation %d", n)
			require.Equal(t, before, answersOf(t, j))
			require.NoError(t, j.Verify(nil), "the file is whole meanwhile")
			for _, operate := range story(j)[n:] {
				require.NoError(t, operate())
			}
			require.NoError(t, j.Verify(nil))
			after := answersOf(t, j)
			require.Equal(t, after, answersOf(t, reopen(t, j)))
		}
	}
}

// Ensure that the flush of an end that nobody waits for, if it fails, opens the intent again; that
// the next call of a tap has its error, whichever that is, and does nothing; and that reading,
// acknowledging and asking in between neither see the end nor take the error away.
func TestLateFlushFails(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(j *Journal) error{
		"begin":  func(j *Journal) error { return j.Begin(tap(2, 2)) },
		"record": func(j *Journal) error { return j.Record(tap(2, 2)) },
		"settle": func(j *Journal) error { return j.Settle(id(1), testReceipt) },
		"void":   func(j *Journal) error { return j.Void(id(1)) },
		"flush":  (*Journal).Flush,
	} {
		j := open(t, created(t))
		require.NoError(t, j.Begin(tap(1, 1)))
		require.NoError(t, j.Flush())
		require.NoError(t, j.Settle(id(1), testReceipt))
		require.Empty(t, j.Pending(card(1)), "the same card pays anew meanwhile")
		failing(j, 1)
		j.late()
		require.Len(t, j.Pending(card(1)), 1)
		require.EqualValues(t, 1, j.Extent().Last)
		require.Error(t, j.Acknowledge(2))
		require.NoError(t, j.Acknowledge(1))
		require.Len(t, entries(t, j), 1)
		require.ErrorIs(t, next(j), errWorn, name)
		require.EqualValues(t, 1, j.Extent().Last)
		require.NoError(t, j.Settle(id(1), testReceipt), "it is said once")
		require.NoError(t, j.Verify(nil))
	}
}

// Ensure that nothing is acknowledged where what was written before cannot be flushed.
func TestAcknowledgesWhatIsFlushed(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Settle(id(1), testReceipt))
	failing(j, 1)
	require.ErrorIs(t, j.Acknowledge(1), errWorn)
	require.Zero(t, j.Extent().Acknowledged)
	require.NoError(t, j.Acknowledge(1))
}

// Ensure that a full disk is told in words, with the card's short number only.
func TestDiskFullSaid(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	fill(t, j)
	require.NoError(t, j.Flush())
	restore := full(t, j)
	err := j.Settle(id(4), testReceipt)
	restore()
	require.EqualError(t, err, "journal "+j.path+": keeping settle of event 4, card …0012: "+
		"no space left on device: the disk is full, so no tap can be recorded: free some of it, "+
		"then try again")
}

// Ensure that a closed journal refuses every call and changes nothing.
func TestClosed(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	fill(t, j)
	before := answersOf(t, j)
	require.NoError(t, j.Close())
	require.NoError(t, j.Close(), "closing twice does no harm")
	j.late() // of an entry that was flushed by closing
	nothing := func(Entry) error { return nil }
	for _, err := range []error{
		j.Begin(tap(6, 1)), j.Record(tap(6, 1)), j.Settle(id(4), testReceipt), j.Void(id(4)),
		j.Flush(), j.Verify(nil), j.Entries(1, nothing), j.Acknowledge(1),
	} {
		require.ErrorIs(t, err, errClosed)
		require.ErrorContains(t, err, "no tap can be recorded: open it again")
	}
	require.Equal(t, before.Next, j.Next())
	require.Equal(t, []validator.Event{tap(4, 1), tap(5, 1)}, j.Pending(card(1)))
	require.Equal(t, before, answersOf(t, open(t, j.path)))
}

// Ensure that a journal whose newest segment is lost while it fails does nothing more, and says
// why.
func TestNothingToGoBackTo(t *testing.T) {
	t.Parallel()
	j := open(t, filled(t))
	name, _ := newestOf(t, j.path)
	require.NoError(t, os.Truncate(name, 100))
	failing(j, 1)
	require.ErrorIs(t, j.Record(tap(6, 1)), errWorn)
	for range 2 {
		requireDamaged(t, j.Record(tap(6, 1)), "its newest segment is cut off")
		require.ErrorIs(t, j.Begin(tap(6, 1)), ErrDamaged)
		require.ErrorIs(t, j.Settle(id(4), testReceipt), ErrDamaged)
		require.ErrorIs(t, j.Acknowledge(7), ErrDamaged)
	}
	require.NoError(t, j.Close())
}

// Ensure that where what was flushed cannot be read again, nothing that was not flushed is
// exported, told or signed.
func TestNothingUnflushedIsShown(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.SignWith(deviceKey))
	name, _ := newestOf(t, j.path)
	require.NoError(t, os.Rename(name, name+"x"))
	failing(j, 1)
	require.ErrorIs(t, j.Record(tap(1, 1)), errWorn)
	require.NoError(t, os.Rename(name+"x", name))
	for range 2 {
		require.ErrorContains(t, j.Export(0, func(uint64, []byte) error { return nil }), "no such file")
		require.Error(t, j.Verify(nil))
		x := j.Extent()
		require.ErrorContains(t, x.Trouble, "no such file")
		require.Zero(t, x.Last)
		require.Error(t, j.Record(tap(1, 1)))
	}
	require.NoError(t, j.Close())
	require.Equal(t, []uint64{0}, positions(t, j.path))
}

// Ensure that what a failed flush has left is cut off, and the cut flushed, before the next record
// is written in its place: of two sectors the disk could hold one of each.
func TestRestIsCutFirst(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	failing(j, 1)
	require.Error(t, j.Record(tap(1, 1)))
	durable, sizes := j.flushed, []int64{}
	j.flush = func(file *os.File) error {
		info, err := file.Stat()
		sizes = append(sizes, info.Size())
		return err
	}
	require.NoError(t, j.Record(tap(1, 2)))
	require.Equal(t, []int64{durable, j.end}, sizes)
}

// Ensure that a disk which refuses an entry in doubt fails the tap: the end of a boarding that
// nobody has waited for goes with it, and its intent is open again.
func TestDoubtIsRefused(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Begin(tap(2, 2)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Settle(id(2), testReceipt))
	event := tap(3, 2)
	event.At = testTime.Add(2 * small.Doubt)
	restore := full(t, j)
	j.using.Lock()
	err := j.expire(event)
	j.using.Unlock()
	require.ErrorIs(t, err, syscall.ENOSPC)
	restore()
	require.Len(t, j.Pending(card(2)), 1)
	require.NoError(t, j.Settle(id(2), testReceipt))
	require.NoError(t, j.Begin(event))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Verify(nil))
}
