package journal

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"

	"leima/hw/disk"
)

// tidy begins a segment when it is time. All that is written is flushed by then: an error here does
// no harm, and it is tried again later. An intent does not wait for it, since its card is still in
// the field.
func (j *Journal) tidy(kind Kind) {
	limit := max(int64(j.limits.segment), j.start)
	if kind == Intent {
		limit *= 2
	}
	if grown := j.end - j.start; j.refuses != nil || grown < j.retryAt ||
		grown < limit && (kind == Intent || !j.aged()) {
		return
	}
	j.trouble, j.retryAt = j.roll(), 0
	if j.trouble != nil {
		j.retryAt = j.end - j.start + int64(j.limits.segment)/4
	}
}

// aged reports whether the newest segment is a day old, by the known times of events: acknowledged
// entries go with their whole segment.
func (j *Journal) aged() bool {
	return j.since != nil && !j.timing.Estimated &&
		j.timing.Last.Sub(timeOf(j.since)).Abs() >= day
}

// roll begins a segment, after what is before it is flushed. The segment is flushed before it gets
// its name, and the folder before the segment gets an entry. Then the segment before it need not
// hold a card's hash any more.
func (j *Journal) roll() error {
	if err := j.sync(); err != nil {
		return explain(j.path, "flushing", err)
	}
	if err := j.clear(); err != nil {
		return explain(j.path, "beginning a segment", err)
	}
	first := j.Position + 1
	begun, size, file, err := j.begin(first)
	if err != nil {
		j.unsure, j.stray = true, segmentFile(j.place, first)
		return explain(j.path, "beginning a segment", err)
	}
	slots := append(j.wiping, j.closing...)
	for _, open := range j.open.numbered {
		if open.slot > 0 {
			slots = append(slots, open.slot)
		}
	}
	j.stale[j.segments[len(j.segments)-1]] = slots
	_ = j.newest.Close() // it is flushed
	j.newest, j.segments, j.state = file, append(j.segments, first), begun
	j.start, j.end, j.flushed = size, size, size
	j.wiping, j.closing = nil, nil
	err = j.sweep()
	j.sign()
	j.sealer.forget()
	return explain(j.path, "wiping the segment before", err)
}

// begin writes a segment that holds its header alone, and returns the state that it begins with, as
// it is read again, and its size.
func (j *Journal) begin(first uint64) (s state, size int64, file *os.File, err error) {
	payload, cards, err := j.state.header(slices.Sorted(maps.Keys(j.stale))...)
	if err != nil {
		return s, 0, nil, err
	}
	header, name := recorded(payload, cards...), segmentFile(j.place, first)
	if s, size, err = headerIn(header, first); err != nil {
		return s, 0, nil, err
	}
	if err := j.flush.Replace(name, 0o600, disk.Bytes(header)); err != nil {
		return s, 0, nil, err
	}
	file, err = os.OpenFile(name, os.O_RDWR, 0)
	return s, size, file, err
}

// sweep removes the hashes of cards from older segments. A segment is remembered until its wipe is
// flushed.
func (j *Journal) sweep() (err error) {
	for first, slots := range j.stale {
		failed := j.sweepSegment(first, slots)
		if failed == nil || errors.Is(failed, fs.ErrNotExist) {
			delete(j.stale, first)
		} else {
			err = failed
		}
	}
	return err
}

func (j *Journal) sweepSegment(first uint64, slots []int64) error {
	if slots == nil {
		raw, err := os.ReadFile(segmentFile(j.place, first))
		if err != nil {
			return err
		}
		slots = slotsIn(raw)
		j.stale[first] = slots
	}
	if len(slots) == 0 {
		return nil
	}
	file, err := os.OpenFile(segmentFile(j.place, first), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := j.wipe(file, slots); err != nil {
		return err
	}
	return j.flush(file)
}

// wipeNewest removes the hashes of cards from the newest segment that are not needed.
func (j *Journal) wipeNewest() error {
	if len(j.wiping) == 0 {
		return nil
	}
	err := errors.Join(j.wipe(j.newest, j.wiping), j.flush(j.newest))
	if err == nil {
		j.wiping = nil
	}
	return err
}

// wipe writes zeros over slots.
func (j *Journal) wipe(file *os.File, slots []int64) error {
	for _, at := range slots {
		if _, err := file.WriteAt(make([]byte, slotSize), at); err != nil {
			return err
		}
	}
	return nil
}

// slotsIn are the slots of a segment that hold the hash of a card.
func slotsIn(raw []byte) (slots []int64) {
	for at := int64(0); ; {
		r, next, whole := recordAt(raw, at)
		if !whole {
			return slots
		}
		for n := range len(r.slots) / slotSize {
			if _, filled, _ := r.card(n); filled {
				slots = append(slots, r.at+int64(n*slotSize))
			}
		}
		at = next
	}
}
