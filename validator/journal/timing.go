package journal

import "leima/hw/clock"

// timing is the time of an event, with its quality.
func (e *event) timing() clock.Memory {
	m := clock.Memory{Last: timeOf(e.At), Estimated: e.Estimated, LastSync: timeOf(e.LastSync)}
	if e.Synchronized {
		m.LastSync = m.Last
	}
	return m
}

// timed reports whether an entry is an event that has a time.
func (e *entry) timed() bool { return e.Event != nil && e.Event.At != nil }
