package shelf

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leima/blocklist/bundle"
)

const (
	bundleSuffix  = ".bundle"
	refusedFolder = "refused"
	keptRefused   = 4 // bundles
)

// An Arrival is what became of one bundle.
type Arrival struct {
	Name string
	Err  error // nil when its list is in use
}

// Scan takes the bundles out of a folder, the lower versions first. One that was refused
// goes to its folder "refused"; one that could not be taken for another reason, such as
// a full disk, stays for the next time. A folder that is not there is empty.
func (s *Shelf) Scan(inbox string, now time.Time, when Exchange) (all []Arrival) {
	for _, name := range waiting(inbox) {
		path := filepath.Join(inbox, name)
		err := s.Apply(path, now, when)
		all = append(all, Arrival{name, err})
		switch {
		case err == nil, errors.Is(err, ErrReplay):
			_ = os.Remove(path) // if it stays, it is a replay next time
		case Refusal(err):
			s.refuse(inbox, name, now)
		}
	}
	return all
}

// waiting are the bundles of a folder in the order in which one may lead to the other: a
// full list before the deltas for it.
func waiting(inbox string) (names []string) {
	entries, _ := os.ReadDir(inbox)
	manifests := map[string]bundle.Manifest{}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, bundleSuffix) && entry.Type().IsRegular() {
			manifests[name] = peek(filepath.Join(inbox, name))
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(manifests[a].Version, manifests[b].Version),
			cmp.Compare(manifests[a].Base, manifests[b].Base))
	})
	return names
}

// peek is what a bundle says of itself; zero if it says nothing.
func peek(path string) bundle.Manifest {
	file, err := os.Open(path)
	if err != nil {
		return bundle.Manifest{}
	}
	defer file.Close()
	m, _ := bundle.Peek(file) // Apply will say what is wrong
	return m
}

// refuse puts a bundle aside. The last few are kept, but none that is so large that it
// could fill the disk.
func (s *Shelf) refuse(inbox, name string, now time.Time) {
	path, aside := filepath.Join(inbox, name), filepath.Join(inbox, refusedFolder)
	info, err := os.Stat(path)
	if err == nil && info.Size() <= s.rules.Largest+step {
		err = errors.Join(os.MkdirAll(aside, 0o755), os.Chtimes(path, now, now),
			os.Rename(path, filepath.Join(aside, name)))
	}
	if err != nil || info.Size() > s.rules.Largest+step {
		_ = os.Remove(path) // or it would be refused for ever
	}
	keepLast(aside)
}

// keepLast removes all but the last files of a folder.
func keepLast(folder string) {
	var files []fs.FileInfo
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, file := range files[min(len(files), keptRefused):] {
		_ = os.Remove(filepath.Join(folder, file.Name()))
	}
}
