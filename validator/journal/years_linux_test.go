package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// Ensure that on a disk that takes its time nothing is lost and nothing changes places,
// while others read, export, acknowledge and ask.
func TestSlowDisk(t *testing.T) {
	j := openSmall(t, created(t))
	slow := func() { time.Sleep(300 * time.Microsecond) }
	watch(j, func(int64, []byte) { slow() })
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
	require.Greater(t, j.Extent().First, uint64(1))
	require.Equal(t, id(251), j.Next())
	require.NoError(t, j.Verify(nil))
}

// Ensure that a commit that is slow can be cut at any of its writes: what the disk has
// meanwhile is what was before, and nobody is told otherwise.
func TestSlowDiskCut(t *testing.T) {
	path := filepath.Join(memory(t), "journal")
	require.NoError(t, Create(path, testDevice))
	j := openSmall(t, path)
	settled(t, j, 3)
	was := stateOf(t, j)
	var meanwhile [][]byte
	watch(j, func(int64, []byte) { meanwhile = append(meanwhile, diskOf(t, path).database) })
	require.NoError(t, j.Begin(tap(4, 1)))
	require.GreaterOrEqual(t, len(meanwhile), 2)
	for _, raw := range meanwhile {
		require.Equal(t, was, recovered(t, raw))
	}
}

// older makes a journal as the first program wrote it: format 1, and all in one file.
func older(t *testing.T, fill func(*Journal)) (path string) {
	path = filepath.Join(memory(t), "journal")
	require.NoError(t, Create(path, testDevice))
	all := small
	all.segment = 1 << 30
	all.Size = 1 << 30
	j, err := OpenWithin(path, all)
	require.NoError(t, err)
	j.db.db.NoSync = true
	fill(j)
	require.NoError(t, j.Close())
	edit(t, path, func(b buckets) { forgeHead(t, b, func(h *head) { h.Format = 1 }) })
	db, err := bbolt.Open(path, 0, options())
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error { return tx.DeleteBucket(oldBucket) }))
	require.NoError(t, db.Close())
	return path
}

// Ensure that a journal of the first format is read, verified and gone on with, and that
// what is old in it is put aside little by little.
func TestFirstFormat(t *testing.T) {
	path := older(t, func(j *Journal) { settled(t, j, 60) })
	require.NoError(t, verdict(path))
	j := openSmall(t, path)
	before := entries(t, j)
	require.Len(t, before, 120)
	settled(t, j, 20)
	require.Greater(t, len(j.archives), 5)
	require.Less(t, j.logSize, 2*j.limits.segment)
	require.Equal(t, before, entries(t, j)[:120])
	require.NoError(t, j.Close())
	require.NoError(t, verdict(path))
}

// swollen is a database of some 5 MiB that is mostly unused.
func swollen(t *testing.T) (path string) {
	path = older(t, func(j *Journal) {
		for n := uint32(1); n <= 2500; n++ {
			event := tap(n, 1)
			event.Fault = strings.Repeat("x", 2000)
			require.NoError(t, j.Record(event))
		}
	})
	limits := Limits{Size: 16 << 20}
	j, err := OpenWithin(path, limits)
	require.NoError(t, err)
	j.db.db.NoSync = true
	for j.logSize > j.limits.segment {
		require.NoError(t, j.archive())
	}
	require.NoError(t, j.Begin(tap(j.Next().Sequence, 1)))
	require.NoError(t, j.Close())
	return path
}

// Ensure that a database which is mostly unused is written anew when it is opened, that
// it says the same afterwards, and that one that is only read stays as it is.
func TestCompacts(t *testing.T) {
	path := swollen(t)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Greater(t, len(before), 4<<20)
	read, err := OpenToRead(path)
	require.NoError(t, err)
	want := stateOf(t, read)
	require.NoError(t, read.Close())
	same, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, same))

	j := open(t, path)
	require.Equal(t, want, stateOf(t, j))
	require.NoError(t, j.Verify(nil))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(1<<20))
	require.NoFileExists(t, path+".new")
	require.NoError(t, j.Record(tap(j.Next().Sequence, 2)))
	require.NoError(t, reopen(t, j).Verify(nil))
}

// Ensure that power may be lost at any time while a database is written anew: the draft
// does not count, whatever is in it.
func TestCompactsThroughPowerCuts(t *testing.T) {
	path := swollen(t)
	before := diskOf(t, path)
	want := stateOf(t, open(t, path))
	compacted, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, draft := range [][]byte{nil, {}, compacted[:100], compacted[:3*pageSize],
		compacted[:len(compacted)/2], bytes.Repeat([]byte{0xFF}, 9*pageSize), compacted} {
		copied := filepath.Join(memory(t), "journal")
		before.restore(t, copied)
		require.NoError(t, os.WriteFile(copied+".new", draft, 0o600))
		require.Equal(t, want, stateOf(t, open(t, copied)))
		require.NoFileExists(t, copied+".new")
	}
}

// Ensure that where a database cannot be written anew, it is used as it is.
func TestCompactsNot(t *testing.T) {
	path := swollen(t)
	require.NoError(t, os.MkdirAll(filepath.Join(path+".new", "full"), 0o700))
	j := open(t, path)
	require.NoError(t, j.Verify(nil))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(4<<20))
}

// Ensure that whoever waited for the lock while another program wrote the database anew
// does not go on in the file that is no more.
func TestCompactedMeanwhile(t *testing.T) {
	path := created(t)
	d, err := mount(path, false)
	require.NoError(t, err)
	require.True(t, d.standsAt(path))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".other", raw, 0o600))
	require.NoError(t, os.Rename(path+".other", path))
	require.False(t, d.standsAt(path))
	require.NoError(t, d.close())
}

// Ensure that files of pruned archives that were left behind are swept, and that no
// other file is.
func TestSweeps(t *testing.T) {
	j := openSmall(t, created(t))
	settled(t, j, 40)
	kept, err := os.ReadFile(j.archives[0].file(j.path))
	require.NoError(t, err)
	place := j.archives[0].file(j.path)
	for j.Extent().First == 1 {
		settled(t, j, 20)
		require.NoError(t, j.Acknowledge(j.Extent().Last))
	}
	require.NoFileExists(t, place)
	require.NoError(t, os.WriteFile(place, kept, 0o600))
	foreign := filepath.Join(folder(j.path), "notes")
	unknown := archive{First: j.Extent().Last + 5}.file(j.path)
	for _, name := range []string{foreign, unknown} {
		require.NoError(t, os.WriteFile(name, kept, 0o600))
	}
	require.NoError(t, j.Close())
	j = openSmall(t, j.path)
	require.NoFileExists(t, place)
	require.FileExists(t, foreign)
	require.FileExists(t, unknown)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a journal that was opened to be read changes nothing, that several may
// read it, and that it is told when another has it.
func TestOpenToRead(t *testing.T) {
	j := openSmall(t, created(t))
	settled(t, j, 40)
	want := stateOf(t, j)
	_, err := OpenToRead(j.path)
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, j.Close())
	before := diskOf(t, j.path)
	first, err := OpenToRead(j.path)
	require.NoError(t, err)
	second, err := OpenToRead(j.path)
	require.NoError(t, err)
	require.Equal(t, want, stateOf(t, first))
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
	require.Equal(t, before, diskOf(t, j.path))
}
