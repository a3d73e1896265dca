package shelf

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"leima/blocklist"
	"leima/blocklist/bundle"
	"leima/cardlayout"
)

// Rules are what a device accepts, from its configuration.
type Rules struct {
	Area    cardlayout.Area
	Keys    []bundle.PublicKey // pinned; any of them may have signed
	Largest int64              // file in bytes
	Cap     int                // cards that a list may add, beyond which they are held
}

// A Shelf is the folder in which a device keeps its lists, and what it remembers of them.
// It may be used from several goroutines; one bundle is taken at a time.
type Shelf struct {
	folder string
	rules  Rules
	store  *blocklist.Store

	one   sync.Mutex // bundle at a time
	now   sync.Mutex // guards state for those who only look
	state state

	startAlarm bool // something was wrong at the start
}

// Status is what a device tells of its lists.
type Status struct {
	blocklist.Edition
	Held    int       // cards that are refused, and to which no block is written
	Alarm   string    // why the last bundle was refused, or what was found damaged; or ""
	AlarmAt time.Time // zero when the time is not known

	// Former is how many cards a former list names, which are refused as well until the time
	// Until, and to which no block is written; 0: there is none.
	Former int
	Until  time.Time
}

// Open finds the lists that were in use and takes them into use at once. A folder that
// is not there is made. What is damaged is put aside, and the best that is left is used:
// the full list without its delta, the last list that kept to the cap, or none. The
// status then has an alarm. The error is for a folder that cannot be used at all.
func Open(folder string, rules Rules, store *blocklist.Store) (*Shelf, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the block lists: %w: make the state "+
			"folder writable", err)
	}
	s := &Shelf{folder: folder, rules: rules, store: store}
	before, err := readState(folder)
	switch {
	case errors.Is(err, errDamagedState):
		s.aside(stateFile, stateFile)
		s.guess()
		s.troubled(fmt.Errorf("%w: the newest list of the folder is used", err))
	case err != nil:
		return nil, fmt.Errorf("reading the state of the block lists: %w", err)
	case before.Area == rules.Area: // else it is a device that has moved
		s.state = before
	}
	s.state.Area = rules.Area
	if err := errors.Join(s.start(), s.retain()); err != nil {
		return nil, err
	}
	if s.state.write(folder) == nil { // if it fails, the next start finds the same again
		s.sweep()
	}
	return s, nil
}

// start takes into use what the state names, or the best that is left of it.
func (s *Shelf) start() error {
	named := s.state
	list, err := s.first(named.InUse, pair{Full: named.InUse.Full})
	if list == nil && err == nil {
		list, err = s.first(named.Known, pair{Full: named.Known.Full})
		s.state.Known = s.state.InUse
	}
	if old := named.Former.List; list == nil && err == nil && named.Former.kept() {
		list, err = s.first(old, pair{Full: old.Full})
		s.state.Known, s.state.Former = s.state.InUse, former{}
	}
	if list == nil || err != nil {
		return err
	}
	s.learn(list)
	if named.Known == named.InUse {
		s.state.Known = s.state.InUse
	}
	if s.state.Known == s.state.InUse {
		s.state.Held = 0
		return s.store.Use(list, nil)
	}
	known, err := s.openKnown()
	if err != nil {
		return errors.Join(err, list.Close())
	}
	return s.store.Use(list, known)
}

// learn makes up for a state that was lost: no list before the one found is taken again.
func (s *Shelf) learn(list *blocklist.File) {
	if e := list.Edition(); s.state.Highest.Version < e.Version {
		s.state.Highest = markOf(e)
	}
	if e := list.Beneath(); s.state.Beneath.Version < e.Version {
		s.state.Beneath = markOf(e)
	}
}

// first opens the first of some lists that is whole, and has it named as the one in
// use; nil if none is.
func (s *Shelf) first(pairs ...pair) (*blocklist.File, error) {
	for _, p := range pairs {
		if p.Full == "" {
			continue
		}
		list, err := s.open(p)
		if err == nil {
			s.state.InUse = p
			return list, nil
		}
		if !lost(err) {
			return nil, err
		}
		s.troubled(err)
	}
	s.state.InUse = pair{}
	return nil, nil
}

// lost tells that a list is gone, and not only out of reach for now.
func lost(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, blocklist.ErrDamaged) ||
		errors.Is(err, blocklist.ErrFormat) || errors.Is(err, blocklist.ErrBase) ||
		errors.Is(err, blocklist.ErrArea)
}

// troubled raises the alarm for the first thing that is wrong at a start: the rest
// follows from it.
func (s *Shelf) troubled(err error) {
	if s.startAlarm {
		return
	}
	s.startAlarm, s.state.Alarm = true, alarm{Reason: err.Error()}
}

