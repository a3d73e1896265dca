package console

import (
	"context"
	"encoding/hex"
	"io"
	"time"

	"leima/validator/api"
)

// syncInterval is how often the bus is synchronized without any message from it.
const syncInterval = 20 * time.Second

// synchronize sends the bus what it has missed, and copies its tariffs and lists, after each
// message from it.
func (c *Console) synchronize(ctx context.Context) {
	every(ctx, syncInterval, c.syncNeeded, func() {
		if c.refreshState(ctx) {
			c.syncShift(ctx)
			c.syncPlace(ctx)
			c.completeReports(ctx)
			c.copy(ctx)
		}
	})
}

// refreshState requests the state if the last one is old: the clocks may have drifted apart.
func (c *Console) refreshState(ctx context.Context) bool {
	l, up := c.busLink()
	if up && c.Now().Sub(l.at) > syncInterval {
		if s, err := c.Bus.State(ctx); err == nil {
			c.onBusState(s)
		}
	}
	return up
}

// syncShift begins or ends the shift on the bus like that of the own device. A shift that another
// device began is not ended, unless the driver has taken over.
func (c *Console) syncShift(ctx context.Context) {
	c.synchronizing.Lock()
	defer c.synchronizing.Unlock()
	c.mu.Lock()
	l, want, over, mine := c.link, c.saved.Shift, c.saved.TakeOver, c.own.Device
	c.mu.Unlock()
	on := l.state.Shift
	command := api.Command{Kind: "sign_off"}
	switch ours := on == nil || on.Device == mine; {
	case !l.up || same(on, want) || !ours && !over:
		return
	case want != nil:
		command = api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: *want, TakeOver: true}}
	}
	if _, err := c.Bus.Do(ctx, l.order(c.Now(), c.newID(), on, command)); err != nil {
		c.Log.Warn("the shift is not registered on the bus", "error", err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link.state.Shift = want
	// A validator without a shift was switched off, and does not know the place of the bus.
	c.saved.TakeOver = false
	c.saved.PlacePending = c.saved.Place != nil && (c.saved.PlacePending || on == nil &&
		want != nil)
	c.saveState()
}

func same(a, b *api.Shift) bool { return a == b || a != nil && b != nil && *a == *b }

// syncPlace sends the driver's place to the bus, if it was not sent; otherwise the own device takes
// the place of the bus.
func (c *Console) syncPlace(ctx context.Context) {
	c.synchronizing.Lock()
	defer c.synchronizing.Unlock()
	c.mu.Lock()
	l, b, here := c.link, c.saved, c.own.Place
	c.mu.Unlock()
	switch {
	case !l.up:
	case b.PlacePending && b.Shift != nil && same(l.state.Shift, b.Shift):
		move := api.Command{Kind: "move", Move: b.Place}
		if _, err := c.Bus.Do(ctx, l.order(c.Now(), c.newID(), b.Shift, move)); err != nil {
			c.Log.Warn("the bus was not told where it is", "error", err)
			return
		}
		c.setPlace(*b.Place, false)
		c.mu.Lock()
		c.link.state.Place = *b.Place
		c.mu.Unlock()
	case !b.PlacePending && l.state.Place != here:
		if err := c.Own.Follow(l.state.Place); err != nil {
			c.Log.Warn("the own device cannot be where the bus is", "error", err)
			return
		}
		c.setPlace(l.state.Place, false)
	}
}

// setPlace records the place of the bus, and whether it was sent.
func (c *Console) setPlace(p api.Place, ahead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own.Place = p
	if c.saved.Place == nil || *c.saved.Place != p || c.saved.PlacePending != ahead {
		c.saved.Place, c.saved.PlacePending = &p, ahead
		c.saveState()
	}
}

// secret is an unguessable secret.
func (c *Console) secret() string { return c.newID() + c.newID() }

// newID is an unused id.
func (c *Console) newID() string {
	id := make([]byte, 16)
	_, _ = io.ReadFull(c.Rand, id) // crypto/rand does not fail
	return hex.EncodeToString(id)
}
