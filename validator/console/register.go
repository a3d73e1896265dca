package console

import (
	"context"
	"encoding/hex"
	"io"
	"time"

	"leima/validator/api"
)

// tendingTime is how often the bus is looked after when nothing is heard of it.
const tendingTime = 20 * time.Second

// tend tells the bus what it has missed, and copies what it decides by, whenever something
// was heard of it.
func (c *Console) tend(ctx context.Context) {
	every(ctx, tendingTime, c.work, func() {
		if c.look(ctx) {
			c.register(ctx)
			c.place(ctx)
			c.supplement(ctx)
			c.copy(ctx)
		}
	})
}

// look asks for the state where the last one is old: the clocks may have drifted apart.
func (c *Console) look(ctx context.Context) bool {
	l, up := c.linked()
	if up && c.Now().Sub(l.at) > tendingTime {
		if s, err := c.Bus.State(ctx); err == nil {
			c.heardState(s)
		}
	}
	return up
}

// register makes the shift on the bus that of the own device: begins it there, or ends it.
// Of a shift that another device began nothing is ended, unless the driver has said so.
func (c *Console) register(ctx context.Context) {
	c.tending.Lock()
	defer c.tending.Unlock()
	c.mu.Lock()
	l, want, over, mine := c.links, c.book.Shift, c.book.Over, c.own.Device
	c.mu.Unlock()
	on := l.state.Shift
	command := api.Command{Kind: "sign_off"}
	switch ours := on == nil || on.Device == mine; {
	case !l.up || same(on, want) || !ours && !over:
		return
	case want != nil:
		command = api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: *want, Over: true}}
	}
	if _, err := c.Bus.Do(ctx, l.order(c.Now(), c.newID(), on, command)); err != nil {
		c.Log.Warn("the shift is not registered on the bus", "error", err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links.state.Shift = want
	// A validator that knew of no shift was switched off, and where the bus is as well.
	c.book.Over = false
	c.book.Ahead = c.book.Place != nil && (c.book.Ahead || on == nil && want != nil)
	c.keepBook()
}

func same(a, b *api.Shift) bool { return a == b || a != nil && b != nil && *a == *b }

// place tells the bus where the driver says it is, if it was not told; else the own device
// goes where the bus is.
func (c *Console) place(ctx context.Context) {
	c.tending.Lock()
	defer c.tending.Unlock()
	c.mu.Lock()
	l, b, here := c.links, c.book, c.own.Place
	c.mu.Unlock()
	switch {
	case !l.up:
	case b.Ahead && b.Shift != nil && same(l.state.Shift, b.Shift):
		move := api.Command{Kind: "move", Move: b.Place}
		if _, err := c.Bus.Do(ctx, l.order(c.Now(), c.newID(), b.Shift, move)); err != nil {
			c.Log.Warn("the bus was not told where it is", "error", err)
			return
		}
		c.at(*b.Place, false)
		c.mu.Lock()
		c.links.state.Place = *b.Place
		c.mu.Unlock()
	case !b.Ahead && l.state.Place != here:
		if err := c.Own.Follow(l.state.Place); err != nil {
			c.Log.Warn("the own device cannot be where the bus is", "error", err)
			return
		}
		c.at(l.state.Place, false)
	}
}

// at notes where the bus is, and whether it was told.
func (c *Console) at(p api.Place, ahead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own.Place = p
	if c.book.Place == nil || *c.book.Place != p || c.book.Ahead != ahead {
		c.book.Place, c.book.Ahead = &p, ahead
		c.keepBook()
	}
}

// newID is one that was never used.
func (c *Console) newID() string {
	id := make([]byte, 16)
	_, _ = io.ReadFull(c.Rand, id) // crypto/rand does not fail
	return hex.EncodeToString(id)
}
