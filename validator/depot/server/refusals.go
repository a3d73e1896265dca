package server

import (
	"sync"
	"time"
)

// seldom is how often the log says who is refused, at most.
const seldom = time.Minute

// refusals are those of which the log says one a minute, and how many others there were: neither a
// stranger nor a device that lies must fill it.
type refusals struct {
	mu     sync.Mutex
	said   time.Time
	unsaid int
}

func (r *refusals) say(log func(string, ...any), now time.Time, what string, more ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.said).Abs() < seldom {
		r.unsaid++
		return
	}
	log(what, append(more, "others", r.unsaid)...)
	r.said, r.unsaid = now, 0
}
