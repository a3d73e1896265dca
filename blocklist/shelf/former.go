package shelf

import (
	"errors"
	"fmt"
	"time"

	"leima/blocklist"
	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
)

// aDay is how long the cards of a former list are refused at most.
const aDay = 24 * time.Hour

// A former list is one whose place a much smaller one has taken, and nobody has said that so
// many cards are meant to go. The zero value is none.
type former struct {
	_     struct{} `cbor:",toarray"`
	List  pair
	Known pair // whose blocks could be written then
	Count uint32
	Since int64 // seconds since 1970
}

func (f *former) kept() bool { return f.List.Full != "" }

func (f *former) until() time.Time { return time.Unix(f.Since, 0).Add(aDay).UTC() }

// thin has the cards of the list before refused as well, where the next one has fewer than half
// of them and does not say that it is meant; of several such lists in a row those of the one
// before the first, and no longer than a day in all. What is returned is open, and not nil
// where the store does not have it yet.
func (s *Shelf) thin(after *state, m bundle.Manifest, now time.Time) (*blocklist.File, error) {
	before := s.state.Former
	if !before.kept() {
		before = former{List: s.state.InUse, Known: s.state.Known,
			Count: uint32(s.store.Edition().Count), Since: now.Unix()}
	}
	after.Former = former{}
	if m.Fewer || !before.kept() || !bundle.Thinned(int(before.Count), m.Count) ||
		!now.Before(before.until()) {
		return nil, nil
	}
	var list *blocklist.File
	if !s.state.Former.kept() {
		var err error
		if list, err = s.open(before.List); err != nil {
			return nil, keptError{err}
		}
	}
	after.Former = before
	return list, nil
}

// alarm is what is told of it.
func (f *former) alarm(used blocklist.Edition) string {
	return fmt.Sprintf("version %d names %d cards and the list before it %d, and nobody has said "+
		"that so many are meant to go: those are refused as well, until a list comes that names "+
		"them or is signed with --fewer, or until %s", used.Version, used.Count, f.Count,
		f.until().Format(time.RFC3339))
}

// Release lets go of a former list after a day. The time is the device's; where that was wrong
// and has been put back, the day begins again.
func (s *Shelf) Release(now time.Time, when inbox.Exchange) (released bool, err error) {
	s.one.Lock()
	defer s.one.Unlock()
	next := s.state
	switch f := &next.Former; {
	case !f.kept():
		return false, nil
	case now.Unix() < f.Since:
		f.Since = now.Unix()
	case now.Before(f.until()):
		return false, nil
	default:
		next.Former, released = former{}, true
	}
	if err := next.write(s.folder); err != nil {
		return false, fmt.Errorf("noting that a former block list is refused no more: %w", err)
	}
	s.remember(next)
	if !released {
		return false, nil
	}
	var spent blocklist.Pair
	err = when(func() error {
		spent = s.store.Retain(nil)
		return nil
	})
	err = errors.Join(err, spent.Close())
	s.sweep()
	return err == nil, err
}

// retain takes the former list of the last time into use again. If it is lost, so are its
// cards, and the alarm says it.
func (s *Shelf) retain() error {
	if !s.state.Former.kept() {
		return nil
	}
	list, err := s.open(s.state.Former.List)
	switch {
	case err == nil:
		return s.store.Retain(list).Close()
	case !lost(err):
		return err
	}
	s.state.Former = former{}
	s.troubled(err)
	return nil
}
