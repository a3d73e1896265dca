package journal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// formerJournal unpacks a journal of the former format, as the program of November 2026 has left
// it: with archives, signed heads, a load, what was pruned and acknowledged, and open intents of
// before and after cards were sealed, of which some are older than what is kept.
func formerJournal(t testing.TB) (path string) {
	folder := memory(t)
	require.NoError(t, exec.Command("tar", "-xzf", "testdata/former.tar.gz", "-C", folder).Run())
	return filepath.Join(folder, "journal")
}

// requireTakenOver sees all that the former journal has held.
func requireTakenOver(t testing.TB, j *Journal) {
	t.Helper()
	require.NoError(t, j.Verify(nil))
	x := j.Extent()
	require.Equal(t, []uint64{14, 52, 20}, []uint64{x.First, x.Last, x.Acknowledged})
	require.Equal(t, "561972ac2d22a4c289904f68ca642ab478af4de237e6e837a43ed70512c4a142",
		string(fmt.Appendf(nil, "%x", x.Hash)), "every entry is as it was")
	require.Equal(t, id(31), j.Next())
	require.Equal(t, entries(t, j)[37].Event.At, j.Timing().Last)
	require.Equal(t, 7, j.Unresolved())
	require.Len(t, entries(t, j), 39)
	by, open, used := j.Paid("SM-1")
	require.Equal(t, []any{id(4), false, true}, []any{by, open, used})
	upTo, err := j.VerifySigned(devicePub)
	require.NoError(t, err)
	require.EqualValues(t, 52, upTo)
	if j.refuses == nil {
		sealing(t, j)
		for n, want := range [][]uint32{{20}, {1, 5, 25}, {10}, {3, 15}} {
			var found []uint32
			for _, e := range j.Pending(card(n)) {
				found = append(found, e.ID.Sequence)
			}
			require.Equal(t, want, found)
		}
	}
}

// Ensure that a journal of the former format is read as it is, and taken over by the device with
// nothing lost; and that the device goes on with it.
func TestTakesOver(t *testing.T) {
	t.Parallel()
	path := formerJournal(t)
	before := folderOf(t, path)
	for range 2 {
		read, err := OpenToRead(path)
		require.NoError(t, err)
		requireTakenOver(t, read)
		place := read.place
		require.DirExists(t, place)
		require.NoError(t, read.Close())
		require.NoDirExists(t, place)
		require.Equal(t, before, folderOf(t, path))
	}
	for range 2 {
		j, err := OpenWithin(path, small)
		require.NoError(t, err)
		requireTakenOver(t, j)
		require.Greater(t, len(j.segments), 1)
		require.NoError(t, j.Close())
		for _, gone := range []string{".former", ".archive", ".new"} {
			require.NoFileExists(t, path+gone)
			require.NoDirExists(t, path+gone)
		}
	}
	j := open(t, path)
	sealing(t, j)
	require.NoError(t, j.Settle(id(3), testReceipt))
	require.NoError(t, j.Void(id(1)))
	require.NoError(t, j.Begin(passenger(31, 1)))
	j = reopen(t, j)
	require.Equal(t, 6, j.Unresolved())
	require.NoError(t, j.Verify(nil))
}

// Ensure that the power may be cut at any moment of the takeover: the next opening goes on from
// there, and no new journal is made meanwhile.
func TestTakeoverIsCut(t *testing.T) {
	t.Parallel()
	done := formerJournal(t)
	require.NoError(t, open(t, done).Close())
	files := filesIn(t, done)
	for name, cut := range map[string]func(path string){
		"a draft is begun": func(path string) {
			put(t, path+".new", map[string][]byte{"00000000000000000014.new": []byte("half")})
		},
		"a draft is there": func(path string) { put(t, path+".new", files) },
		"an old draft is there": func(path string) {
			put(t, path+".new", map[string][]byte{"00000000000000000999": []byte("other")})
		},
		"the old one has another name": func(path string) {
			put(t, path+".new", files)
			require.NoError(t, os.Rename(path, path+".former"))
		},
		"the new one has its name": func(path string) {
			require.NoError(t, os.Rename(path, path+".former"))
			put(t, path, files)
		},
		"the archives are gone": func(path string) {
			require.NoError(t, os.Rename(path, path+".former"))
			put(t, path, files)
			require.NoError(t, os.RemoveAll(path+".archive"))
		},
	} {
		path := formerJournal(t)
		cut(path)
		require.True(t, Exists(path), name)
		require.ErrorIs(t, Create(path, testDevice), errExists, name)
		j := open(t, path)
		requireTakenOver(t, j)
		require.NoError(t, j.Close())
		list, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, list, 2, name)
	}
}

