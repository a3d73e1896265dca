package sim

import (
	"sync"
	"time"
)

// A Clock advances only on command, and shows the time that it is set to. It may be used from
// several goroutines.
type Clock struct {
	mu      sync.Mutex
	shown   time.Time
	right   time.Time // what it would show had it never been set
	elapsed time.Duration
}

// longestWait is the longest wait of an "at". A later time sets the clock.
const longestWait = 4 * 366 * 24 * time.Hour

// NewClock returns a clock that shows now.
func NewClock(now time.Time) *Clock { return &Clock{shown: now, right: now} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown
}

// Elapsed is the time since the clock was made, whatever it shows.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Set waits until the clock shows a time. A time that it does not reach by waiting sets the clock;
// setting it back to the time that it would have reached counts as waiting.
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

// Step sets the clock without waiting.
func (c *Clock) Step(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = now
}

// Right sets the clock to the time that it would show had it never been set.
func (c *Clock) Right() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = c.right
}

// Sleep waits for d at once.
func (c *Clock) Sleep(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait(d)
}

func (c *Clock) wait(d time.Duration) {
	c.shown, c.right, c.elapsed = c.shown.Add(d), c.right.Add(d), c.elapsed+d
}
