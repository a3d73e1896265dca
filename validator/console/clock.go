package console

import (
	"sync"
	"time"

	"leima/validator"
	"leima/validator/api"
)

// A Clock is the machine's, put right by that of the bus. It may be used from several
// goroutines.
type Clock struct {
	Machine func() time.Time

	// Real says that the machine's clock is a real one, which must show what can be.
	Real bool

	// Measure counts the time that goes by, whatever the machine's clock is set to; nil: that
	// is nobody's to set.
	Measure func() time.Duration

	mu     sync.Mutex
	path   string
	Offset time.Duration `json:"offset"` // nanoseconds
	heard  bool          // the bus, in this run
	kept   bool          // what it said was kept right
	at     time.Duration // of the measure, when it was heard last
}

const (
	// step is from where on the clock is put right: less is how long an answer takes, and a
	// clock that goes back a little each time would be taken for one that has lost its time.
	step = 2 * time.Second

	// fresh is how long the bus vouches for the time that it has told.
	fresh = 3 * tendingTime
)

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

// elapsed is what the measure has come to.
func (c *Clock) elapsed() time.Duration {
	if c.Measure != nil {
		return c.Measure()
	}
	return c.Machine().Round(0).Sub(time.Unix(0, 0))
}

// guide has a validator go by the clock.
func (c *Clock) guide(v *validator.Validator) {
	v.Now, v.Elapsed, v.Emulated = c.Now, c.elapsed, !c.Real
	v.Synced = func() bool { return c.vouched(true) }
	v.Told = func() bool { return c.vouched(false) }
}

// vouched tells whether the bus has just told this time, for kept right or not.
func (c *Clock) vouched(kept bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heard && c.kept == kept && c.elapsed()-c.at < fresh
}

// follow puts the clock right by what the bus says of its own. A time that the bus does not
// know, the console knows as well by itself.
func (c *Clock) follow(s *api.State) error {
	if s.Estimated {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard, c.kept, c.at = true, s.Clock == api.ClockKept, c.elapsed()
	offset := s.Now.Sub(c.Machine())
	if (offset - c.Offset).Abs() < step {
		return nil
	}
	c.Offset = offset
	return writeJSON(c.path, map[string]time.Duration{"offset": offset})
}
