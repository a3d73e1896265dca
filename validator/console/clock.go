package console

import (
	"sync"
	"time"
)

// A Clock is the machine's, put right by that of the bus. It may be used from several
// goroutines.
type Clock struct {
	Machine func() time.Time

	mu     sync.Mutex
	path   string
	Offset time.Duration `json:"offset"` // nanoseconds
}

// step is from where on the clock is put right: less is how long an answer takes, and a
// clock that goes back a little each time would be taken for one that has lost its time.
const step = 2 * time.Second

// OpenClock goes on with the offset of the last time.
func OpenClock(path string, machine func() time.Time) (*Clock, error) {
	c := &Clock{Machine: machine, path: path}
	return c, readJSON(path, c)
}

// Now is the time on the bus.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Machine().Add(c.Offset)
}

// set puts the clock right: it is now that time.
func (c *Clock) set(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	offset := now.Sub(c.Machine())
	if (offset - c.Offset).Abs() < step {
		return nil
	}
	c.Offset = offset
	return writeJSON(c.path, map[string]time.Duration{"offset": offset})
}
