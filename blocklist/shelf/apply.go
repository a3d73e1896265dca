package shelf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
)

// Refusal tells whether an error is the fault of a bundle, so that trying it again
// cannot help.
func Refusal(err error) bool {
	var kept keptError
	if errors.As(err, &kept) {
		return false
	}
	for _, reason := range []error{inbox.ErrReplay, blocklist.ErrDamaged, blocklist.ErrFormat,
		blocklist.ErrArea, blocklist.ErrOlder, blocklist.ErrConflict, blocklist.ErrBase} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return bundle.Refusal(err)
}

// keptError is about a list that this device has had, and not about a bundle.
type keptError struct{ error }

func (e keptError) Unwrap() error { return e.error }

// Taker is what package inbox gives block lists to.
func (s *Shelf) Taker() inbox.Taker {
	return inbox.Taker{Apply: s.Apply, Refusal: Refusal, Largest: s.rules.Largest}
}

// Apply verifies the bundle at path and takes its list into use. Everything but the
// exchange itself is done before, while the device serves passengers. now is for what
// expires. After an error the list in use stays; Refusal tells whether the bundle is to
// blame.
func (s *Shelf) Apply(path string, now time.Time, when inbox.Exchange) error {
	s.one.Lock()
	defer s.one.Unlock()
	err := s.apply(path, now, when)
	if err != nil {
		err = fmt.Errorf("bundle %s: %w", filepath.Base(path), err)
	}
	if err != nil && !errors.Is(err, inbox.ErrReplay) {
		s.alarm(err, now)
	}
	return err
}

// alarm notes what is wrong, and once only: a bundle may be tried again and again.
func (s *Shelf) alarm(err error, now time.Time) {
	next := s.state
	next.Alarm = alarm{Reason: err.Error(), At: now.Unix()}
	if next.Alarm.Reason == s.state.Alarm.Reason {
		return
	}
	_ = next.write(s.folder) // a full disk must not keep the alarm from those who look
	s.remember(next)
}

func (s *Shelf) remember(next state) {
	s.now.Lock()
	defer s.now.Unlock()
	s.state = next
}

func (s *Shelf) apply(path string, now time.Time, when inbox.Exchange) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sent, err := bundle.Read(file, bundle.Trust{Keys: s.rules.Keys, Purpose: bundle.BlockList,
		Area: s.rules.Area, At: now, Largest: s.rules.Largest})
	if err != nil {
		return err
	}
	if err := s.state.admit(sent.Manifest); err != nil {
		return err
	}
	draft := filepath.Join(s.folder, draftFile)
	defer os.Remove(draft) // unless it has got a name by then
	if err := unpack(draft, sent); err != nil {
		return err
	}
	return s.take(draft, sent.Manifest, now, when)
}

// admit tells why a list may not follow those that this device has had.
func (s state) admit(m bundle.Manifest) error {
	highest := s.Highest
	switch {
	case m.Version == highest.Version && !highest.is(m.Version, m.Digest):
		return fmt.Errorf("%w, %d: give the newer one a higher version", blocklist.ErrConflict,
			m.Version)
	case m.Version == highest.Version && s.uses(m):
		return fmt.Errorf("%w: version %d", inbox.ErrReplay, m.Version)
	case m.Version < highest.Version && !s.raises(m):
		return fmt.Errorf("%w: version %d, and this device has had %d: a newer one is needed",
			blocklist.ErrOlder, m.Version, highest.Version)
	case m.Base != 0 && s.InUse.Full != fullName(m.Base):
		return fmt.Errorf("%w: it changes version %d, which is not the full list in use: "+
			"send that first", blocklist.ErrBase, m.Base)
	}
	return nil
}

// uses tells whether a list of the highest version is in use, and nothing would be won by
// taking it once more. A full list in the place of a delta is worth it: the next delta
// may be for it.
func (s state) uses(m bundle.Manifest) bool {
	if m.Base != 0 {
		return s.InUse.Delta == deltaName(m.Base, m.Version) || s.InUse.Full == fullName(m.Version)
	}
	return s.InUse.Full == fullName(m.Version)
}

// raises tells whether an older list is the one that the highest rested on, on a device
// that has lost both.
func (s state) raises(m bundle.Manifest) bool {
	return s.InUse.Full == "" && m.Base == 0 && s.Beneath.is(m.Version, m.Digest)
}

// step is how much is written before it is flushed. Were it more, the journal, on the
// same disk, would have to wait for all of it.
const step = 1 << 20

// unpack writes the file of a bundle to a draft.
func unpack(draft string, sent *bundle.Bundle) (err error) {
	file, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := sent.WriteTo(&steady{file: file}); err != nil {
		return err
	}
	return file.Sync()
}

// steady flushes as it writes.
type steady struct {
	file    *os.File
	pending int
}

var _ io.Writer = (*steady)(nil)

func (w *steady) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	if w.pending += n; err == nil && w.pending >= step {
		w.pending, err = 0, w.file.Sync()
	}
	return n, err
}
