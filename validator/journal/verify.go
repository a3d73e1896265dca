package journal

import (
	"bytes"
	"cmp"
	"fmt"
)

// progressStep is the number of entries between two calls of progress.
const progressStep = 256

// Verify reads the whole journal and checks it: ErrDamaged names the first entry that is not as it
// was written. progress may be nil, and must not call the journal. A tap may have to wait for it,
// so it is for the depot.
func (j *Journal) Verify(progress func(done, total uint64)) error { return j.verify(progress, nil) }

// verify also compares the log with checkpoints that it must pass.
func (j *Journal) verify(progress func(done, total uint64), marks map[uint64][]checkpoint) error {
	j.using.Lock()
	defer j.using.Unlock()
	if err := cmp.Or(j.unread, j.catchUp()); err != nil {
		return err
	}
	if progress == nil {
		progress = func(uint64, uint64) {}
	}
	a := audit{j: j, progress: progress, marks: marks}
	return explain(j.path, "verifying", cmp.Or(a.all(), a.passed()))
}

// An audit reads the log from its beginning.
type audit struct {
	j        *Journal
	progress func(done, total uint64)
	marks    map[uint64][]checkpoint // that were signed, by position
}

// all audits the segments, each of which must begin with the state at the end of the one before it.
func (a *audit) all() error {
	j := a.j
	end, err := j.headerOf(j.segments[0])
	if err == nil {
		err = a.pass(end.checkpoint)
	}
	if err != nil {
		return err
	}
	for n, first := range j.segments {
		begun, err := j.headerOf(first)
		if err == nil {
			err = begun.continues(end)
		}
		if err == nil {
			last, closed := endOf(j.segments, n, j.Position)
			end, err = j.read(first, last, closed, a.entry)
		}
		if err != nil {
			return err
		}
	}
	a.progress(end.Position, j.Position)
	switch {
	case j.spoilt != nil:
		return j.spoilt
	case end.acknowledged+1 < j.segments[0]:
		return fmt.Errorf("%w: entry %d is missing", ErrDamaged, j.segments[0]-1)
	case !end.head.equal(j.head):
		return fmt.Errorf("%w: it does not end as it was left, with entry %d", ErrDamaged,
			j.Position)
	}
	return nil
}

// entry audits an entry.
func (a *audit) entry(s *state, _ *entry, _ []byte) error {
	if s.Position%progressStep == 0 {
		a.progress(s.Position, a.j.Position)
	}
	return a.pass(s.checkpoint)
}

// continues reports whether a segment begins with the state at the end of the one before it.
func (s *state) continues(end state) error {
	want, _, err := end.header()
	if err != nil {
		return err
	}
	if has, _, err := s.header(); err != nil || !bytes.Equal(has, want) {
		return fmt.Errorf("%w: entry %d does not follow: it begins with another state than the "+
			"segment before it has left", ErrDamaged, s.Position+1)
	}
	return nil
}

// pass compares the log with the heads that were signed at this position.
func (a *audit) pass(at checkpoint) error {
	for _, m := range a.marks[at.Position] {
		if !m.equal(at) {
			return fmt.Errorf("%w: entry %d is not the one that was signed, or one before it",
				ErrDamaged, at.Position)
		}
	}
	return nil
}

// passed checks that the log has reached all signed heads.
func (a *audit) passed() error {
	for position := range a.marks {
		if position > a.j.Position {
			return fmt.Errorf("%w: entry %d was signed, and the log ends with entry %d", ErrDamaged,
				position, a.j.Position)
		}
	}
	return nil
}
