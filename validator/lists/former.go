package lists

import (
	"errors"
	"fmt"
	"time"

	"leima/blocklist"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// aDay is the longest time for which the cards of a former list are refused.
const aDay = 24 * time.Hour

// A former list was replaced by a much smaller one that is not signed as meant so. The zero value
// is none.
type former struct {
	_     struct{} `cbor:",toarray"`
	List  pair
	Known pair // whose blocks could be written
	Count uint32
	Since int64 // seconds since 1970
}

func (f *former) exists() bool { return f.List.Full != "" }

func (f *former) until() time.Time { return time.Unix(f.Since, 0).Add(aDay).UTC() }

// thin retains the previous list if the next one has fewer than half of its cards and is not meant
// so; of several such lists in a row the first one's predecessor, and for a day in all. It returns
// that list, open, or nil if there is none or the store already has it.
func (b *Blocks) thin(after *state, m bundle.Manifest, now time.Time) (*blocklist.File, error) {
	before := b.state.Former
	if !before.exists() {
		before = former{
			List: b.state.InUse, Known: b.state.Known,
			Count: uint32(b.store.Edition().Count), Since: now.Unix(),
		}
	}
	after.Former = former{}
	if m.Fewer || !before.exists() || !bundle.Thinned(int(before.Count), m.Count) ||
		!now.Before(before.until()) {
		return nil, nil
	}
	var list *blocklist.File
	if !b.state.Former.exists() {
		var err error
		if list, err = b.open(before.List); err != nil {
			return nil, storedError{err}
		}
	}
	after.Former = before
	return list, nil
}

// alarm is the alarm about a former list.
func (f *former) alarm(used blocklist.Edition) string {
	return fmt.Sprintf("version %d names %d cards and the list before it %d, and nobody has said "+
		"that so many are meant to go: those are refused as well, until a list comes that names "+
		"them or is signed with --fewer, or until %s", used.Version, used.Count, f.Count,
		f.until().Format(time.RFC3339))
}

// Release drops a former list after a day of the device's time; if that was set back, the day
// begins again.
func (b *Blocks) Release(now time.Time, when inbox.Exchange) (released bool, err error) {
	b.one.Lock()
	defer b.one.Unlock()
	next := b.state
	switch f := &next.Former; {
	case !f.exists():
		return false, nil
	case now.Unix() < f.Since:
		f.Since = now.Unix()
	case now.Before(f.until()):
		return false, nil
	default:
		next.Former, released = former{}, true
	}
	if err := b.note(next); err != nil {
		return false, fmt.Errorf("noting that a former block list is no longer refused: %w", err)
	}
	b.remember(next)
	if !released {
		return false, nil
	}
	var spent blocklist.Pair
	err = when(func() error {
		spent = b.store.Retain(nil)
		return nil
	})
	err = errors.Join(err, spent.Close())
	b.sweep()
	return err == nil, err
}

// retain takes the stored former list into use again. If it is lost, there is an alarm.
func (b *Blocks) retain() error {
	if !b.state.Former.exists() {
		return nil
	}
	list, err := b.open(b.state.Former.List)
	switch {
	case err == nil:
		return b.store.Retain(list).Close()
	case !lost(err):
		return err
	}
	b.state.Former = former{}
	b.alarmAtStart(err)
	return nil
}
