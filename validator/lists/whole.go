package lists

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// A whole is a content that is in memory and whose bundles are stored as they came: the full one,
// and the delta over it.
type whole[T any] struct {
	*Store[T]

	// of decodes the file of a bundle and compares it with the manifest; full is what a delta
	// changes. Its errors are the fault of the bundle.
	of func(file []byte, m bundle.Manifest, full T) (T, error)

	// thinned is the alarm if most entries are gone and that is not meant; nil: there is none.
	thinned func(m bundle.Manifest, before int) string
}

// openWhole takes the stored value into use; damaged files are put aside, with an alarm. The error
// is about a folder that cannot be used at all.
func openWhole[T any](folder, what string, trust bundle.Trust, purpose bundle.Purpose, w whole[T],
) (*Store[T], error) {
	trust.Purpose = purpose
	w.Store = &Store[T]{what: what, full: "list", trust: trust}
	w.content = &w
	return w.Store, w.begin(folder)
}

// start takes the highest whole version into use.
func (w *whole[T]) start() error {
	entries, err := os.ReadDir(w.folder)
	if err != nil {
		return fmt.Errorf("reading the folder of the %s: %w: check who may read it", w.what, err)
	}
	var all []bundle.Manifest // their versions and bases
	for _, entry := range entries {
		plain, damaged := strings.CutSuffix(entry.Name(), badSuffix)
		base, version := w.versionOf(plain)
		if version > w.state.Highest.Version {
			w.state.Highest.Version, w.state.Beneath.Version = version, cmp.Or(base, version)
		}
		if version > 0 && !damaged {
			all = append(all, bundle.Manifest{Version: version, Base: base})
		}
	}
	slices.SortFunc(all, func(a, b bundle.Manifest) int { // of one version the full one last
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(b.Base, a.Base))
	})
	spared := false
	for _, m := range slices.Backward(all) {
		used, err := w.stored(m)
		if err == nil {
			w.use(used)
			break
		}
		spared = w.reject(w.nameOf(m), err) || spared
	}
	if !spared {
		w.sweep()
	}
	return nil
}

// stored is what is stored under a version and base, also after it has expired.
func (w *whole[T]) stored(m bundle.Manifest) (*Used[T], error) {
	full, err := w.beneath(m)
	if err != nil {
		return nil, err
	}
	return w.read(w.nameOf(m), m, time.Time{}, full)
}

// beneath is the stored full value that a delta changes; zero for a full one.
func (w *whole[T]) beneath(m bundle.Manifest) (full T, err error) {
	if m.Base == 0 {
		return full, nil
	}
	used, err := w.stored(bundle.Manifest{Version: m.Base})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return full, fmt.Errorf("%w: version %d, which it changes, is gone", ErrBase, m.Base)
	case err != nil:
		return full, fmt.Errorf("version %d, which it changes: %w", m.Base, err)
	}
	return used.Value, nil
}

// use takes the value found at a start into use, and keeps the alarm.
func (w *whole[T]) use(used *Used[T]) {
	trouble := w.state.Alarm
	w.used.Store(used)
	w.state = w.after(used.Manifest)
	w.state.Alarm = trouble
}

// reject puts aside a file that is not used at a start, unless it may be of use again. A device
// that has moved to another area forgets the versions of the old one.
func (w *whole[T]) reject(name string, err error) (spared bool) {
	if errors.Is(err, bundle.ErrArea) {
		w.state.Highest = mark{}
		return false
	}
	w.alarmAtStart(fmt.Errorf("the %s of the last time is not used: %w", w.what, err))
	if !Refusal(err) || errors.Is(err, bundle.ErrKey) {
		return true
	}
	w.putAside(name, name)
	return false
}

// read reads and verifies the bundle of a version and base, and decodes it; full is what a delta
// changes.
func (w *whole[T]) read(name string, m bundle.Manifest, now time.Time, full T) (*Used[T], error) {
	file, err := os.Open(w.path(name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sent, err := bundle.Read(file, w.trusts(now))
	if err != nil {
		return nil, err
	}
	if sent.Version != m.Version || sent.Base != m.Base {
		return nil, fmt.Errorf("%w: it is version %d under the name of another", ErrContent,
			sent.Version)
	}
	var raw bytes.Buffer
	if _, err := sent.WriteTo(&raw); err != nil {
		return nil, err
	}
	value, err := w.of(raw.Bytes(), sent.Manifest, full)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	return &Used[T]{sent.Manifest, value}, nil
}

func (*whole[T]) unpack(w io.Writer, _ *bundle.Bundle, from io.ReadSeeker) error {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, from)
	return err
}

func (w *whole[T]) take(draft string, m bundle.Manifest, now time.Time, when inbox.Exchange) error {
	full, err := w.beneath(m)
	if err != nil {
		if Refusal(err) && !errors.Is(err, bundle.ErrKey) {
			w.putAside(w.fullName(m.Base), w.fullName(m.Base))
		}
		return storedError{err}
	}
	next, err := w.read(draftFile, m, now, full)
	if err != nil {
		return err
	}
	if w.gone(m) {
		return w.putBack(draft, m)
	}
	after := w.after(m)
	if before := w.Used().Count; w.thinned != nil && bundle.Thinned(before, m.Count) && !m.Fewer {
		after.Alarm = alarm{Reason: w.thinned(m, before), At: now.Unix()}
	}
	if err := w.keep(draft, m, after); err != nil {
		return err
	}
	return when(func() error {
		w.used.Store(next)
		return nil
	})
}

// note has nothing to write: the names of the files say what is in use.
func (*whole[T]) note(state) error { return nil }
