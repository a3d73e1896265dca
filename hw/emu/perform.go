package emu

// perform answers one native command, in whatever form it came. Every error drops the transaction,
// and the authentication unless the session survives it.
func (c *Card) perform(code byte, params []byte) ([]byte, status) {
	next := c.power.next
	c.power.next = nil
	out, st := []byte(nil), commandAborted
	switch {
	case next == nil:
		out, st = c.begin(code, params)
	case code == byte(additionalFrame):
		out, st = next(params)
	}
	if st.good() {
		return out, st
	}
	s := c.power.session
	c.drop()
	if s != nil && s.survives(st) {
		c.power.session = s
	}
	return nil, st
}

// begin looks a command up and asks its guard.
func (c *Card) begin(code byte, params []byte) ([]byte, status) {
	cmd := &commands[code]
	if cmd.run == nil || c.chip.lacks(code) {
		return nil, illegalCommand
	}
	if cmd.time != 0 {
		c.power.work.time = cmd.time
	}
	if len(params) < cmd.header {
		return nil, lengthError
	}
	t, st := cmd.guard(c, params[:cmd.header])
	if st != operationOK {
		return nil, st
	}
	if c.power.session == nil && t.mode != modeOutside {
		t.mode = modePlain
	}
	return c.collect(&call{command: cmd, code: code, terms: t}, params)
}
