package sim

import (
	"sync"
	"time"
)

// A Clock goes on only when it is told to, and shows what it is set to. It may be used from
// several goroutines.
type Clock struct {
	mu      sync.Mutex
	shown   time.Time
	right   time.Time // what it would show if nobody had set it
	elapsed time.Duration
}

// longestWait is the longest that an "at" lets go by. Whoever names a later time has set the
// clock.
const longestWait = 4 * 366 * 24 * time.Hour

// NewClock is a clock that stands at now.
func NewClock(now time.Time) *Clock { return &Clock{shown: now, right: now} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown
}

// Elapsed is how much time has gone by since the clock was made, whatever it shows.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Set waits until the clock shows a time. One that it does not come to by waiting it is set
// to; and from there back to where it would have come by itself, it is as if it had waited.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch ahead, gone := now.Sub(c.shown), now.Sub(c.right); {
	case ahead >= 0 && ahead <= longestWait:
		c.wait(ahead)
	case gone >= 0 && gone <= longestWait:
		c.wait(gone)
	}
	c.shown = now
}

// Step has the clock show another time, while none goes by.
func (c *Clock) Step(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = now
}

// Right has the clock show what it would if nobody had set it.
func (c *Clock) Right() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = c.right
}

// Sleep lets d go by at once.
func (c *Clock) Sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait(d)
}

func (c *Clock) wait(d time.Duration) {
	c.shown, c.right, c.elapsed = c.shown.Add(d), c.right.Add(d), c.elapsed+d
}
