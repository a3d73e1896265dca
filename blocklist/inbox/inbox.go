// Package inbox takes signed bundles out of the folder in which a device finds them, and
// gives each to whoever keeps the lists of its purpose.
//
// It neither verifies nor reads a list: a bundle that lies about its purpose is refused by
// whoever it is given to, who authenticates the purpose with it.
//
// What fills the folder must write under another name and rename to one that ends in
// .bundle. A bundle that was refused goes to its folder "refused", where the last few are
// kept.
//
// Its one rule: a bundle is tried again as long as another attempt may help, and never
// after it was taken or refused.
package inbox

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
	keptRefused   = 4       // bundles
	envelope      = 1 << 10 // bytes before the file of a bundle
)

// An Arrival is what became of one bundle.
type Arrival struct {
	Name    string
	Purpose bundle.Purpose // as it says itself
	Err     error          // nil when its list is in use
}

// ErrReplay says that the list is in use already. Nothing is lost by that.
var ErrReplay = errors.New("the list is in use already")

// An Exchange calls what exchanges the lists when no tap looks at them.
type Exchange func(exchange func() error) error

// AtOnce is for a device that serves nobody.
func AtOnce(exchange func() error) error { return exchange() }

// A Taker takes the bundles of one purpose.
type Taker struct {
	// Apply verifies the bundle at path and takes its list into use. now is for what
	// expires.
	Apply func(path string, now time.Time, when Exchange) error

	// Refusal tells whether an error of Apply is the fault of the bundle.
	Refusal func(error) bool

	Largest int64 // file in bytes; a larger one is not kept, even to be looked at
}

// Scan takes the bundles out of a folder, the lower versions first. One that was refused
// goes to its folder "refused"; one that could not be taken for another reason, such as
// a full disk, stays for the next time. A folder that is not there is empty. What does not
// say for what it is meant is given to the first taker.
func Scan(folder string, now time.Time, when Exchange, first bundle.Purpose,
	takers map[bundle.Purpose]Taker,
) (all []Arrival) {
	for _, w := range waitingIn(folder) {
		taker, known := takers[w.manifest.Purpose]
		if !known {
			w.manifest.Purpose, taker = first, takers[first]
		}
		path := filepath.Join(folder, w.name)
		err := taker.Apply(path, now, when)
		all = append(all, Arrival{w.name, w.manifest.Purpose, err})
		switch {
		case err == nil, errors.Is(err, ErrReplay):
			_ = os.Remove(path) // if it stays, it is a replay next time
		case taker.Refusal(err):
			refuse(folder, w.name, now, taker.Largest)
		}
	}
	return all
}

// waiting is a bundle with what it says of itself.
type waiting struct {
	name     string
	manifest bundle.Manifest
}

// waitingIn are the bundles of a folder in the order in which one may lead to the other: a
// full list before the deltas for it.
func waitingIn(folder string) (all []waiting) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, bundleSuffix) && entry.Type().IsRegular() {
			all = append(all, waiting{name, peek(filepath.Join(folder, name))})
		}
	}
	slices.SortStableFunc(all, func(a, b waiting) int {
		return cmp.Or(cmp.Compare(a.manifest.Version, b.manifest.Version),
			cmp.Compare(a.manifest.Base, b.manifest.Base))
	})
	return all
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
func refuse(folder, name string, now time.Time, largest int64) {
	path, aside := filepath.Join(folder, name), filepath.Join(folder, refusedFolder)
	info, err := os.Stat(path)
	if err == nil && info.Size() <= largest+envelope {
		err = errors.Join(os.MkdirAll(aside, 0o755), os.Chtimes(path, now, now),
			os.Rename(path, filepath.Join(aside, name)))
	}
	if err != nil || info.Size() > largest+envelope {
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
