package journal

import (
	"slices"

	"leima/hw/clock"
)

// timing is what an event says of the time it was made at.
func (e *event) timing() clock.Memory {
	m := clock.Memory{Last: timeOf(e.At), Guessed: e.Estimated, Kept: timeOf(e.LastKept)}
	if e.Kept {
		m.Kept = m.Last
	}
	return m
}

// timed tells whether an entry is an event that has a time.
func (e *entry) timed() bool { return e.Event != nil && e.Event.At != nil }

// recollect finds the time of the last event: in the log or, where all has just been archived,
// in the newest archive. Of one that cannot be read the head still knows the latest of all.
func (j *Journal) recollect(b buckets) error {
	cursor := b.log.Cursor()
	for key, value := cursor.Last(); key != nil; key, value = cursor.Prev() {
		_, _, e, err := parse(value)
		if err != nil {
			return err
		}
		if e.timed() {
			j.timing = e.Event.timing()
			return nil
		}
	}
	j.timing = clock.Memory{Last: timeOf(j.head.Latest)}
	if n := len(j.archives) - 1; n >= 0 {
		values, _ := j.archives[n].contents(j.path, j.before(n)) // a damaged one stops no tap
		for _, value := range slices.Backward(values) {
			if _, _, e, err := parse(value); err == nil && e.timed() {
				j.timing = e.Event.timing()
				break
			}
		}
	}
	return nil
}
