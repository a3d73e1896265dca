package journal

import (
	"slices"

	"leima/validator"
)

const (
	maxExpiries = 4    // entries, so that no tap waits long
	expiryStep  = 3600 // seconds of events between two looks at the open intents
)

// expire puts old open intents in doubt when an event comes. It uses the times of events, but no
// estimated one. After an error the event must not be kept: what was written before it is lost.
func (j *Journal) expire(now validator.Event) error {
	at := secondsOf(now.At)
	if at == nil || now.Estimated || len(j.open.numbered) == 0 ||
		*at >= j.lastExpiry && *at < j.lastExpiry+expiryStep {
		return nil
	}
	old := j.open.before(*at - int64(j.limits.Doubt.Seconds()))
	for _, sequence := range old[:min(len(old), maxExpiries)] {
		if err := j.add(&entry{Kind: InDoubt, Of: sequence}); err != nil {
			return err
		}
	}
	if len(old) <= maxExpiries {
		j.lastExpiry = *at
	}
	return nil
}

// before are the open intents of events before a time, oldest first. The age of an intent that
// began at an unknown time is unknown: it waits for its card.
func (i intents) before(seconds int64) (old []uint32) {
	for sequence, open := range i.numbered {
		if at := open.event.At; at != nil && *at < seconds && !open.event.Estimated {
			old = append(old, sequence)
		}
	}
	slices.Sort(old)
	return old
}
