package feed

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that a feed is read alike from a folder and from a zip file, and that what is
// neither is told.
func TestStops(t *testing.T) {
	const folder = "../../../testdata/gtfs"
	from, _, err := Stops(folder)
	require.NoError(t, err)
	stop, known := from.Lookup("200")
	require.True(t, known)
	require.EqualValues(t, 2, stop.Zone)

	path := filepath.Join(t.TempDir(), "feed.zip")
	file, err := os.Create(path)
	require.NoError(t, err)
	z := zip.NewWriter(file)
	require.NoError(t, z.AddFS(os.DirFS(folder)))
	require.NoError(t, z.Close())
	require.NoError(t, file.Close())
	zipped, _, err := Stops(path)
	require.NoError(t, err)
	require.Equal(t, from, zipped)

	for name, folders := range map[string][]string{
		"nested.zip": {"feed", "__MACOSX/feed"},
		"deeper.zip": {"a/b"}, "several.zip": {"one", "two"},
	} {
		path := filepath.Join(t.TempDir(), name)
		file, err := os.Create(path)
		require.NoError(t, err)
		z := zip.NewWriter(file)
		for _, folder := range folders {
			stops := "/stops.txt"
			if folder == "__MACOSX/feed" {
				stops = "/._stops.txt" // beside each file that a Mac has zipped
			}
			w, err := z.Create(folder + stops)
			require.NoError(t, err)
			_, err = w.Write([]byte("stop_id,zone_id\n200,2\n"))
			require.NoError(t, err)
		}
		require.NoError(t, z.Close())
		require.NoError(t, file.Close())
		found, _, err := Stops(path)
		if name == "several.zip" {
			require.ErrorContains(t, err, "one/stops.txt, two/stops.txt")
			continue
		}
		require.NoError(t, err, name)
		stop, _ := found.Lookup("200")
		require.EqualValues(t, 2, stop.Zone)
	}

	_, _, err = Stops("nowhere")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = Stops("feed.go")
	require.ErrorContains(t, err, "want a folder or a zip file")
	_, _, err = Stops(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Ensure that a zip file that is damaged anywhere, or packed as we cannot read it, is told in our
// words, with what to do.
func TestDamagedZip(t *testing.T) {
	var whole bytes.Buffer
	z := zip.NewWriter(&whole)
	require.NoError(t, z.AddFS(os.DirFS("../../../testdata/gtfs")))
	require.NoError(t, z.Close())
	path, damaged := filepath.Join(t.TempDir(), "feed"), 0
	for at := range whole.Len() {
		raw := bytes.Clone(whole.Bytes())
		raw[at] ^= 0x49
		require.NoError(t, os.WriteFile(path, raw, 0o600))
		_, _, err := Stops(path)
		if err == nil {
			continue
		}
		require.ErrorContains(t, err, path)
		for _, inside := range []string{"flate", "zip: ", "EOF", "corrupt", "unsupported", "fs."} {
			require.NotContains(t, err.Error(), inside, "%d", at)
		}
		if strings.Contains(err.Error(), "fetch it again") {
			damaged++
		}
	}
	require.NotZero(t, damaged)
}
