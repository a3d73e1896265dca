// Package shelf holds the lists that a depot has for its devices: bundles as objects that are named
// by their content and never changed, the manifest that says which of them there are now, and the
// roots that say which keys count (package manifest).
//
// Its one rule: nothing is named by a manifest that a device would refuse, and a
// device that was told of an object finds it.
//
// # The folder
//
//	root-1           and so on: the roots; the last one counts
//	manifest         the last one
//	objects/SHA-256  a bundle
package shelf

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"leima/cardlayout"
	"leima/hw/disk"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

// What cannot be published, and why.
var (
	ErrNoRoot = errors.New("there is no root yet: make the first with \"depot root\"")
	ErrBase   = errors.New("it changes a full list that is not on the shelf: publish that first")
	ErrOlder  = errors.New("the shelf has another of that version, or a later: give it a higher")
	ErrBroken = errors.New("the shelf is not as it was")
)

// What a person does about a broken shelf.
const (
	mendRoots = "correct area of [shelf] if it was changed; else put back a copy of its roots: " +
		"each validator has the first"
	mendManifest = "put back a copy of it; if there is none, give it another name, make another " +
		"root and publish all lists again: the versions begin anew with it"
)

// The files of the folder.
const (
	manifestFile = "manifest"
	objectFolder = "objects"
)

// A Shelf is a folder.
type Shelf struct {
	Folder string
	Area   cardlayout.Area
	Keys   []bundle.PublicKey // who signs bundles, as the devices pin them
}

func (s *Shelf) file(name string) string { return filepath.Join(s.Folder, name) }

func rootFile(version uint64) string { return fmt.Sprintf("root-%d", version) }

// locked calls what changes the shelf while nobody else does.
func (s *Shelf) locked(change func() error) error {
	if err := os.MkdirAll(s.file(objectFolder), 0o700); err != nil {
		return err
	}
	return disk.Alone(s.Folder, change)
}

// Root is the root that counts; ErrNoRoot if there is none yet. By one that is older than that of
// the manifest no device goes any more: then roots are missing here.
func (s *Shelf) Root() (root manifest.Root, err error) {
	root, err = s.last()
	if err != nil && !errors.Is(err, ErrNoRoot) {
		return root, fmt.Errorf("%w: its roots: %w: %s", ErrBroken, err, mendRoots)
	}
	m, _ := s.Manifest() // a damaged one is no reason against another root
	if m.Root > root.Version {
		return root, fmt.Errorf("%w: the manifest goes by root %d, and root %d is not there: %s",
			ErrBroken, m.Root, root.Version+1, mendRoots)
	}
	return root, err
}

// last is the last root that is there.
func (s *Shelf) last() (root manifest.Root, err error) {
	raw, err := os.ReadFile(s.file(rootFile(1)))
	if errors.Is(err, fs.ErrNotExist) {
		return root, ErrNoRoot
	}
	if err == nil {
		root, err = manifest.ReadRoot(s.Area, raw)
	}
	for err == nil {
		raw, err = os.ReadFile(s.file(rootFile(root.Version + 1)))
		if errors.Is(err, fs.ErrNotExist) {
			return root, nil
		}
		if err == nil {
			root, err = root.Next(raw)
		}
	}
	return root, err
}

// Draft is the root that would follow, signed with keys of some of its owners and the former's. Its
// version and area are filled in.
func (s *Shelf) Draft(next manifest.Root, keys ...ed25519.PrivateKey) ([]byte, error) {
	former, err := s.Root()
	if err != nil && !errors.Is(err, ErrNoRoot) {
		return nil, err
	}
	next.Area, next.Version = s.Area, former.Version+1
	raw, err := next.Sign(keys...)
	if err == nil {
		_, raw, err = manifest.Countersign(s.Area, raw) // as owners will: if it can count at all
	}
	return raw, err
}

// Change makes a root the one that counts. The manifest has to be published anew afterwards: it
// goes by the former.
func (s *Shelf) Change(raw []byte) (next manifest.Root, err error) {
	return next, s.locked(func() error {
		former, err := s.Root()
		switch {
		case errors.Is(err, ErrNoRoot):
			next, err = manifest.ReadRoot(s.Area, raw)
			if err == nil && next.Version != 1 {
				err = fmt.Errorf("%w: it is version %d, and none counts yet", manifest.ErrNotNext,
					next.Version)
			}
		case err == nil:
			next, err = former.Next(raw)
		}
		if err != nil {
			return fmt.Errorf("the root: %w", err)
		}
		return disk.Sync.Replace(s.file(rootFile(next.Version)), 0o600, disk.Bytes(raw))
	})
}

