package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"leima/hw/disk"
)

// Open opens a journal made by Create, with defaultLimits.
func Open(path string) (*Journal, error) { return OpenWithin(path, Limits{}) }

// OpenWithin opens a journal made by Create. It reads the newest segment, so the time that takes
// does not depend on the age of the journal. A journal that another program has open is ErrInUse.
// One that is not as it was written is ErrDamaged, and is left as it is. One of the former format
// is taken over.
func OpenWithin(path string, limits Limits) (*Journal, error) {
	limits, err := limits.complete()
	if err != nil {
		return nil, fmt.Errorf("journal %s: opening: %w", path, err)
	}
	loss, err := takeOver(path, limits)
	if err != nil {
		return nil, explain(path, "taking over its former format", err)
	}
	j, err := openJournal(path, path, limits, true, disk.Sync)
	if err == nil {
		j.loss = errors.Join(j.loss, loss)
	}
	return j, err
}

// OpenToRead opens a journal for reading: it is never changed, and calls that would change it are
// errors. Several programs may read it at once. One of the former format is read from a copy.
func OpenToRead(path string) (*Journal, error) {
	if file := formerFile(resolved(path)); file != "" {
		return openCopy(path, file)
	}
	return openJournal(path, path, defaultLimits, false, disk.Sync)
}

func openJournal(path, place string, limits Limits, writable bool, flush disk.Flush) (
	*Journal, error,
) {
	j := &Journal{path: path, place: place, limits: limits, flush: flush, lastExpiry: noExpiry}
	how := syscall.LOCK_EX
	if !writable {
		how, j.refuses = syscall.LOCK_SH, explain(path, "writing", errReadOnly)
	}
	var err error
	if j.folder, err = lock(place, how); err == nil {
		err = j.load(writable)
	}
	if err != nil {
		_ = j.release() // nothing was written
		return nil, explain(path, "opening", err)
	}
	if writable {
		j.sweepLoaded()
	}
	return j, nil
}

// lock opens the folder of a journal and locks it. The lock goes with the folder, whatever its
// name becomes.
func lock(path string, how int) (*os.File, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(folder.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInUse
	}
	if err != nil {
		_ = folder.Close()
		return nil, err
	}
	return folder, nil
}

// release gives the lock back.
func (j *Journal) release() error {
	var err error
	for _, file := range []*os.File{j.newest, j.folder} {
		if file != nil {
			err = errors.Join(err, disk.Unlock(file))
		}
	}
	if j.copied {
		err = errors.Join(err, os.RemoveAll(j.place))
	}
	return err
}

// load reads the newest segment. What a power cut has left of a record at its end is cut off. What
// is damaged can be read up to there. Verify checks all of the log.
func (j *Journal) load(writable bool) error {
	segments, drafts, err := segmentsIn(j.place)
	if err != nil {
		return err
	}
	j.segments = segments
	first := j.segments[len(j.segments)-1]
	raw, err := os.ReadFile(segmentFile(j.place, first))
	if err != nil {
		return err
	}
	j.state, j.end, err = load(raw, first, noLast, nil)
	if err == nil {
		err = j.inspect(raw)
	}
	if err != nil && (writable || j.end == 0) {
		return err
	}
	j.spoilt = err
	j.device = j.Device
	_, j.start, _ = recordAt(raw, 0)
	j.base = j.sizeBefore()
	j.wiping, j.flushed = j.unneeded(slotsIn(raw)), j.end
	j.stale = map[uint64][]int64{}
	if !writable {
		return nil
	}
	for _, draft := range drafts {
		_ = os.Remove(draft) // it only takes room
	}
	j.newest, err = os.OpenFile(segmentFile(j.place, first), os.O_RDWR, 0)
	if err == nil && j.loss != nil {
		err = j.newest.Truncate(j.end)
	}
	if err != nil {
		return err
	}
	return j.flushLoaded()
}

// flushLoaded flushes what was read, and its names: a program that was killed may have flushed none
// of it.
func (j *Journal) flushLoaded() error {
	if err := j.flush(j.newest); err != nil {
		return err
	}
	if err := j.flush.Folder(j.place); err != nil {
		return err
	}
	return j.flush.Folder(filepath.Dir(j.place))
}

// inspect judges what follows the whole records of the newest segment, and what can be told of its
// open intents.
func (j *Journal) inspect(raw []byte) error {
	switch left := int64(len(raw)) - j.end; {
	case left > 0 && !torn(raw, j.end):
		return fmt.Errorf("%w: entry %d is not as it was written", ErrDamaged, j.Position+1)
	case left > 0:
		j.loss = explain(j.path, "opening", errTorn)
	}
	return j.open.legible()
}

// unneeded are the slots of the newest segment whose intents are closed.
func (j *Journal) unneeded(slots []int64) (rest []int64) {
	needed := map[int64]bool{}
	for _, open := range j.open.numbered {
		needed[open.slot] = true
	}
	for _, at := range slots {
		if !needed[at] {
			rest = append(rest, at)
		}
	}
	return rest
}

// sweepLoaded removes the hashes of cards that a failure or a power cut has kept: from the newest
// segment, the one before it, and those that were known when it began. What fails here is tried
// again with the next entry or segment.
func (j *Journal) sweepLoaded() {
	if n := len(j.segments); n > 1 {
		j.stale[j.segments[n-2]] = nil
	}
	for _, first := range j.unswept {
		j.stale[first] = nil
	}
	_, _ = j.wipeNewest(), j.sweep()
}
