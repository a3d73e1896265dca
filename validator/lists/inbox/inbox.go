// Package inbox takes signed bundles out of the folder in which a device finds them, and
// gives each to the store of its purpose.
//
// It neither verifies nor reads a list: a bundle that lies about its purpose is refused by
// that store, which authenticates the purpose with it.
//
// What fills the folder must write under another name and rename to one that ends in
// .bundle. A bundle that was refused is kept elsewhere, with the last few.
//
// The folder is a hostile place: a stranger may write anything there, at any time. A
// bundle is copied before it is looked at; links, pipes and folders are passed over, whatever
// they are called; and nothing but a bundle is ever removed, from the folder itself.
//
// Its one rule: a bundle is tried again as long as another attempt may help, and never
// after it was taken or refused.
package inbox

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"leima/validator/lists/bundle"
)

const (
	bundleSuffix = ".bundle"
	keptRefused  = 4   // bundles
	mostAtOnce   = 256 // bundles that are looked at in one scan
	taking       = "taking-*"
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

	// Refusal reports whether an error of Apply is the fault of the bundle.
	Refusal func(error) bool

	Largest int64 // file in bytes; a larger one is not kept, even to be looked at
}

// Scan takes the bundles out of a folder, the lower versions first. One that was refused
// goes to the folder aside; one that could not be taken for another reason, such as a full
// disk, stays for the next time. A folder that is not there is empty. What does not say for
// what it is meant is given to the first taker.
func Scan(folder, aside string, now time.Time, when Exchange, first bundle.Purpose,
	takers map[bundle.Purpose]Taker,
) (all []Arrival) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil
	}
	defer root.Close()
	sweep(aside)
	for _, w := range waitingIn(root) {
		taker, known := takers[w.manifest.Purpose]
		if !known {
			w.manifest.Purpose, taker = first, takers[first]
		}
		err := take(root, w.name, aside, now, when, &taker)
		all = append(all, Arrival{w.name, w.manifest.Purpose, err})
	}
	return all
}

// sweep removes the copies that a power cut has left.
func sweep(aside string) {
	left, _ := filepath.Glob(filepath.Join(aside, taking))
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

// take takes one bundle, by a copy of it that nobody else can change.
func take(root *os.Root, name, aside string, now time.Time, when Exchange, taker *Taker) error {
	copied, err := copyOf(root, name, aside, taker.Largest)
	if err == nil {
		err = taker.Apply(copied, now, when)
	}
	switch {
	case err == nil, errors.Is(err, ErrReplay):
		_ = root.Remove(name) // if it stays, it is a replay next time
	case errors.Is(err, errTooLarge):
		_ = root.Remove(name) // or it would be refused for ever
	case copied != "" && taker.Refusal(err):
		_ = root.Remove(name)
		keep(copied, aside, name)
	}
	if copied != "" {
		_ = os.RemoveAll(filepath.Dir(copied))
	}
	return err
}

// errTooLarge says that a bundle is larger than any that is taken; not even a part of it is
// kept.
var errTooLarge = errors.New("the bundle is larger than any list that is taken: sign a smaller one")

// copyOf is a copy of a bundle in the folder aside, where only this program writes.
func copyOf(root *os.Root, name, aside string, largest int64) (path string, err error) {
	from, err := open(root, name)
	if err != nil {
		return "", err
	}
	defer from.Close()
	if err := os.MkdirAll(aside, 0o700); err != nil {
		return "", err
	}
	own, err := os.MkdirTemp(aside, taking)
	if err != nil {
		return "", err
	}
	path = filepath.Join(own, name) // by its name: what is wrong is told of it
	defer func() {
		if err != nil {
			path = ""
			_ = os.RemoveAll(own)
		}
	}()
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return path, err
	}
	n, err := io.Copy(to, io.LimitReader(from, largest+bundle.LongestEnvelope+1))
	if err == nil && n > largest+bundle.LongestEnvelope {
		err = errTooLarge
	}
	return path, errors.Join(err, to.Close())
}

// errNoFile says that something is called a bundle and is none.
var errNoFile = errors.New("it is no file of its own")

// open opens a file of the folder to be read, and nothing else: no link, and no pipe on whose
// other end somebody could keep it waiting.
func open(root *os.Root, name string) (*os.File, error) {
	is, err := root.Lstat(name)
	if err != nil || !is.Mode().IsRegular() {
		return nil, cmp.Or(err, errNoFile)
	}
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	opened, err := file.Stat()
	if err != nil || !os.SameFile(is, opened) {
		_ = file.Close()
		return nil, cmp.Or(err, errNoFile) // somebody has exchanged it
	}
	return file, nil
}

// waiting is a bundle with what it says of itself.
type waiting struct {
	name     string
	manifest bundle.Manifest
}

// waitingIn are the bundles of a folder in the order in which one may lead to the other: a
// full list before the deltas for it.
func waitingIn(root *os.Root) (all []waiting) {
	folder, err := root.Open(".")
	if err != nil {
		return nil
	}
	defer folder.Close()
	for {
		names, err := folder.Readdirnames(mostAtOnce)
		for _, name := range names {
			if !strings.HasSuffix(name, bundleSuffix) {
				continue
			}
			if file, err := open(root, name); err == nil {
				all = append(all, waiting{name, peek(file)})
			}
		}
		if err != nil || len(all) >= mostAtOnce {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b waiting) int {
		return cmp.Or(cmp.Compare(a.manifest.Version, b.manifest.Version),
			cmp.Compare(a.manifest.Base, b.manifest.Base), cmp.Compare(a.name, b.name))
	})
	return all
}

// peek is what a bundle says of itself; zero if it says nothing.
func peek(file *os.File) bundle.Manifest {
	defer file.Close()
	m, _ := bundle.Peek(file) // Apply will say what is wrong
	return m
}

// keep keeps a bundle that was refused, to be looked at, and removes all but the last few.
func keep(copied, aside, name string) {
	if os.Rename(copied, filepath.Join(aside, name)) != nil {
		return
	}
	var files []fs.FileInfo
	entries, _ := os.ReadDir(aside)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && strings.HasSuffix(entry.Name(), bundleSuffix) {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(b.Name(), a.Name()))
	})
	for _, file := range files[min(len(files), keptRefused):] {
		_ = os.Remove(filepath.Join(aside, file.Name()))
	}
}
