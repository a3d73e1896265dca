package lists

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"leima/blocklist"
	"leima/hw/disk"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// Reasons for refusing a bundle that package bundle accepts.
var (
	ErrOlder    = errors.New("it is older than the one in use")
	ErrConflict = errors.New("there are two of one version")
	ErrBase     = errors.New("the delta is for another list")
	ErrContent  = errors.New("the file of the bundle is not what it says")
)

// The files of a folder that are no lists.
const (
	stateFile   = "state"
	draftFile   = "draft"
	nothingFile = "nothing"
	badSuffix   = ".damaged"
)

// A Store is the folder of a device for the bundles of one purpose, and the part of it in use.
// Goroutines may share it; one bundle is taken at a time.
type Store[T any] struct {
	folder  string
	what    string       // is stored, for errors
	full    string       // the beginning of its files' names, except deltas'
	trust   bundle.Trust // whose bundles, for what, and how long; without At
	content content
	used    atomic.Pointer[Used[T]] // never nil

	one        sync.Mutex // bundle at a time
	now        sync.Mutex // guards state for readers
	state      state
	startAlarm bool // there was an alarm at the start
}

// A Used is the value in use, with its manifest; zero before the first.
type Used[T any] struct {
	bundle.Manifest
	Value T
}

// A content is the part of a store that depends on its purpose.
type content interface {
	// start takes the folder's contents into use.
	start() error

	// unpack writes what is stored of a bundle, whose file is still to be read.
	unpack(w io.Writer, sent *bundle.Bundle, from io.ReadSeeker) error

	// take takes an unpacked draft into use.
	take(draft string, m bundle.Manifest, now time.Time, when inbox.Exchange) error

	// note stores a state.
	note(next state) error
}

// begin makes the folder if it is missing, and takes its contents into use.
func (s *Store[T]) begin(folder string) error {
	s.folder = folder
	s.used.Store(new(Used[T]))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of the %s: %w: make the state folder writable",
			s.what, err)
	}
	return s.content.start()
}

// Refusal reports whether an error is the fault of a bundle, so that it need not be tried again.
func Refusal(err error) bool {
	var kept storedError
	if errors.As(err, &kept) {
		return false
	}
	for _, reason := range []error{
		inbox.ErrReplay, ErrOlder, ErrConflict, ErrBase, ErrContent,
		blocklist.ErrDamaged, blocklist.ErrFormat, blocklist.ErrArea, blocklist.ErrOlder,
		blocklist.ErrConflict, blocklist.ErrBase,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return bundle.Refusal(err)
}

// storedError is about a stored list, not about a bundle.
type storedError struct{ error }

func (e storedError) Unwrap() error { return e.error }

// Taker takes bundles from package inbox.
func (s *Store[T]) Taker() inbox.Taker {
	return inbox.Taker{Apply: s.Apply, Refusal: Refusal, Largest: s.trust.Largest}
}

// Used is the value in use.
func (s *Store[T]) Used() *Used[T] { return s.used.Load() }

// Version is the version in use; 0 before the first.
func (s *Store[T]) Version() uint32 { return s.Used().Version }

// Apply verifies the bundle at path and takes its contents into use. All but the exchange itself is
// done before, while the device serves passengers. now decides what has expired. After an error
// nothing has changed; Refusal reports whether it is the bundle's fault.
func (s *Store[T]) Apply(path string, now time.Time, when inbox.Exchange) error {
	s.one.Lock()
	defer s.one.Unlock()
	if err := s.apply(path, now, when); err != nil {
		err = fmt.Errorf("bundle %s: %w", filepath.Base(path), err)
		if !errors.Is(err, inbox.ErrReplay) {
			s.raise(err, now)
		}
		return err
	}
	s.sweep()
	return nil
}

func (s *Store[T]) apply(path string, now time.Time, when inbox.Exchange) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sent, err := bundle.Read(file, s.trusts(now))
	if err != nil {
		return err
	}
	if err := s.admit(sent.Manifest); err != nil {
		return err
	}
	draft := s.path(draftFile)
	defer os.Remove(draft) // if it was not renamed
	err = disk.Sync.Write(draft, 0o600, func(w io.Writer) error {
		return s.content.unpack(w, sent, file)
	})
	if err != nil {
		return err
	}
	return s.content.take(draft, sent.Manifest, now, when)
}

