package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that on a disk that takes its time nothing is lost and nothing changes places,
// while others read, export, acknowledge and ask.
func TestSlowDisk(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	slow := func() { time.Sleep(300 * time.Microsecond) }
	j.flush = func(*os.File) error { slow(); return nil }
	done := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() { // an uploader
		for after := uint64(0); ; {
			err := j.Export(after, func(position uint64, _ []byte) error {
				if position != after+1 {
					return fmt.Errorf("entry %d after %d", position, after)
				}
				after = position
				return nil
			})
			if err == nil {
				err = j.Acknowledge(after)
			}
			if err != nil {
				t.Error(err)
				return
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	others.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				j.Pending(card(1))
				j.Extent()
			}
		}
	})
	settled(t, j, 250)
	close(done)
	others.Wait()
	require.Equal(t, id(251), j.Next())
	for j.Extent().First == 1 { // the uploader was slower than the taps
		require.NoError(t, j.Acknowledge(j.Extent().Last))
		settled(t, j, 10)
	}
	idle(j)
	require.NoError(t, j.Verify(nil))
}

// Ensure that drafts of segments go at the opening, and the hashes of cards that a power cut has kept in the
// segment before the newest; and that no other file is touched.
func TestSweeps(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	sealing(t, j)
	require.NoError(t, j.Begin(passenger(1, 1)))
	require.NoError(t, j.Flush())
	name, raw := newestOf(t, j.path)
	require.Len(t, slotsIn(raw), 1)
	require.NoError(t, j.roll())
	require.NoError(t, j.Close())
	require.NoError(t, os.WriteFile(name, raw, 0o600))
	foreign, draft := filepath.Join(j.path, "notes"), filepath.Join(j.path, "00000000000000000003.new")
	for _, name := range []string{foreign, draft} {
		require.NoError(t, os.WriteFile(name, raw, 0o600))
	}
	j = openSmall(t, j.path)
	require.NoFileExists(t, draft)
	require.FileExists(t, foreign)
	files := filesIn(t, j.path)
	require.Empty(t, slotsIn(files[filepath.Base(name)]))
	require.Len(t, slotsIn(files["00000000000000000002"]), 1)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a journal that was opened to be read changes nothing, that several may
// read it, and that it is told when another has it.
func TestOpenToRead(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	settled(t, j, 40)
	want := answersOf(t, j)
	_, err := OpenToRead(j.path)
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, j.Close())
	before := filesIn(t, j.path)
	first, err := OpenToRead(j.path)
	require.NoError(t, err)
	second, err := OpenToRead(j.path)
	require.NoError(t, err)
	require.Equal(t, want, answersOf(t, first))
	require.NoError(t, second.Verify(nil))
	for _, err := range []error{
		first.Record(tap(41, 1)), first.Begin(tap(41, 1)), first.Acknowledge(5),
	} {
		require.ErrorContains(t, err, "it was opened only to be read")
	}
	_, err = Open(j.path)
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	require.Equal(t, before, filesIn(t, j.path))
}
