package emu

// A call is a command on its way in: looked up, admitted by its guard, and
// perhaps not yet complete.
type call struct {
	*command
	code byte
	mode mode
	data int // data bytes that will follow the header, deciphered
}

// maxAnswer is the most that an answer to a short APDU can hold beside its
// status word (ISO/IEC 7816-3: Le = 00 means 256).
const maxAnswer = 256

// protection returns how many bytes the data takes on the wire and how many the
// MAC takes behind it.
func (q *call) protection() (data, mac int) {
	switch q.mode {
	case modeFull:
		if q.data > 0 {
			return padded(q.data), macLen
		}
		return 0, macLen
	case modeMAC:
		return q.data, macLen
	}
	return q.data, 0
}

// split parts the header from what follows it. Where the header varies in length
// no data follows it, only the MAC.
func (q *call) split(params []byte) (header, rest []byte) {
	data, mac := q.protection()
	n := len(params) - data - mac
	return params[:n], params[n:]
}

// collect takes in one piece of a command and runs it when it is complete.
func (c *Card) collect(q *call, params []byte) ([]byte, status) {
	data, mac := q.protection()
	n := len(params) - data - mac
	switch {
	case n > q.longest:
		return nil, lengthError
	case n >= q.header:
		return c.finish(q, params)
	case q.cuts == nil || q.data == 0:
		return nil, lengthError
	}
	whole := make([]byte, len(params), q.header+data+mac)
	copy(whole, params)
	c.await(q, whole)
	return nil, additionalFrame
}

// await asks for the next piece of a command. The AF before each piece is no part
// of the command that the MAC is computed over.
func (c *Card) await(q *call, params []byte) {
	c.power.next = func(more []byte) ([]byte, status) {
		params = append(params, more...)
		data, mac := q.protection()
		switch want := q.header + data + mac; {
		case len(params) > want:
			return nil, lengthError
		case len(params) == want:
			return c.finish(q, params)
		}
		c.await(q, params)
		return nil, additionalFrame
	}
}

// send answers in as many frames as the command allows.
func (c *Card) send(q *call, out []byte) ([]byte, status) {
	if q.cuts != nil {
		return c.cut(out, q.cuts(c.power.frame))
	}
	if len(out) > maxAnswer {
		return nil, lengthError
	}
	return out, operationOK
}

// cut sends the first frame of an answer and keeps the rest for the AFs that ask
// for it.
func (c *Card) cut(out []byte, cuts []int) ([]byte, status) {
	n := cuts[0]
	if len(out) <= n {
		return out, operationOK
	}
	if len(cuts) > 1 {
		cuts = cuts[1:]
	}
	c.power.next = func(more []byte) ([]byte, status) {
		if len(more) != 0 {
			return nil, lengthError
		}
		return c.cut(out[n:], cuts)
	}
	return out[:n], additionalFrame
}

// frameOverhead is what a frame needs beside its data: PCB and CRC (ISO 14443-4)
// and the status word.
const frameOverhead = blockOverhead + 2

// evenCuts fills every frame: 59 data bytes in a frame of 64. Real EV3 cards part
// authenticated answers into multiples of the cipher block (paultag/desox-rs,
// replays); a reader may not care, since it joins the frames before it looks.
func evenCuts(frame int) []int { return []int{frame - frameOverhead} }

// versionCuts are the three frames of GetVersion: hardware, software, and the
// rest with its MAC.
func versionCuts(frame int) []int { return []int{7, 7, frame - frameOverhead} }

// aidCuts never part an application identifier.
func aidCuts(frame int) []int {
	n := frame - frameOverhead
	return []int{n - n%aidLen}
}