func (s *Store[T]) trusts(at time.Time) bundle.Trust {
	trust := s.trust
	trust.At = at
	return trust
}

// admit reports why a bundle must not follow those that this device has had.
func (s *Store[T]) admit(m bundle.Manifest) error {
	highest := s.state.Highest
	switch {
	case s.gone(m) && s.had(m):
		return nil
	case m.Version == highest.Version && !highest.mayBe(m.Version, m.Digest):
		return fmt.Errorf("%w, %d: give the newer one a higher version", ErrConflict, m.Version)
	case m.Version == highest.Version && s.uses(m):
		return fmt.Errorf("%w: version %d", inbox.ErrReplay, m.Version)
	case m.Version < highest.Version && !s.restores(m):
		return fmt.Errorf("%w: version %d, and this device has had %d: a newer one is needed",
			ErrOlder, m.Version, highest.Version)
	case m.Base != 0 && s.state.InUse.Full != s.fullName(m.Base):
		return fmt.Errorf("%w: it changes version %d, which is not the full list in use: "+
			"send that first", ErrBase, m.Base)
	}
	return nil
}

// uses reports whether the highest version is in use, and taking it again gains nothing. A full
// list in place of a delta does: the next delta may be for it.
func (s *Store[T]) uses(m bundle.Manifest) bool {
	used := s.state.InUse
	return s.Version() == m.Version && (used.Full == s.fullName(m.Version) ||
		m.Base != 0 && used.Delta == deltaName(m.Base, m.Version))
}

// Lacks reports whether a bundle of a version would be taken, as far as its numbers tell; base is 0
// for a full list.
func (s *Store[T]) Lacks(version, base uint32) bool {
	s.now.Lock()
	defer s.now.Unlock()
	m := bundle.Manifest{Version: version, Base: base}
	return version > s.Version() || version == s.Version() && !s.uses(m) || s.gone(m)
}

// gone reports whether a bundle is in use and the disk has lost its file, without which the next
// delta and the next start have no list.
func (s *Store[T]) gone(m bundle.Manifest) bool {
	if name := s.nameOf(m); name != s.state.InUse.Full && name != s.state.InUse.Delta {
		return false
	}
	_, err := os.Lstat(s.path(s.nameOf(m)))
	return errors.Is(err, fs.ErrNotExist)
}

// had reports whether a bundle is perhaps the one that this device has had under its version.
func (s *Store[T]) had(m bundle.Manifest) bool {
	if m.Base == 0 {
		return s.state.Beneath.mayBe(m.Version, m.Digest)
	}
	return s.state.Highest.mayBe(m.Version, m.Digest)
}

// putBack puts a verified draft where its file is gone. What is in use stays.
func (s *Store[T]) putBack(draft string, m bundle.Manifest) error {
	return disk.Sync.Rename(draft, s.path(s.nameOf(m)))
}

// Largest is the largest bundle that is taken, in bytes.
func (s *Store[T]) Largest() int64 { return s.trust.Largest + bundle.LongestEnvelope }

// restores reports whether an older list is the one under the highest, on a device that has lost
// both.
func (s *Store[T]) restores(m bundle.Manifest) bool {
	return s.state.InUse.Full == "" && m.Base == 0 && s.state.Beneath.mayBe(m.Version, m.Digest)
}

