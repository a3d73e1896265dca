package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"leima/fare"
	"leima/validator/api"
)

// The two devices by their names on the page; a place is sent to both.
const (
	bus  = "bus"
	own  = "own"
	both = "both"
)

// maxTaps is the number of stored taps of a device.
const maxTaps = 40

// reconnectInterval is the time between a lost link and the next attempt.
const reconnectInterval = 500 * time.Millisecond

// watchBus watches the validator of the bus, and reconnects when the link is lost.
func (c *Console) watchBus(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.Bus.Watch(ctx, c.onBusMessage)
		c.linkLost(err)
		select {
		case <-ctx.Done():
		case <-time.After(reconnectInterval):
		}
	}
}

// watchOwn publishes the messages of the own device for as long as the program runs.
func (c *Console) watchOwn(ctx context.Context) {
	_ = c.Own.Watch(ctx, func(m api.Message) {
		if m.State != nil {
			c.mu.Lock()
			c.own = *m.State
			c.mu.Unlock()
		}
		c.forward(own, m)
	})
}

// linkLost records that the validator cannot be reached.
func (c *Console) linkLost(err error) {
	c.mu.Lock()
	was := c.link
	c.link.up = false
	switch {
	case errors.Is(err, api.ErrLost):
		c.link.cause = c.lost() // details are in the log
	case err != nil:
		c.link.cause = err
	}
	now := c.link
	c.mu.Unlock()
	if was.up || fmt.Sprint(now.cause) != fmt.Sprint(was.cause) {
		c.Log.Warn("the validator is lost", "error", err)
		c.publish(linkEvent(now))
		wake(c.emulationChanged)
	}
}

// lost is why the validator does not answer.
func (c *Console) lost() error {
	if c.Ended != nil {
		if why := c.Ended(); why != "" {
			return fare.Say("the validator has ended: %v", why)
		}
	}
	return api.ErrLost
}

// onBusMessage takes a message of the validator. It must not block: the validator drops a slow
// listener.
func (c *Console) onBusMessage(m api.Message) {
	switch {
	case m.State != nil:
		m.State = c.onBusState(*m.State)
	case m.Tap != nil && !c.isNew(m.Tap):
		return
	}
	c.forward(bus, m)
}

// isNew stores a tap of the bus, and reports whether it was unknown.
func (c *Console) isNew(tap *api.Tap) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.busTaps, func(known api.Tap) bool {
		return known.Serial == tap.Serial && known.At.Equal(tap.At)
	}) {
		return false
	}
	c.busTaps = slices.Insert(c.busTaps, 0, *tap)
	c.busTaps = c.busTaps[:min(len(c.busTaps), maxTaps)]
	return true
}

// catchUp publishes the taps that were missed while the link was down: an alarm must not be lost.
func (c *Console) catchUp(ctx context.Context) {
	taps, err := c.Bus.Taps(ctx)
	if err != nil {
		return // the link is lost again; the next one catches up
	}
	for _, tap := range slices.Backward(taps) {
		c.onBusMessage(api.Message{Tap: &tap})
	}
}

// onBusState takes the state of the bus, and returns what the page is shown of it.
func (c *Console) onBusState(s api.State) *api.State {
	if err := c.Clock.follow(&s); err != nil {
		c.Log.Error("the time on the bus is not kept: make room in the state folder",
			"error", err)
	}
	c.mu.Lock()
	c.restoreForgotten(&s)
	met, first := !c.link.up, c.link.at.IsZero()
	c.link = busLink{up: true, state: s, at: c.Now()}
	now := c.link
	c.mu.Unlock()
	if met {
		c.Log.Info("the validator is there", "device", s.Device, "boot", s.Boot)
		c.Mirror.invalidate()
		c.publish(linkEvent(now))
		wake(c.emulationChanged)
		if !first {
			go c.catchUp(context.Background()) // bounded by the link's own timeout
		}
	}
	wake(c.syncNeeded)
	return &s
}

// forward publishes a message of a device.
func (c *Console) forward(device string, m api.Message) {
	if m.Tap != nil {
		c.receiptOfTap(*m.Tap)
		wake(c.emulationChanged)
	}
	c.publish(event{Device: device, Tap: m.Tap, State: m.State})
}

// busLink is the last known state of the bus, if it can be reached.
func (c *Console) busLink() (busLink, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link, c.link.up
}

// order makes an order that the device accepts for a minute, by its own clock.
func (l *busLink) order(now time.Time, id string, by *api.Shift, command api.Command) api.Order {
	return api.Order{
		ID: id, Boot: l.state.Boot, Shift: by, Command: command,
		Expires: l.state.Now.Add(now.Sub(l.at) + expiry),
	}
}

// expiry is how long an order may be on its way.
const expiry = time.Minute

// ownLink is the present state of the own device.
func (c *Console) ownLink() busLink {
	s, _ := c.Own.State(context.Background())
	return busLink{up: true, state: s, at: c.Now()}
}

// down is the error if the validator cannot be reached.
func (l *busLink) down() error {
	return api.Refuse(http.StatusServiceUnavailable,
		"the validator is down: %v: use the own reader", l.cause)
}

// taps are the last taps of both devices, the newest first.
func (c *Console) taps(ctx context.Context) ([]deviceTap, error) {
	mine, err := c.Own.Taps(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	theirs := slices.Clone(c.busTaps)
	c.mu.Unlock()
	if _, up := c.busLink(); up {
		if taps, err := c.Bus.Taps(ctx); err == nil {
			theirs = taps
		}
	}
	return merge(theirs, mine), nil
}

// merge has the taps of both devices in one order, the newest first. Those of one device keep
// theirs, whatever its clock was set to meanwhile.
func merge(theirs, mine []api.Tap) []deviceTap {
	all := []deviceTap{}
	for len(theirs)+len(mine) > 0 {
		if len(mine) == 0 || len(theirs) > 0 && !theirs[0].At.Before(mine[0].At) {
			all, theirs = append(all, deviceTap{bus, theirs[0]}), theirs[1:]
		} else {
			all, mine = append(all, deviceTap{own, mine[0]}), mine[1:]
		}
	}
	return all
}

// A deviceTap is a tap with its device.
type deviceTap struct {
	Device string `json:"device"`
	api.Tap
}
