// Package feed opens public timetable feeds, as a zip file or as a folder.
package feed

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	gopath "path"
	"strings"

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
	inner, err := within(z)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the feed %s: %w", path, err), z.Close())
	}
	return inner, z, nil
}

// within is the folder of a zip that has the feed: people zip a folder as often as what is
// in it.
func within(z fs.FS) (fs.FS, error) {
	if _, err := fs.Stat(z, stopsFile); err == nil {
		return z, nil
	}
	found, _ := fs.Glob(z, "*/"+stopsFile)
	deeper, _ := fs.Glob(z, "*/*/"+stopsFile)
	switch found = append(found, deeper...); len(found) {
	case 0:
		return z, nil // whoever reads it says that it is not there
	case 1:
		return fs.Sub(z, gopath.Dir(found[0]))
	}
	return nil, fmt.Errorf("it holds several: %s: want one of them", strings.Join(found, ", "))
}

// stopsFile is what every feed has (GTFS reference).
const stopsFile = "stops.txt"

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