// Ensure that a journal of the former format that is damaged is not taken over, and left as it is;
// or that nothing is lost of it.
func TestTakesNothingDamagedOver(t *testing.T) {
	t.Parallel()
	path := formerJournal(t)
	archive := filepath.Join(path+".archive", "00000000000000000028")
	found, step := 0, 499
	if testing.Short() {
		step = 2003
	}
	for _, name := range []string{path, archive} {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		for at := 0; at < len(raw); at += step {
			broken := bytes.Clone(raw)
			broken[at] ^= 1 << (at % 8)
			require.NoError(t, os.WriteFile(name, broken, 0o600))
			read, err := OpenToRead(path)
			if err != nil {
				requireDamaged(t, err, "opening")
				found++
				continue
			}
			x := read.Extent()
			require.NoError(t, read.Verify(nil))
			require.EqualValues(t, 14, x.First)
			require.GreaterOrEqual(t, x.Last, uint64(51), "the older meta counts at worst")
			require.True(t, x.Last == 52 || read.Loss() != nil, "%s at %d", name, at)
			require.NoError(t, read.Close())
		}
		require.NoError(t, os.WriteFile(name, raw, 0o600))
	}
	require.Positive(t, found)
	require.NoError(t, os.Remove(archive))
	before := folderOf(t, path)
	_, err := Open(path)
	requireDamaged(t, err, "taking over its former format")
	require.Equal(t, before, folderOf(t, path))
	require.NoDirExists(t, path+".new")
}

// Ensure that a takeover in which any one flush fails is an error, or has lost nothing.
func TestTakeoverFlushFails(t *testing.T) {
	t.Parallel()
	path := formerJournal(t)
	failed := 0
	for n := 0; ; n++ {
		place, calls := t.TempDir(), 0
		err := convert(path, place, small, func(*os.File) error {
			if calls++; calls == n+1 {
				return errWorn
			}
			return nil
		})
		if err != nil {
			failed++
			continue
		}
		j, err := openJournal(place, place, small, false, noFlush)
		require.NoError(t, err)
		require.EqualValues(t, 52, j.Position, "flush %d of %d", n, calls)
		require.NoError(t, j.Close())
		if calls <= n {
			break
		}
	}
	require.Greater(t, failed, 3)
}

// Ensure that a journal of the former format with a damaged meta page is taken over and kept, and
// that each opening says so until it is removed.
func TestTakesOverWithoutAMeta(t *testing.T) {
	t.Parallel()
	for page := range 2 {
		path := formerJournal(t)
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		raw[page*os.Getpagesize()+16+40] ^= 1
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		read, err := OpenToRead(path)
		require.NoError(t, err)
		require.ErrorIs(t, read.Loss(), errMeta)
		last := read.Extent().Last
		require.NoError(t, read.Close())
		for range 2 {
			j := open(t, path)
			require.Equal(t, last, j.Extent().Last)
			require.ErrorIs(t, j.Loss(), errMeta)
			require.ErrorContains(t, j.Loss(), "journal.former")
			require.ErrorContains(t, j.Loss(), "kept until a person removes it")
			require.NoError(t, j.Close())
		}
		kept, err := os.ReadFile(path + ".former")
		require.NoError(t, err)
		require.Equal(t, raw, kept)
		require.DirExists(t, path+".archive")
		require.NoError(t, os.Remove(path+".former"))
		require.NoError(t, open(t, path).Loss())
	}
}

// Ensure that a journal is read also between the two renames of its takeover.
func TestReadDuringATakeover(t *testing.T) {
	t.Parallel()
	path := formerJournal(t)
	require.NoError(t, os.Rename(path, path+".former"))
	read, err := OpenToRead(path)
	require.NoError(t, err)
	requireTakenOver(t, read)
	require.NoError(t, read.Close())
}

// Ensure that a journal of the former format to which a symbolic link leads is taken over in its
// place, and the link leads to the new one; also where the power was cut in between.
func TestTakesOverThroughALink(t *testing.T) {
	t.Parallel()
	for _, cut := range []bool{false, true} {
		path := formerJournal(t)
		link := filepath.Join(memory(t), "journal")
		require.NoError(t, os.Symlink(path, link))
		require.NoError(t, os.Link(path+".heads", link+".heads"))
		if cut {
			done := formerJournal(t)
			require.NoError(t, open(t, done).Close())
			put(t, path+".new", filesIn(t, done))
			require.NoError(t, os.Rename(path, path+".former"))
		}
		j := open(t, link)
		requireTakenOver(t, j)
		require.NoError(t, j.Close())
		require.DirExists(t, path)
		to, err := os.Readlink(link)
		require.NoError(t, err)
		require.Equal(t, path, to)
		require.NoDirExists(t, path+".archive")
	}
}