// Manifest is the last one, whether or not the root has been changed since; zero if there is none.
func (s *Shelf) Manifest() (m manifest.Manifest, err error) {
	raw, err := os.ReadFile(s.file(manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		m, err = manifest.Peek(raw)
	}
	if err != nil {
		err = fmt.Errorf("%w: its manifest: %w: %s", ErrBroken, err, mendManifest)
	}
	return m, err
}

// Terms are those of a manifest: who signs it, when, and for how long it is good.
type Terms struct {
	Keys []ed25519.PrivateKey
	Now  time.Time
	Good time.Duration
}

// Publish verifies bundles as a device does, and names them in the next manifest beside those that
// they do not replace. Without files the manifest is renewed. After an error nothing is published.
func (s *Shelf) Publish(terms Terms, files ...string) (m manifest.Manifest, err error) {
	return m, s.locked(func() error {
		root, err := s.Root()
		if err != nil {
			return err
		}
		former, err := s.Manifest()
		if err != nil {
			return err
		}
		objects := former.Objects
		for _, file := range files {
			o, err := s.add(file, terms.Now)
			if err == nil {
				objects, err = replace(objects, o)
			}
			if err != nil {
				return fmt.Errorf("%s: %w: nothing is published", file, err)
			}
		}
		if err := s.holds(objects); err != nil {
			return err
		}
		m = manifest.Manifest{
			Version: former.Version + 1, Root: root.Version, Made: terms.Now,
			Expires: terms.Now.Add(terms.Good), Objects: objects,
		}
		raw, err := root.Issue(m, terms.Keys...)
		if err == nil {
			_, err = root.Read(raw, former)
		}
		if err != nil {
			return fmt.Errorf("signing the manifest: %w", err)
		}
		err = disk.Sync.Replace(s.file(manifestFile), 0o600, disk.Bytes(raw))
		if err == nil {
			s.sweep(former.Objects, m.Objects)
		}
		return err
	})
}

// holds is ErrBroken if an object is not there, or was cut: a disk may have lost it, or the copy
// that was put back.
func (s *Shelf) holds(objects []manifest.Object) error {
	for _, o := range objects {
		info, err := os.Stat(s.object(o.Name()))
		if err != nil || info.Size() != o.Size {
			return fmt.Errorf("%w: %s version %d is not there: publish its bundle again", ErrBroken,
				o.Purpose, o.Version)
		}
	}
	return nil
}

// Renew publishes the manifest anew if less than half of its time is left, or if it goes by a
// former root. One that is good for much longer than the terms say was made while the clock was
// wrong: nobody would notice for years that newer ones are kept back. Without a manifest there is
// nothing to renew.
func (s *Shelf) Renew(terms Terms) (renewed bool, err error) {
	m, err := s.Manifest()
	if err != nil || m.Version == 0 {
		return false, err
	}
	root, err := s.Root()
	if err == nil && len(terms.Keys) > 0 && !root.Signers.Enough(terms.Keys) {
		err = manifest.ErrUnsigned // it is said before it is time
	}
	left := m.Expires.Sub(terms.Now)
	fresh := left >= terms.Good/2 && left <= terms.Good+terms.Good/2
	if err != nil || m.Root == root.Version && fresh {
		return false, err
	}
	_, err = s.Publish(terms)
	return err == nil, err
}

// replace puts an object among others, in place of those that it replaces.
func replace(objects []manifest.Object, o manifest.Object) (after []manifest.Object, err error) {
	based := o.Base == 0
	for _, other := range objects {
		switch {
		case other == o: // it is there
			return objects, nil
		case other.Purpose != o.Purpose:
			after = append(after, other)
		case other.Version > o.Version, other.Version == o.Version && other.Base == o.Base:
			return nil, fmt.Errorf("%w: %s version %d", ErrOlder, o.Purpose, other.Version)
		case o.Base != 0 && other.Base == 0 && other.Version == o.Base:
			after, based = append(after, other), true
		}
	}
	if !based {
		return nil, fmt.Errorf("%w: version %d", ErrBase, o.Base)
	}
	return append(after, o), nil
}

// add makes a file an object, if it is a bundle that a device takes. It is copied first, so that
// nobody changes it meanwhile.
func (s *Shelf) add(path string, now time.Time) (o manifest.Object, err error) {
	from, err := os.Open(path)
	if err != nil {
		return o, err
	}
	defer from.Close()
	draft, sum := s.file(filepath.Join(objectFolder, "draft")), sha256.New()
	defer os.Remove(draft) // if it was not renamed
	err = disk.Sync.Write(draft, 0o600, func(w io.Writer) (err error) {
		o.Size, err = io.Copy(io.MultiWriter(w, sum), from)
		return err
	})
	if err != nil {
		return o, err
	}
	m, err := s.verify(draft, now)
	if err != nil {
		return o, err
	}
	o.Purpose, o.Version, o.Base = m.Purpose, m.Version, m.Base
	sum.Sum(o.Sum[:0])
	return o, disk.Sync.Rename(draft, s.object(o.Name()))
}

// verify verifies a bundle, and all of its file.
func (s *Shelf) verify(path string, now time.Time) (m bundle.Manifest, err error) {
	file, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer file.Close()
	claimed, err := bundle.Peek(file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return m, err
	}
	sent, err := bundle.Read(file, bundle.Trust{
		Keys: s.Keys, Purpose: claimed.Purpose, Area: s.Area, At: now, Largest: largest,
	})
	if err != nil {
		return m, err
	}
	_, err = sent.WriteTo(io.Discard)
	return sent.Manifest, err
}

// largest is the largest file of a bundle, in bytes.
const largest = 1 << 40

func (s *Shelf) object(name string) string { return s.file(filepath.Join(objectFolder, name)) }

// sweep removes what neither of two manifests names: a device may still download by the former.
func (s *Shelf) sweep(former, now []manifest.Object) {
	named := map[string]bool{}
	for _, o := range append(former, now...) {
		named[o.Name()] = true
	}
	entries, _ := os.ReadDir(s.file(objectFolder)) // the next sweep finds the rest
	for _, entry := range entries {
		if !named[entry.Name()] {
			_ = os.Remove(s.object(entry.Name()))
		}
	}
}
