package console

import (
	"sync"
	"time"

	"leima/validator"
	"leima/validator/api"
	"leima/validator/signon"
)

// A Clock is the machine's clock, corrected by that of the bus. It may be used from several
// goroutines.
type Clock struct {
	Machine func() time.Time

	// Real is set for a real machine's clock, whose time must be possible.
	Real bool

	// Measure is a monotonic measure of time; nil: the machine's clock is never set.
	Measure func() time.Duration

	mu     sync.Mutex
	path   string
	Offset time.Duration `json:"offset"` // nanoseconds
	heard  bool          // from the bus, in this run
	synced bool          // the bus reported its clock as synchronized
	at     time.Duration // the measure when the bus last reported
}

const (
	// step is the least correction: a smaller difference is the delay of an answer, and a clock
	// that goes back a little each time would be taken for a faulty one.
	step = 2 * time.Second

	// fresh is how long a time from the bus is taken for synchronized.
	fresh = 3 * syncInterval
)

// OpenClock continues with the last stored offset.
func OpenClock(path string, machine func() time.Time) (*Clock, error) {
	c := &Clock{Machine: machine, path: path}
	return c, signon.ReadJSON(path, c)
}

// Now is the time on the bus.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Machine().Add(c.Offset)
}

// elapsed is the measure.
func (c *Clock) elapsed() time.Duration {
	if c.Measure != nil {
		return c.Measure()
	}
	return c.Machine().Round(0).Sub(time.Unix(0, 0))
}

// configure sets the clock of a validator.
func (c *Clock) configure(v *validator.Validator) {
	v.Now, v.Elapsed, v.Emulated = c.Now, c.elapsed, !c.Real
	v.Synced = func() bool { return c.synchronized(true) }
	v.Relayed = func() bool { return c.synchronized(false) }
}

// synchronized reports whether the bus has just reported its time, as synchronized or not.
func (c *Clock) synchronized(kept bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard && c.synced == kept && c.elapsed()-c.at < fresh
}

// follow corrects the clock by the bus's state. A time that is unknown to the bus is not taken.
func (c *Clock) follow(s *api.State) error {
	if s.Estimated {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard, c.synced, c.at = true, s.Clock == api.ClockSynchronized, c.elapsed()
	offset := s.Now.Sub(c.Machine())
	if (offset - c.Offset).Abs() < step {
		return nil
	}
	c.Offset = offset
	return signon.WriteJSON(c.path, map[string]time.Duration{"offset": offset})
}
