// Package feed opens public timetable feeds, as a zip file or as a folder.
package feed

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"

	"leima/validator/gtfs"
)

// Open opens a feed. Whoever opened it closes it.
func Open(path string) (feed fs.FS, closer io.Closer, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the feed: %w", err)
	}
	if info.IsDir() {
		return os.DirFS(path), io.NopCloser(nil), nil
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the feed %s: %w: want a folder or a zip file",
			path, err)
	}
	return z, z, nil
}

// Stops reads the stops of a feed and what is to be warned of.
func Stops(path string) (*gtfs.Stops, []gtfs.Fault, error) {
	feed, closer, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer closer.Close()
	stops, warnings, err := gtfs.ReadStops(feed)
	if err != nil {
		return nil, warnings, fmt.Errorf("reading the feed %s: %w", path, err)
	}
	return stops, warnings, nil
}
