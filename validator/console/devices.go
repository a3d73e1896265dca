package console

import (
	"context"
	"errors"
	"slices"
	"time"

	"leima/validator/api"
)

// The two devices, as the page names them; a place is told to both.
const (
	bus  = "bus"
	own  = "own"
	both = "both"
)

// kept is how many taps of a device are kept.
const kept = 40

// again is how long after its loss the validator is looked for anew.
const again = 500 * time.Millisecond

// watchBus keeps watching the validator of the bus, and looks for it whenever it is lost.
func (c *Console) watchBus(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.Bus.Watch(ctx, c.heardBus)
		c.lose(err)
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// watchOwn tells of the own device for as long as the program runs.
func (c *Console) watchOwn(ctx context.Context) {
	_ = c.Own.Watch(ctx, func(m api.Message) {
		if m.State != nil {
			c.mu.Lock()
			c.own = *m.State
			c.mu.Unlock()
		}
		c.tell(own, m)
	})
}

// lose notes that the validator is gone.
func (c *Console) lose(err error) {
	c.mu.Lock()
	was := c.links
	c.links.up = false
	switch {
	case errors.Is(err, api.ErrLost):
		c.links.cause = api.ErrLost.Error() // where and how is the log's
	case err != nil:
		c.links.cause = err.Error()
	}
	now := c.links
	c.mu.Unlock()
	if was.up || was.cause != now.cause {
		c.Log.Warn("the validator is lost", "error", err)
		c.publish(linked(now))
		ask(c.painted)
	}
}

// heardBus takes in what the validator tells. It waits for nothing: whoever is slow to hear
// is taken for lost by the other end.
func (c *Console) heardBus(m api.Message) {
	switch {
	case m.State != nil:
		c.heardState(*m.State)
	case m.Tap != nil && !c.isNew(m.Tap):
		return
	}
	c.tell(bus, m)
}

// isNew keeps a tap of the bus, unless it is known.
func (c *Console) isNew(tap *api.Tap) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.busTaps, func(known api.Tap) bool {
		return known.Serial == tap.Serial && known.At.Equal(tap.At)
	}) {
		return false
	}
	c.busTaps = slices.Insert(c.busTaps, 0, *tap)
	c.busTaps = c.busTaps[:min(len(c.busTaps), kept)]
	return true
}

// catchUp tells of the taps that there were while nobody watched: an alarm must not be lost
// with the link.
func (c *Console) catchUp(ctx context.Context) {
	taps, err := c.Bus.Taps(ctx)
	if err != nil {
		return // it is lost again, and then met again
	}
	for _, tap := range slices.Backward(taps) {
		c.heardBus(api.Message{Tap: &tap})
	}
}

func (c *Console) heardState(s api.State) {
	if err := c.Clock.follow(&s); err != nil {
		c.Log.Error("the time on the bus is not kept: make room in the state folder",
			"error", err)
	}
	c.mu.Lock()
	met, first := !c.links.up, c.links.at.IsZero()
	c.links = link{up: true, state: s, at: c.Now()}
	now := c.links
	c.mu.Unlock()
	if met {
		c.Log.Info("the validator is there", "device", s.Device, "boot", s.Boot)
		c.Mirror.stale()
		c.publish(linked(now))
		ask(c.painted)
		if !first {
			go c.catchUp(context.Background()) // the link's own patience ends it
		}
	}
	ask(c.work)
}

// tell passes on what a device tells.
func (c *Console) tell(device string, m api.Message) {
	if m.Tap != nil {
		c.note(*m.Tap)
		ask(c.painted)
	}
	c.publish(event{Device: device, Tap: m.Tap, State: m.State})
}

// linked is the bus as it was last heard of, if it is there.
func (c *Console) linked() (link, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.links, c.links.up
}

// order is a command that a device takes until a minute from now, by its own clock.
func (l *link) order(now time.Time, id string, by *api.Shift, command api.Command) api.Order {
	return api.Order{ID: id, Boot: l.state.Boot, Shift: by, Command: command,
		Expires: l.state.Now.Add(now.Sub(l.at) + expiry)}
}

// expiry is how long an order may be on its way.
const expiry = time.Minute

// ownLink is the own device as it is now.
func (c *Console) ownLink() link {
	s, _ := c.Own.State(context.Background())
	return link{up: true, state: s, at: c.Now()}
}

// down says that the validator cannot be asked.
func (l *link) down() error {
	return &api.Refused{Code: 503, Why: "the validator is down: " + l.cause +
		": use the own reader"}
}

// taps are the last ones of both devices, the newest first.
func (c *Console) taps(ctx context.Context) ([]served, error) {
	mine, err := c.Own.Taps(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	theirs := slices.Clone(c.busTaps)
	c.mu.Unlock()
	if _, up := c.linked(); up {
		if taps, err := c.Bus.Taps(ctx); err == nil {
			theirs = taps
		}
	}
	all := []served{}
	for _, tap := range theirs {
		all = append(all, served{bus, tap})
	}
	for _, tap := range mine {
		all = append(all, served{own, tap})
	}
	slices.SortStableFunc(all, func(a, b served) int { return b.At.Compare(a.At) })
	return all, nil
}

// A served is a tap, and where.
type served struct {
	Device string `json:"device"`
	api.Tap
}
