package console

import "leima/validator/api"

// A validator that was switched off has lost the driver's order for the next card. If that was a
// load, money may have been taken for it, and the next card would only pay a trip. So the console
// keeps showing the order, as an expired one, until the driver gives another.

// restoreForgotten fills in the order that the bus has lost; c.mu is held.
func (c *Console) restoreForgotten(s *api.State) {
	was := &c.link.state
	switch {
	case s.Order != nil:
		c.forgottenOrder = nil
	case was.Boot != s.Boot && was.Order != nil && was.Order.Load:
		c.forgottenOrder = &api.PendingOrder{
			What: was.Order.What, Until: was.Order.Until,
			Load:    true,
			Expired: true, Unconfirmed: true,
		}
	}
	if c.forgottenOrder != nil {
		s.Order = c.forgottenOrder
	}
}

// clearForgotten drops it after another order of the driver.
func (c *Console) clearForgotten() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgottenOrder == nil {
		return
	}
	c.forgottenOrder, c.link.state.Order = nil, nil
	state := c.link.state
	c.broadcast(event{Device: bus, State: &state})
}
