package lists

import (
	"errors"
	"fmt"
	"time"

	"leima/blocklist"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// take takes an unpacked list into use: it is read through, named, and only then exchanged.
func (b *Blocks) take(draft string, m bundle.Manifest, now time.Time, when inbox.Exchange) error {
	next, err := b.openNext(draft, m)
	if err != nil {
		return err
	}
	if b.gone(m) {
		return errors.Join(next.Close(), b.putBack(draft, m))
	}
	after, known, err := b.measure(next, m)
	var former *blocklist.File
	if err == nil {
		former, err = b.thin(&after, m, now)
	}
	if err == nil {
		err = b.store.Admit(next) // before anything says that it is in use
	}
	if err == nil {
		err = b.keep(draft, m, after)
	}
	if err != nil {
		return errors.Join(err, closeBoth(next, known), closeBoth(former, nil))
	}
	var spent, spentFormer blocklist.Pair
	err = when(func() (err error) {
		if former != nil { // before: no tap may find the cards on neither
			spentFormer = b.store.Retain(former)
		}
		if spent, err = b.store.Exchange(next, known); err == nil {
			b.used.Store(&Used[*blocklist.Store]{m, b.store})
		}
		if !after.Former.exists() {
			spentFormer = b.store.Retain(nil)
		}
		return err
	})
	return errors.Join(err, spent.Close(), spentFormer.Close())
}

// openNext opens the list as it will be in use, and compares it with its manifest.
func (b *Blocks) openNext(draft string, m bundle.Manifest) (list *blocklist.File, err error) {
	file, err := blocklist.Open(draft)
	if err != nil {
		return nil, err
	}
	if !describes(m, blocksManifest(file)) {
		err := fmt.Errorf("%w: its file is another list than it says", bundle.ErrDamaged)
		return nil, errors.Join(err, file.Close())
	}
	if m.Base == 0 {
		return file, nil
	}
	list, err = b.openFile(b.state.InUse.Full, "full")
	if err != nil {
		return nil, errors.Join(storedError{err}, file.Close())
	}
	if err := list.Overlay(file); err != nil {
		return nil, errors.Join(err, closeBoth(list, file))
	}
	return list, nil
}

// measure is the state after a list is taken, and the list whose blocks may then be written; nil if
// that is the new one.
func (b *Blocks) measure(next *blocklist.File, m bundle.Manifest) (
	after state, known *blocklist.File, err error,
) {
	after = b.after(m)
	before := b.state.Known
	if b.state.Former.exists() { // what it names is nothing new
		before = b.state.Former.Known
	}
	if before.Full != "" {
		if known, err = b.open(before); err != nil && !lost(err) {
			return after, nil, storedError{err}
		}
	}
	added, err := next.Added(known)
	if err != nil {
		return after, known, err
	}
	if known != nil && added > max(b.most, int(m.Adding)) {
		after.Known, after.Held = before, uint32(added)
		return after, known, nil
	}
	return after, nil, closeBoth(known, nil)
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
