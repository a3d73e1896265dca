package feed

import (
	"archive/zip"
	"os"
	"path/filepath"
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

	_, _, err = Stops("nowhere")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = Stops("feed.go")
	require.ErrorContains(t, err, "want a folder or a zip file")
	_, _, err = Stops(t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}
