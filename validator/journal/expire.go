package journal

import (
	"slices"

	"leima/validator"
)

const (
	expiriesAtOnce = 4    // entries, so that no tap waits for many
	expiryStep     = 3600 // seconds of events between two looks at all that is open
)

// expire puts in doubt what is open for too long when an event comes. It goes by the
// times of events, and by none that the device had to estimate. What cannot be written
// stays open until the next event.
func (j *Journal) expire(now validator.Event) {
	at := secondsOf(now.At)
	if at == nil || now.Estimated || len(j.open.numbered) == 0 ||
		*at >= j.looked && *at < j.looked+expiryStep {
		return
	}
	old := j.open.before(*at - int64(j.limits.Doubt.Seconds()))
	for _, sequence := range old[:min(len(old), expiriesAtOnce)] {
		card := j.open.numbered[sequence].event.Card
		if j.add(card, &entry{Kind: Doubt, Of: sequence}) != nil {
			return
		}
	}
	if len(old) <= expiriesAtOnce {
		j.looked = *at
	}
}

// before are the open intents of events before a time, oldest first. How old one is that
// was begun at a time not known, nobody knows: it waits for its card.
func (i intents) before(seconds int64) (old []uint32) {
	for sequence, open := range i.numbered {
		if at := open.event.At; at != nil && *at < seconds && !open.event.Estimated {
			old = append(old, sequence)
		}
	}
	slices.Sort(old)
	return old
}
