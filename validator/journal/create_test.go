package journal

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that a journal is never overwritten, nor anything else at its path.
func TestCreateOverNothing(t *testing.T) {
	t.Parallel()
	path := filled(t)
	before := filesIn(t, path)
	require.EqualError(t, Create(path, testDevice), "journal "+path+": creating: there is a "+
		"journal already: it holds the record of taps and is never overwritten: open it, or "+
		"move it away and keep it")
	require.Equal(t, before, filesIn(t, path))

	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	require.ErrorIs(t, Create(empty, testDevice), errExists)
	dangling := filepath.Join(t.TempDir(), "dangling")
	require.NoError(t, os.Symlink("nowhere", dangling))
	require.ErrorIs(t, Create(dangling, testDevice), errExists)
}

// Ensure that a journal is made at once or not at all, also where an earlier attempt
// was cut off, and that nothing is left beside it.
func TestCreateDrafts(t *testing.T) {
	t.Parallel()
	path := created(t)
	folder, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, folder, 1)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), info.Mode().Perm(), "it holds card numbers")
	info, err = os.Stat(segmentFile(path, 1))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())

	path = filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.WriteFile(path+".new", []byte("half a draft"), 0o600))
	require.NoError(t, Create(path, testDevice))
	require.NoFileExists(t, path+".new")
	require.NoError(t, verdict(path))
}

// Ensure that where nothing can be made, it is said why and what to do.
func TestCreateNowhere(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	below := filepath.Join(file, "journal")
	require.EqualError(t, Create(below, testDevice), "journal "+below+": creating: not a "+
		"directory: nothing can be recorded there: mount the device's disk; a new device is "+
		"commissioned first")
	missing := filepath.Join(t.TempDir(), "missing", "journal")
	require.ErrorContains(t, Create(missing, testDevice), "mount the device's disk")
	require.ErrorContains(t, Create(missing, 0), "the device has no number: want 1 to 65535")

	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.Mkdir(path+".new", 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(path+".new", "half"), nil, 0o600))
	require.NoError(t, Create(path, testDevice))
	require.NoError(t, verdict(path))
	require.Len(t, filesIn(t, path), 1)

	former := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.WriteFile(former+".former", nil, 0o600))
	require.ErrorIs(t, Create(former, testDevice), errExists, "it is about to be taken over")
}

// Ensure that journals of two devices begin with different hashes, so that no entry
// of one can be passed off as the other's.
func TestDevicesDiffer(t *testing.T) {
	t.Parallel()
	require.NotEqual(t, newHead(1).Hash, newHead(2).Hash)
}

// Ensure that opening never makes a journal.
func TestOpenMissing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	_, err := Open(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualError(t, err, "journal "+path+": opening: no such file or directory: nothing "+
		"can be recorded there: mount the device's disk; a new device is commissioned first")
	require.NoFileExists(t, path)
}

// Ensure that a second program is told that it is the second, and does no harm.
func TestOpenTwice(t *testing.T) {
	t.Parallel()
	path := created(t)
	j := open(t, path)
	fill(t, j)
	_, err := Open(path)
	require.ErrorIs(t, err, ErrInUse)
	require.EqualError(t, err, "journal "+path+": opening: another validator uses it: stop that "+
		"program, or ask it: only one may have the journal open")
	require.NoError(t, j.Record(tap(6, 1)))
}

// Ensure that each cause of an error comes with what to do.
func TestAdvice(t *testing.T) {
	t.Parallel()
	for want, causes := range map[string][]error{
		"free some of it":                       {syscall.ENOSPC, syscall.EDQUOT},
		"make the file and its folder writable": {syscall.EROFS, syscall.EACCES, syscall.EPERM},
		"mount the device's disk":               {syscall.ENOENT, syscall.ENOTDIR},
		"open it again":                         {errClosed},
		"call for service if it stays":          {syscall.EIO},
	} {
		for _, cause := range causes {
			err := explain("/j", "opening", &fs.PathError{Op: "open", Path: "/j", Err: cause})
			require.ErrorIs(t, err, cause)
			require.ErrorContains(t, err, "journal /j: opening: "+cause.Error()+": ")
			require.ErrorContains(t, err, want)
		}
	}
	require.NoError(t, explain("/j", "opening", nil))
}

// Ensure that a folder whose name is a pattern is a folder like any other, and that no other's
// draft is removed for it.
func TestFolderNamedAsAPattern(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	other := filepath.Join(folder, "bus1", "journal.new", "00000000000000000001")
	require.NoError(t, os.MkdirAll(filepath.Dir(other), 0o700))
	require.NoError(t, os.WriteFile(other, nil, 0o600))
	for _, name := range []string{"bus[1", "bus[12]"} {
		path := filepath.Join(folder, name, "journal")
		stale := filepath.Join(path+".new", "00000000000000000999")
		require.NoError(t, os.MkdirAll(filepath.Dir(stale), 0o700))
		require.NoError(t, os.WriteFile(stale, nil, 0o600))
		require.NoError(t, Create(path, testDevice))
		require.Len(t, filesIn(t, path), 1)
	}
	require.FileExists(t, other)
}
