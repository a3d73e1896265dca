// Package tray keeps the action list of a device: it decides which bundle is taken, and
// finds the last good list again after any end of the program.
//
// It knows how a list is signed and how one is written, and nothing of cards or taps but
// that somebody says when lists may be exchanged.
//
// Its one rule: whatever is in use was signed for this purpose and this area by a key that
// is pinned, also after a restart.
//
// # What is taken
//
// A bundle is refused when package bundle refuses it, and moreover when it is older than a
// list that this device has had, when it has the version of the list in use and other
// content, when its file is not the list that its manifest says, and when the file is no
// list at all. A list takes the place of the one before as a whole: there are no deltas.
// One that has lost more than half of 20 actions or more, and does not say that this is meant,
// is taken with an alarm: what the list before it had may have been withdrawn, and is done no
// more. None of this keeps a load from being done twice: that the card's own action counter does,
// also where an old list came back.
//
// # The folder
//
//	list-7             the bundle in use, as it came
//	list-6.damaged     what was found damaged, so that nothing older is taken again
//	draft              what was being written when the power went
//
// A bundle is on the disk under its name before it is in use, and only then the one before
// is removed; at a start the highest that is whole is used. A list that is damaged, or that
// no pinned key has signed any more, is not: its loads wait for the next.
package tray

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
	"leima/cardlayout"
	"leima/fare"
	"leima/fare/actionlist"
)

// Why a bundle is refused that package bundle lets pass.
var (
	ErrOlder    = errors.New("the action list is older than the one in use")
	ErrConflict = errors.New("there are two action lists of one version")
	ErrContent  = errors.New("the file of the bundle is not the action list that it says")
)

// Rules are what a device accepts, from its configuration.
type Rules struct {
	Area    cardlayout.Area
	Keys    []bundle.PublicKey // pinned; any of them may have signed
	Largest int64              // file in bytes; it lies in memory, twice its size for a moment
}

// A Tray is the folder in which a device keeps its action list, and that list. It may be
// asked from several goroutines; one bundle is taken at a time.
type Tray struct {
	folder string
	rules  Rules
	list   atomic.Pointer[actionlist.List] // never nil

	one     sync.Mutex // bundle at a time
	sum     [32]byte   // of the file in use
	highest uint32     // version that this device has had

	now   sync.Mutex // guards alarm for those who only look
	alarm string
}

// Open takes the list of the last time into use. A folder that is not there is made. What
// is damaged is put aside, and the status then has an alarm. The error is for a folder that
// cannot be used at all.
func Open(folder string, rules Rules) (*Tray, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the action list: %w: make the state "+
			"folder writable", err)
	}
	t := &Tray{folder: folder, rules: rules}
	t.list.Store(new(actionlist.List))
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the folder of the action list: %w: check who may "+
			"read it", err)
	}
	t.start(entries)
	return t, nil
}

// start takes the highest list that is whole into use.
func (t *Tray) start(entries []os.DirEntry) {
	var whole []uint32
	for _, entry := range entries {
		version, good := versionOf(entry.Name())
		t.highest = max(t.highest, version)
		if good {
			whole = append(whole, version)
		}
	}
	slices.Sort(whole)
	for _, version := range slices.Backward(whole) {
		path := filepath.Join(t.folder, nameOf(version))
		// What was in use stays so when it expires: its actions do so each by itself.
		list, manifest, err := t.read(path, time.Time{})
		if err == nil {
			t.sum = manifest.Sum
			t.list.Store(list)
			break
		}
		t.reject(path, err)
	}
	t.sweep()
}

// reject puts aside what is not used at a start. A device that has moved to another area
// forgets the versions of the one before.
func (t *Tray) reject(path string, err error) {
	switch {
	case errors.Is(err, bundle.ErrArea):
		t.highest = 0
		_ = os.Remove(path)
		return
	case Refusal(err) && !errors.Is(err, bundle.ErrKey):
		_ = os.Rename(path, path+badSuffix)
	}
	t.raise(fmt.Errorf("the action list of the last time is not used: %w", err))
}

const (
	draftFile = "draft"
	badSuffix = ".damaged"
)

func nameOf(version uint32) string { return fmt.Sprintf("list-%d", version) }

// versionOf reads the name of a file; 0: it is none of ours.
func versionOf(name string) (version uint32, good bool) {
	plain, bad := strings.CutSuffix(name, badSuffix)
	if n, _ := fmt.Sscanf(plain, "list-%d", &version); n != 1 || plain != nameOf(version) {
		return 0, false
	}
	return version, !bad
}

// read reads and verifies the bundle at path, and the list in it.
func (t *Tray) read(path string, now time.Time) (*actionlist.List, bundle.Manifest, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, bundle.Manifest{}, err
	}
	defer file.Close()
	return Read(file, t.rules, now)
}

