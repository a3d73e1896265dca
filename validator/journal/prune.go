package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Acknowledge records that the back office has the entries up to this position, so that they may be
// pruned here. Repeating it, or an earlier position, changes nothing. A position that does not
// exist yet is an error.
func (j *Journal) Acknowledge(upTo uint64) error {
	j.using.Lock()
	defer j.using.Unlock()
	doing := fmt.Sprintf("acknowledging entry %d", upTo)
	if err := j.catchUp(); err != nil {
		return err
	}
	if upTo > j.Position {
		return fmt.Errorf("journal %s: %s: the last is %d: this is said of another journal", j.path,
			doing, j.Position)
	}
	if upTo <= j.acknowledged {
		return nil
	}
	_, err := j.write(binary.BigEndian.AppendUint64(nil, upTo))
	if err == nil {
		j.acknowledged = upTo
		err = j.sync()
	}
	if err != nil {
		return explain(j.path, doing, err)
	}
	j.prune()
	return nil
}

// dropsAtOnce bounds how many segments are dropped while a tap may wait for it.
const dropsAtOnce = 2

// prune drops acknowledged segments, the oldest first: until half of the limit is free, and those
// that are outdated. It goes on after a second.
func (j *Journal) prune() {
	for range dropsAtOnce {
		if !j.oldestIsAcknowledged() || j.stored() <= j.limits.Size/2 && !j.oldestIsOutdated() {
			return
		}
		if err := j.drop(); err != nil {
			j.trouble = explain(j.path, "pruning", err)
			return
		}
	}
	j.wake()
}

// oldestIsAcknowledged reports whether the back office has all of the oldest segment, and it is not
// the newest.
func (j *Journal) oldestIsAcknowledged() bool {
	return len(j.segments) > 1 && j.segments[1] <= j.acknowledged+1
}

// drop removes the oldest segment. The folder is flushed each time, so that none is ever missing
// between others.
func (j *Journal) drop() error {
	err := os.Remove(segmentFile(j.place, j.segments[0]))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	j.segments = j.segments[1:]
	j.base = j.sizeBefore()
	return j.flush.Folder(j.place)
}

// sizeBefore is the size of all entries before the oldest segment whose header is whole: a damaged
// one stops no tap.
func (j *Journal) sizeBefore() uint64 {
	for _, first := range j.segments {
		if begun, err := j.headerOf(first); err == nil {
			return begun.size
		}
	}
	return j.size
}

// headerOf is the state with which a segment begins.
func (j *Journal) headerOf(first uint64) (s state, err error) {
	name := segmentFile(j.place, first)
	raw, err := os.ReadFile(name)
	if err != nil {
		return s, fmt.Errorf("%w: segment %s: %w", ErrDamaged, name, err)
	}
	if s, _, err = headerIn(raw, first); err != nil {
		return s, fmt.Errorf("segment %s: %w", name, err)
	}
	return s, nil
}

// oldestIsOutdated reports whether all entries of the oldest segment are older than Limits.Keep:
// their copies are not needed here, and they say which cards have travelled when. If not, it looks
// again after a day, by the known times of events.
func (j *Journal) oldestIsOutdated() bool {
	now := j.timing.Last
	if j.timing.Estimated || now.Sub(j.outdated).Abs() < day {
		return false
	}
	if j.oldestIsBefore(now.Add(-j.limits.Keep)) {
		return true
	}
	j.outdated = now
	return false
}

// oldestIsBefore reports whether all entries of the oldest segment are from before a time. An entry
// without a known time, or that is damaged, is as old as those around it.
func (j *Journal) oldestIsBefore(at time.Time) bool {
	old := true
	last, closed := endOf(j.segments, 0, j.Position)
	_, _ = j.read(j.segments[0], last, closed, func(_ *state, e *entry, _ []byte) error {
		old = old && !(e.timed() && !e.Event.Estimated && *e.Event.At >= at.Unix())
		return nil
	})
	return old
}
