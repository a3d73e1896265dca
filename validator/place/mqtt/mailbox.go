package mqtt

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A message is one of a topic.
type message struct {
	topic   string // "": the connection has ended
	payload []byte
	retain  bool
	at      time.Duration // when it was heard
}

// A mailbox holds the last message of each topic, in the order in which they came. There are as
// many topics as a dialect has.
type mailbox struct {
	mu      sync.Mutex
	waiting []message
	some    chan struct{} // one if any may wait
}

func newMailbox() *mailbox { return &mailbox{some: make(chan struct{}, 1)} }

// put takes a message in place of an older one of its topic. It never waits.
func (b *mailbox) put(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	older := slices.IndexFunc(b.waiting, func(o message) bool { return o.topic == m.topic })
	if older >= 0 {
		if m.retain && !b.waiting[older].retain {
			return
		}
		b.waiting = slices.Delete(b.waiting, older, older+1)
	}
	b.waiting = append(b.waiting, m)
	select {
	case b.some <- struct{}{}:
	default:
	}
}

// take waits for a message, and returns false at the context's end.
func (b *mailbox) take(ctx context.Context) (message, bool) {
	for {
		if m, is := b.first(); is {
			return m, true
		}
		select {
		case <-b.some:
		case <-ctx.Done():
			return message{}, false
		}
	}
}

func (b *mailbox) first() (m message, is bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		return message{}, false
	}
	m = b.waiting[0]
	b.waiting = slices.Delete(b.waiting, 0, 1)
	return m, true
}
