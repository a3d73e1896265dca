package emu

// A call is a command on its way in: looked up, admitted by its guard, and perhaps incomplete.
type call struct {
	*command
	terms
	code byte
}

// maxAnswer is the most that an answer to a short APDU holds beside its status word (ISO/IEC
// 7816-3: Le = 00 means 256).
const maxAnswer = 256

// protection is that of the session, or none.
func (c *Card) protection(q *call) (data, mac int) {
	if c.power.session == nil {
		return q.data, 0
	}
	return c.power.session.protection(q.terms)
}

// collect takes one piece of a command and runs the command when it is complete. If the header
// varies in length, the data is the next piece, or there is none but the MAC; if the data varies,
// all of it comes in one piece.
func (c *Card) collect(q *call, params []byte) ([]byte, status) {
	if q.data == anyLength {
		return c.finish(q, params[:q.header], params[q.header:])
	}
	data, mac := c.protection(q)
	n := len(params) - data - mac
	switch {
	case n > q.longest:
		return nil, lengthError
	case n >= q.header:
		return c.finish(q, params[:n], params[n:])
	case q.cuts == nil || q.data == 0 || c.unchained(q):
		return nil, lengthError
	}
	header := q.header
	if q.longest > header { // a separate frame
		header = len(params)
	}
	if header > q.longest {
		return nil, lengthError
	}
	whole := make([]byte, len(params), header+data+mac)
	copy(whole, params)
	c.await(q, header, whole)
	return nil, additionalFrame
}

// unchained reports whether a write may not come in pieces, which can be configured.
func (c *Card) unchained(q *call) bool {
	_, ok := c.power.session.(*ev2)
	return ok && q.longest == q.header && c.config.forbids(noEV2Chaining)
}

// await requests the next piece of a command. The AF before each piece is outside of the MAC.
func (c *Card) await(q *call, header int, params []byte) {
	c.power.next = func(more []byte) ([]byte, status) {
		params = append(params, more...)
		data, mac := c.protection(q)
		switch want := header + data + mac; {
		case len(params) > want:
			return nil, lengthError
		case len(params) == want:
			return c.finish(q, params[:header], params[header:])
		}
		c.await(q, header, params)
		return nil, additionalFrame
	}
}

// finish runs a complete command, within the session if there is one.
func (c *Card) finish(q *call, header, data []byte) ([]byte, status) {
	if s := c.power.session; s != nil {
		var st status
		if data, st = s.open(q, header, data); st != operationOK {
			return nil, st
		}
	}
	if len(data) != q.data && q.data != anyLength {
		return nil, lengthError
	}
	out, st := q.run(c, request{q.code, header, data})
	if !st.good() {
		return out, st
	}
	if s := c.power.session; s != nil {
		out = s.seal(q, out, st)
	}
	return c.send(q, out, st)
}

// send sends an answer in as many frames as the command allows.
func (c *Card) send(q *call, out []byte, st status) ([]byte, status) {
	if q.cuts != nil {
		return c.cut(out, q.cuts(c, len(out)), st)
	}
	if len(out) > maxAnswer {
		return nil, lengthError
	}
	return out, st
}

// cut sends the first frame of an answer and keeps the rest for the following AFs.
func (c *Card) cut(out []byte, cuts []int, st status) ([]byte, status) {
	n := cuts[0]
	if len(out) <= n {
		return out, st
	}
	if len(cuts) > 1 {
		cuts = cuts[1:]
	}
	c.power.next = func(more []byte) ([]byte, status) {
		if len(more) != 0 {
			return nil, lengthError
		}
		return c.cut(out[n:], cuts, st)
	}
	return out[:n], additionalFrame
}

// frameOverhead is the part of a frame that is not data: PCB and CRC (ISO 14443-4) and the status
// word.
const frameOverhead = blockOverhead + 2

// room is the data that fits into a frame: 59 bytes into one of 64.
func (c *Card) room() int { return c.power.frame - frameOverhead }

// evenCuts fills every frame as far as the session allows. What fits into one frame is sent in one:
// a recorded EV1 answers 48 bytes and their MAC so.
func evenCuts(c *Card, n int) []int {
	if c.power.session == nil || n <= c.room() {
		return []int{c.room()}
	}
	return []int{c.power.session.frame(c.room())}
}

// versionCuts are the three frames of GetVersion: hardware, software, and the rest with its MAC.
func versionCuts(c *Card, _ int) []int { return []int{7, 7, c.room()} }

// aidCuts never split an application identifier.
func aidCuts(c *Card, _ int) []int { return []int{evenly(c.room(), aidLen)} }
