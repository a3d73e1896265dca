package lists

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"leima/blocklist"
	"leima/validator/lists/bundle"
)

// Blocks is the store of a device's block lists.
type Blocks struct {
	*Store[*blocklist.Store]
	store *blocklist.Store
	most  int // new cards of a list; if there are more, they are provisional
}

// Status is the state of a device's block lists.
type Status struct {
	blocklist.Edition
	Held    int       // provisional cards: refused, but no block is written to them
	Alarm   string    // why the last bundle was refused, or what was found damaged; "" if neither
	AlarmAt time.Time // zero if the time is not known

	// Former is the number of cards of a former list, which are refused as well until the time
	// Until, but no block is written to them; 0 if there is none.
	Former int
	Until  time.Time
}

// OpenBlocks takes the stored lists into use. Damaged files are put aside, and the best of the rest
// is used: the full list without its delta, the last list within the cap, or none. The status then
// has an alarm. The error is about a folder that cannot be used at all.
func OpenBlocks(folder string, trust bundle.Trust, most int, store *blocklist.Store,
) (*Blocks, error) {
	trust.Purpose = bundle.BlockList
	b := &Blocks{
		store: store, most: most,
		Store: &Store[*blocklist.Store]{what: "block lists", full: "full", trust: trust},
	}
	b.content = b
	return b, b.begin(folder)
}

// start reads the state and takes its lists into use.
func (b *Blocks) start() error {
	before, err := readState(b.folder)
	switch {
	case errors.Is(err, errDamagedState):
		b.putAside(stateFile, stateFile)
		b.guessState()
		b.alarmAtStart(fmt.Errorf("%w: the newest list of the folder is used", err))
	case err != nil:
		return fmt.Errorf("reading the state of the block lists: %w", err)
	case before.Area == b.trust.Area: // otherwise the device has moved
		b.state = before
	}
	b.state.Area = b.trust.Area
	if err := errors.Join(b.useBest(), b.retain()); err != nil {
		return err
	}
	if b.note(b.state) == nil { // if it fails, the next start finds the same again
		b.sweep()
	}
	return nil
}

func (b *Blocks) note(next state) error { return next.write(b.folder) }

func (*Blocks) unpack(w io.Writer, sent *bundle.Bundle, _ io.ReadSeeker) error {
	_, err := sent.WriteTo(w)
	return err
}

// useBest takes the lists of the state into use, or the best of those that are left.
func (b *Blocks) useBest() error {
	named := b.state
	list, err := b.firstWhole(named.InUse, pair{Full: named.InUse.Full})
	if list == nil && err == nil {
		list, err = b.firstWhole(named.Known, pair{Full: named.Known.Full})
		b.state.Known = b.state.InUse
	}
	if old := named.Former.List; list == nil && err == nil && named.Former.exists() {
		list, err = b.firstWhole(old, pair{Full: old.Full})
		b.state.Known, b.state.Former = b.state.InUse, former{}
	}
	if list == nil || err != nil {
		return err
	}
	b.restoreMarks(list)
	if named.Known == named.InUse {
		b.state.Known = b.state.InUse
	}
	if b.state.Known == b.state.InUse {
		b.state.Held = 0
		return b.use(list, nil)
	}
	known, err := b.openKnown()
	if err != nil {
		return errors.Join(err, list.Close())
	}
	return b.use(list, known)
}

func (b *Blocks) use(list, known *blocklist.File) error {
	b.used.Store(&Used[*blocklist.Store]{blocksManifest(list), b.store})
	return b.store.Use(list, known)
}

// restoreMarks restores the marks of a state that was lost: no list before the one found is taken
// again.
func (b *Blocks) restoreMarks(list *blocklist.File) {
	if e := list.Edition(); b.state.Highest.Version < e.Version {
		b.state.Highest = markOf(e.Version, e.Digest)
	}
	if e := list.Beneath(); b.state.Beneath.Version < e.Version {
		b.state.Beneath = markOf(e.Version, e.Digest)
	}
}

