package shelf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
)

// take takes a list that was unpacked into use: it is gone through, named, and only then
// exchanged.
func (s *Shelf) take(draft string, m bundle.Manifest, now time.Time, when inbox.Exchange) error {
	next, err := s.openNext(draft, m)
	if err != nil {
		return err
	}
	after, known, err := s.measure(next, m)
	var former *blocklist.File
	if err == nil {
		former, err = s.thin(&after, m, now)
	}
	if err == nil {
		err = s.store.Admit(next) // before anything says that it is in use
	}
	if err == nil {
		err = s.keep(draft, m, after)
	}
	if err != nil {
		return errors.Join(err, closeBoth(next, known), closeBoth(former, nil))
	}
	var spent, refusedSoFar blocklist.Pair
	err = when(func() (err error) {
		if former != nil { // before: no tap may find the cards on neither
			refusedSoFar = s.store.Retain(former)
		}
		spent, err = s.store.Exchange(next, known)
		if !after.Former.kept() {
			refusedSoFar = s.store.Retain(nil)
		}
		return err
	})
	err = errors.Join(err, spent.Close(), refusedSoFar.Close())
	s.sweep()
	return err
}

// openNext opens the list as it will be in use, and holds it to its manifest.
func (s *Shelf) openNext(draft string, m bundle.Manifest) (list *blocklist.File, err error) {
	file, err := blocklist.Open(draft)
	if err != nil {
		return nil, err
	}
	said := ManifestOf(file)
	said.Expires, said.Adding, said.Fewer = m.Expires, m.Adding, m.Fewer
	said.Size, said.Sum = m.Size, m.Sum
	if said != m {
		err := fmt.Errorf("%w: its file is another list than it says", bundle.ErrDamaged)
		return nil, errors.Join(err, file.Close())
	}
	if m.Base == 0 {
		return file, nil
	}
	list, err = blocklist.Open(filepath.Join(s.folder, s.state.InUse.Full))
	if err != nil {
		return nil, errors.Join(keptError{err}, file.Close())
	}
	if err := list.Overlay(file); err != nil {
		return nil, errors.Join(err, closeBoth(list, file))
	}
	return list, nil
}

// measure is the state after a list is taken, and the list whose blocks alone may be
// written then; nil if that is the new one.
func (s *Shelf) measure(next *blocklist.File, m bundle.Manifest) (
	after state, known *blocklist.File, err error,
) {
	after = s.after(m)
	before := s.state.Known
	if s.state.Former.kept() { // what it names is nothing new
		before = s.state.Former.Known
	}
	if before.Full != "" {
		if known, err = s.open(before); err != nil && !lost(err) {
			return after, nil, keptError{err}
		}
	}
	added, err := next.Added(known)
	if err != nil {
		return after, known, err
	}
	if known != nil && added > max(s.rules.Cap, int(m.Adding)) {
		after.Known, after.Held = before, uint32(added)
		return after, known, nil
	}
	return after, nil, closeBoth(known, nil)
}

// after is the state with a list in use, all of whose blocks may be written.
func (s *Shelf) after(m bundle.Manifest) state {
	after := s.state
	if m.Version > s.state.Highest.Version {
		after.Highest = mark{Version: m.Version, Digest: m.Digest[:]}
	}
	if m.Base == 0 {
		after.InUse = pair{Full: fullName(m.Version)}
		after.Beneath = mark{Version: m.Version, Digest: m.Digest[:]}
	} else {
		after.InUse.Delta = deltaName(m.Base, m.Version)
	}
	after.Known, after.Held, after.Alarm = after.InUse, 0, alarm{}
	return after
}

// keep gives a draft its name and then has the state say so: from here on the list is in
// use, also after a power cut.
func (s *Shelf) keep(draft string, m bundle.Manifest, after state) error {
	name := after.InUse.Full
	if m.Base != 0 {
		name = after.InUse.Delta
	}
	if err := os.Rename(draft, filepath.Join(s.folder, name)); err != nil {
		return err
	}
	if err := syncFolder(s.folder); err != nil {
		return err
	}
	if err := after.write(s.folder); err != nil {
		return fmt.Errorf("noting the list as the one in use: %w", err)
	}
	s.remember(after)
	return nil
}

func closeBoth(a, b *blocklist.File) error {
	var err error
	for _, file := range []*blocklist.File{a, b} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	return err
}