// openKnown opens the list whose blocks may be written. If it is lost, one of no cards
// takes its place: then all cards are held, rather than none.
func (s *Shelf) openKnown() (*blocklist.File, error) {
	known, err := s.open(s.state.Known)
	if err == nil || !lost(err) {
		return known, err
	}
	s.troubled(err)
	s.state.Known = pair{Full: nothingFile}
	path := filepath.Join(s.folder, nothingFile)
	err = blocklist.Build(path, blocklist.List{Version: 1, Area: s.rules.Area,
		Made: time.Unix(1, 0)})
	if err != nil {
		return nil, err
	}
	return blocklist.Open(path)
}

// open opens a list with its delta, and puts aside what is damaged.
func (s *Shelf) open(p pair) (*blocklist.File, error) {
	list, err := s.openFile(p.Full, "full")
	if err != nil || p.Delta == "" {
		return list, err
	}
	delta, err := s.openFile(p.Delta, "delta")
	if err == nil {
		err = list.Overlay(delta)
	}
	if err != nil {
		return nil, errors.Join(err, list.Close())
	}
	return list, nil
}

func (s *Shelf) openFile(name, kind string) (*blocklist.File, error) {
	file, err := blocklist.Open(filepath.Join(s.folder, name))
	if errors.Is(err, blocklist.ErrDamaged) {
		s.aside(name, kind)
	}
	return file, err
}

// guess is for a folder that has lost its state: the newest list is used, and only
// those blocks are written that stand in the oldest, since cards may have been held.
func (s *Shelf) guess() {
	var oldest, newest, latest uint32
	each(s.folder, func(_ string, base, version uint32) {
		if base == 0 {
			newest = max(newest, version)
			oldest = min(cmp.Or(oldest, version), version)
		}
	})
	each(s.folder, func(name string, base, version uint32) {
		if base == newest && version > latest {
			latest, s.state.InUse.Delta = version, name
		}
	})
	if newest > 0 {
		s.state.InUse.Full, s.state.Known.Full = fullName(newest), fullName(oldest)
	}
}

// each calls for every list of a folder.
func each(folder string, call func(name string, base, version uint32)) {
	entries, _ := os.ReadDir(folder) // what cannot be read holds no list
	for _, entry := range entries {
		var base, version uint32
		name := entry.Name()
		if n, _ := fmt.Sscanf(name, "full-%d", &version); n == 1 && name == fullName(version) {
			call(name, 0, version)
		}
		n, _ := fmt.Sscanf(name, "delta-%d-%d", &base, &version)
		if n == 2 && name == deltaName(base, version) {
			call(name, base, version)
		}
	}
}

func fullName(version uint32) string { return fmt.Sprintf("full-%d", version) }

func deltaName(base, version uint32) string { return fmt.Sprintf("delta-%d-%d", base, version) }

// aside keeps a damaged file for whoever looks into it, instead of the one before.
func (s *Shelf) aside(name, kind string) {
	path := filepath.Join(s.folder, name)
	if os.Rename(path, filepath.Join(s.folder, kind+badSuffix)) != nil {
		_ = os.Remove(path)
	}
}

// sweep removes what no power cut should leave for ever.
func (s *Shelf) sweep() {
	wanted := map[string]bool{}
	for _, p := range []pair{s.state.InUse, s.state.Known, s.state.Former.List,
		s.state.Former.Known} {
		wanted[p.Full], wanted[p.Delta] = true, true
	}
	entries, _ := os.ReadDir(s.folder) // what is left is swept another time
	for _, entry := range entries {
		name := entry.Name()
		keep := wanted[name] || name == stateFile || strings.HasSuffix(name, badSuffix)
		if !keep && entry.Type().IsRegular() {
			_ = os.Remove(filepath.Join(s.folder, name))
		}
	}
}

// Status is what the device tells of its lists now.
func (s *Shelf) Status() Status {
	s.now.Lock()
	defer s.now.Unlock()
	status := Status{Edition: s.store.Edition(), Held: int(s.state.Held),
		Alarm: s.state.Alarm.Reason, AlarmAt: s.state.Alarm.time()}
	if f := &s.state.Former; f.kept() {
		status.Former, status.Until = int(f.Count), f.until()
		if status.Alarm == "" {
			status.Alarm, status.AlarmAt = f.alarm(status.Edition), time.Unix(f.Since, 0).UTC()
		}
	}
	return status
}

// InUse are the files of the list in use, for a copy of it: the full list, and the delta
// laid over it; "" where there is none. While a former list is kept they are its own: a copy
// is one list, and has to refuse no fewer cards. Files that are in use do not change.
func (s *Shelf) InUse() (full, delta string) {
	s.now.Lock()
	defer s.now.Unlock()
	used := s.state.InUse
	if s.state.Former.kept() {
		used = s.state.Former.List
	}
	return s.path(used.Full), s.path(used.Delta)
}

func (s *Shelf) path(name string) string {
	if name == "" {
		return ""
	}
	return filepath.Join(s.folder, name)
}