// after is the state after a bundle is taken.
func (s *Store[T]) after(m bundle.Manifest) state {
	after := s.state
	if m.Version >= s.state.Highest.Version {
		after.Highest = markOf(m.Version, m.Digest)
	}
	if m.Base == 0 {
		after.InUse = pair{Full: s.fullName(m.Version)}
		after.Beneath = markOf(m.Version, m.Digest)
	} else {
		after.InUse = pair{Full: s.fullName(m.Base), Delta: s.nameOf(m)}
	}
	after.Known, after.Held, after.Alarm = after.InUse, 0, alarm{}
	return after
}

// keep gives a draft its name and then notes the state: from here on it is in use, even after a
// power cut.
func (s *Store[T]) keep(draft string, m bundle.Manifest, after state) error {
	if err := disk.Sync.Rename(draft, s.path(s.nameOf(m))); err != nil {
		return err
	}
	if err := s.content.note(after); err != nil {
		return fmt.Errorf("noting the list as the one in use: %w", err)
	}
	s.remember(after)
	return nil
}

func (s *Store[T]) remember(next state) {
	s.now.Lock()
	defer s.now.Unlock()
	s.state = next
}

// raise raises an alarm, only once: a bundle may be tried again and again.
func (s *Store[T]) raise(err error, now time.Time) {
	next := s.state
	next.Alarm = alarm{Reason: err.Error(), At: now.Unix()}
	if next.Alarm.Reason == s.state.Alarm.Reason {
		return
	}
	_ = s.content.note(next) // a full disk must not hide the alarm
	s.remember(next)
}

// alarmAtStart raises the alarm for the first fault at a start: the others follow from it.
func (s *Store[T]) alarmAtStart(err error) {
	if s.startAlarm {
		return
	}
	s.startAlarm, s.state.Alarm = true, alarm{Reason: err.Error()}
}

// Alarm is why the last bundle was refused, or what was found damaged; "" if neither.
func (s *Store[T]) Alarm() string {
	s.now.Lock()
	defer s.now.Unlock()
	return s.state.Alarm.Reason
}

// putAside puts a damaged file aside, in place of an earlier one of that name.
func (s *Store[T]) putAside(name, as string) {
	if os.Rename(s.path(name), s.path(as+badSuffix)) != nil {
		_ = os.Remove(s.path(name))
	}
}

// sweep removes the remains of power cuts, and older damaged files.
func (s *Store[T]) sweep() {
	wanted := map[string]bool{stateFile: true}
	for _, p := range []pair{
		s.state.InUse, s.state.Known, s.state.Former.List,
		s.state.Former.Known,
	} {
		wanted[p.Full], wanted[p.Delta] = true, true
	}
	entries, _ := os.ReadDir(s.folder) // the next sweep finds the rest
	for _, entry := range entries {
		name := entry.Name()
		plain, damaged := strings.CutSuffix(name, badSuffix)
		_, version := s.versionOf(plain)
		keep := wanted[name] || damaged && (version == 0 || version >= s.Version())
		if !keep && entry.Type().IsRegular() {
			_ = os.Remove(s.path(name))
		}
	}
}

func (s *Store[T]) path(name string) string { return filepath.Join(s.folder, name) }

func (s *Store[T]) fullName(version uint32) string { return fmt.Sprintf("%s-%d", s.full, version) }

func (s *Store[T]) nameOf(m bundle.Manifest) string {
	if m.Base == 0 {
		return s.fullName(m.Version)
	}
	return deltaName(m.Base, m.Version)
}

func deltaName(base, version uint32) string { return fmt.Sprintf("delta-%d-%d", base, version) }

// versionOf reads the name of a file; version 0 if it is none of the store's.
func (s *Store[T]) versionOf(name string) (base, version uint32) {
	n, _ := fmt.Sscanf(name, "delta-%d-%d", &base, &version)
	if n == 2 && name == deltaName(base, version) {
		return base, version
	}
	if n, _ := fmt.Sscanf(name, s.full+"-%d", &version); n == 1 && name == s.fullName(version) {
		return 0, version
	}
	return 0, 0
}
