package server

import (
	"log/slog"
	"sync"
	"time"
)

// seldom is how often the log says who is refused, at most.
const seldom = time.Minute

// refusals are those of which the log says one a minute, and how many others there were: a stranger
// must not fill it.
type refusals struct {
	mu     sync.Mutex
	said   time.Time
	unsaid int
}

func (r *refusals) say(log *slog.Logger, now time.Time, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.said).Abs() < seldom {
		r.unsaid++
		return
	}
	log.Warn("a device is refused", "error", why, "others", r.unsaid)
	r.said, r.unsaid = now, 0
}