// firstWhole opens the first of some lists that is whole, and names it in the state as in use; nil
// if none is.
func (b *Blocks) firstWhole(pairs ...pair) (*blocklist.File, error) {
	for _, p := range pairs {
		if p.Full == "" {
			continue
		}
		list, err := b.open(p)
		if err == nil {
			b.state.InUse = p
			return list, nil
		}
		if !lost(err) {
			return nil, err
		}
		b.alarmAtStart(err)
	}
	b.state.InUse = pair{}
	return nil, nil
}

// lost reports whether a list is gone for good, not only unreachable for now.
func lost(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, blocklist.ErrDamaged) ||
		errors.Is(err, blocklist.ErrFormat) || errors.Is(err, blocklist.ErrBase) ||
		errors.Is(err, blocklist.ErrArea)
}

// openKnown opens the list whose blocks may be written. If it is lost, an empty list takes its
// place: then all cards are provisional, rather than none.
func (b *Blocks) openKnown() (*blocklist.File, error) {
	known, err := b.open(b.state.Known)
	if err == nil || !lost(err) {
		return known, err
	}
	b.alarmAtStart(err)
	b.state.Known = pair{Full: nothingFile}
	path := b.path(nothingFile)
	err = blocklist.Build(path, blocklist.List{
		Version: 1, Area: b.trust.Area,
		Made: time.Unix(1, 0),
	})
	if err != nil {
		return nil, err
	}
	return blocklist.Open(path)
}

// open opens a list with its delta, and puts damaged files aside.
func (b *Blocks) open(p pair) (*blocklist.File, error) {
	list, err := b.openFile(p.Full, "full")
	if err != nil || p.Delta == "" {
		return list, err
	}
	delta, err := b.openFile(p.Delta, "delta")
	if err == nil {
		err = list.Overlay(delta)
	}
	if err != nil {
		return nil, errors.Join(err, list.Close())
	}
	return list, nil
}

func (b *Blocks) openFile(name, kind string) (*blocklist.File, error) {
	file, err := blocklist.Open(b.path(name))
	if errors.Is(err, blocklist.ErrDamaged) {
		b.putAside(name, kind)
	}
	return file, err
}

// guessState replaces a state that was lost: the newest list is used, and only blocks that are also
// in the oldest are written, since cards may have been provisional.
func (b *Blocks) guessState() {
	var oldest, newest, latest uint32
	entries, _ := os.ReadDir(b.folder) // what cannot be read holds no list
	for _, entry := range entries {
		if base, version := b.versionOf(entry.Name()); version > 0 && base == 0 {
			newest = max(newest, version)
			oldest = min(cmp.Or(oldest, version), version)
		}
	}
	for _, entry := range entries {
		base, version := b.versionOf(entry.Name())
		if base > 0 && base == newest && version > latest {
			latest, b.state.InUse.Delta = version, entry.Name()
		}
	}
	if newest > 0 {
		b.state.InUse.Full, b.state.Known.Full = b.fullName(newest), b.fullName(oldest)
	}
}

// Alarm is the alarm of the status.
func (b *Blocks) Alarm() string { return b.Status().Alarm }

// Status is the state of the device's lists now.
func (b *Blocks) Status() Status {
	b.now.Lock()
	defer b.now.Unlock()
	status := Status{
		Edition: b.store.Edition(), Held: int(b.state.Held),
		Alarm: b.state.Alarm.Reason, AlarmAt: b.state.Alarm.time(),
	}
	if f := &b.state.Former; f.exists() {
		status.Former, status.Until = int(f.Count), f.until()
		if status.Alarm == "" {
			status.Alarm, status.AlarmAt = f.alarm(status.Edition), time.Unix(f.Since, 0).UTC()
		}
	}
	return status
}

// InUse are the files of the list in use, for a copy of it: the full list, and the delta over it;
// "" if none. While a former list is retained they are its files: a copy is one list, and must not
// refuse fewer cards. Files in use do not change.
func (b *Blocks) InUse() (full, delta string) {
	b.now.Lock()
	defer b.now.Unlock()
	used := b.state.InUse
	if b.state.Former.exists() {
		used = b.state.Former.List
	}
	return b.pathOf(used.Full), b.pathOf(used.Delta)
}

func (b *Blocks) pathOf(name string) string {
	if name == "" {
		return ""
	}
	return b.path(name)
}