// Read reads and verifies a bundle, and the list in it.
func Read(r io.Reader, rules Rules, now time.Time) (*actionlist.List, bundle.Manifest, error) {
	sent, err := bundle.Read(r, bundle.Trust{Keys: rules.Keys, Purpose: bundle.Actions,
		Area: rules.Area, At: now, Largest: rules.Largest})
	if err != nil {
		return nil, bundle.Manifest{}, err
	}
	var raw bytes.Buffer
	if _, err := sent.WriteTo(&raw); err != nil {
		return nil, sent.Manifest, err
	}
	list, err := actionlist.Decode(raw.Bytes())
	if err != nil {
		return nil, sent.Manifest, fmt.Errorf("%w: %w", ErrContent, err)
	}
	said := ManifestOf(list)
	said.Expires, said.Adding, said.Fewer = sent.Expires, sent.Adding, sent.Fewer
	said.Size, said.Sum, said.Digest = sent.Size, sent.Sum, sent.Sum
	if said != sent.Manifest {
		return nil, sent.Manifest, fmt.Errorf("%w: it is version %d for area %d, with %d actions",
			ErrContent, list.Version(), list.Area(), list.Len())
	}
	return list, sent.Manifest, nil
}

// Refusal tells whether an error is the fault of a bundle, so that trying it again cannot
// help.
func Refusal(err error) bool {
	return errors.Is(err, inbox.ErrReplay) || errors.Is(err, ErrOlder) ||
		errors.Is(err, ErrConflict) || errors.Is(err, ErrContent) || bundle.Refusal(err)
}

// Taker is what package inbox gives action lists to.
func (t *Tray) Taker() inbox.Taker {
	return inbox.Taker{Apply: t.Apply, Refusal: Refusal, Largest: t.rules.Largest}
}

// Apply verifies the bundle at path and takes its list into use. now is for what expires.
// After an error the list in use stays.
func (t *Tray) Apply(path string, now time.Time, when inbox.Exchange) error {
	t.one.Lock()
	defer t.one.Unlock()
	err := t.apply(path, now, when)
	if err != nil {
		err = fmt.Errorf("bundle %s: %w", filepath.Base(path), err)
		if !errors.Is(err, inbox.ErrReplay) {
			t.raise(err)
		}
	}
	return err
}

func (t *Tray) apply(path string, now time.Time, when inbox.Exchange) error {
	list, m, err := t.read(path, now)
	if err != nil {
		return err
	}
	before := t.list.Load().Len()
	used := t.list.Load().Version()
	switch {
	case m.Version == used && m.Sum == t.sum:
		return fmt.Errorf("%w: version %d", inbox.ErrReplay, m.Version)
	case m.Version == used:
		return fmt.Errorf("%w, %d: give the newer one a higher version", ErrConflict, m.Version)
	case m.Version < t.highest:
		return fmt.Errorf("%w: version %d, and this device has had %d: a newer one is needed",
			ErrOlder, m.Version, t.highest)
	}
	if err := t.keep(path, m.Version); err != nil {
		return err
	}
	err = when(func() error {
		t.list.Store(list)
		return nil
	})
	if err != nil {
		return err
	}
	t.sum, t.highest = m.Sum, m.Version
	t.calm()
	if bundle.Thinned(before, m.Count) && !m.Fewer {
		t.raise(fmt.Errorf("version %d has %d actions and the list before it %d, and nobody has "+
			"said that so many are meant to go: what was bought does not come: send a list that "+
			"has it, or sign it with --fewer", m.Version, m.Count, before))
	}
	t.sweep()
	return nil
}

// keep puts a bundle that was verified into the folder, all of it or nothing.
func (t *Tray) keep(path string, version uint32) error {
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	draft := filepath.Join(t.folder, draftFile)
	defer os.Remove(draft) // unless it has got a name by then
	to, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft, filepath.Join(t.folder, nameOf(version))); err != nil {
		return err
	}
	folder, err := os.Open(t.folder)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close()) // or a power cut could undo the rename
}

// sweep removes what the list in use has made needless.
func (t *Tray) sweep() {
	used := t.list.Load().Version()
	entries, _ := os.ReadDir(t.folder) // what is left is swept another time
	for _, entry := range entries {
		name := entry.Name()
		version, _ := versionOf(name)
		if name == draftFile || version > 0 && version < used {
			_ = os.Remove(filepath.Join(t.folder, name))
		}
	}
}

func (t *Tray) raise(err error) {
	t.now.Lock()
	defer t.now.Unlock()
	t.alarm = err.Error()
}

func (t *Tray) calm() {
	t.now.Lock()
	defer t.now.Unlock()
	t.alarm = ""
}

// Alarm is why the last bundle was refused, or what was found damaged; or "".
func (t *Tray) Alarm() string {
	t.now.Lock()
	defer t.now.Unlock()
	return t.alarm
}

// List is the list in use; one without a version before the first.
func (t *Tray) List() *actionlist.List { return t.list.Load() }

// Lookup implements validator.Actions. It never fails.
func (t *Tray) Lookup(card cardlayout.Number) ([]fare.Action, error) {
	return t.list.Load().Lookup(card)
}
