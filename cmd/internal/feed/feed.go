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

	"leima/cmd/internal/text"
	"leima/validator/gtfs"
)

// Open opens a feed. The caller closes it.
func Open(path string) (feed fs.FS, closer io.Closer, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("the feed %s cannot be read: %w: %s", path, text.Cause(err),
			text.Remedy(err))
	}
	if info.IsDir() {
		return os.DirFS(path), io.NopCloser(nil), nil
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, fmt.Errorf("the feed %s is no zip file, or a damaged one: want a folder "+
			"or a zip file", path)
	}
	inner, err := within(z)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the feed %s: %w", path, err), z.Close())
	}
	return inner, z, nil
}

// within is the folder of the feed in a zip: some feeds are zipped with their folder.
func within(z fs.FS) (fs.FS, error) {
	if _, err := fs.Stat(z, stopsFile); err == nil {
		return z, nil
	}
	found, _ := fs.Glob(z, "*/"+stopsFile)
	deeper, _ := fs.Glob(z, "*/*/"+stopsFile)
	switch found = append(found, deeper...); len(found) {
	case 0:
		return z, nil // the reader of the feed reports that it is missing
	case 1:
		return fs.Sub(z, gopath.Dir(found[0]))
	}
	return nil, fmt.Errorf("it holds several: %s: want one of them", strings.Join(found, ", "))
}

// stopsFile is a file of every feed (GTFS reference).
const stopsFile = "stops.txt"

// Stops reads the stops of a feed, with warnings.
func Stops(path string) (*gtfs.Stops, []gtfs.LineError, error) {
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
