package desfire

import "crypto/subtle"

// ev1 is the secure messaging after AuthenticateISO and AuthenticateAES. One start
// value runs through all of it, both ways: every CMAC and every CBC goes on from the
// last block of the one before (libfreefare, mifare_desfire_crypto.c). So each command
// and answer vouches for all that went before it.
type ev1 struct {
	method  Method
	mac     *cmac  // its running value is the session's
	scratch []byte // the MAC input under construction
}

var _ messaging = (*ev1)(nil)

func newEV1(m Method, keys SessionKeys) *ev1 {
	return &ev1{method: m, mac: newCMAC(keys.cipher(m))}
}

func (m *ev1) again() Method { return m.method }

// rekey begins anew; what was written and not committed is the card's affair, and it
// keeps it (libfreefare, test_mifare_desfire.c).
func (m *ev1) rekey(keys SessionKeys) { *m = *newEV1(m.method, keys) }

func (m *ev1) digest(key []byte) []byte { return crc32Of(key) }

// wire: a file that is plain by its settings has a MAC on its answers too.
func (m *ev1) wire(mode Mode, n int) int {
	if mode == Full {
		return whole(n+crc32Size, m.mac.size)
	}
	return n + macSize
}

// seal takes the CMAC over every command. It is sent with data for a file in MAC mode
// alone; where data is enciphered, the CBC moves the start value on instead.
func (m *ev1) seal(text []byte, head, tail int, mode Mode) []byte {
	data := len(text) > head
	if mode == Full && data {
		text = summed(text, tail, crc32Of(text[:len(text)-tail]))
		text = filled(text, head, m.mac.size)
		cbcEncrypt(m.mac.block, m.mac.running(), text[head:])
		return text
	}
	sum := m.mac.chain(text)
	if mode == MAC && data {
		text = append(text, sum[:macSize]...)
	}
	return text
}

// open checks the CMAC that every answer has unless its data is enciphered.
func (m *ev1) open(mode Mode, answer []byte, size int) ([]byte, error) {
	if mode == Full && size > 0 {
		return m.decipher(answer, size)
	}
	data, tag, err := parted(answer, macSize)
	if err != nil {
		return nil, err
	}
	sum := m.sum(data)
	if subtle.ConstantTimeCompare(sum[:macSize], tag) != 1 {
		return nil, errWrongMAC
	}
	return data, nil
}

// sum is the CMAC over data ‖ status.
func (m *ev1) sum(data []byte) [16]byte {
	m.scratch = append(append(m.scratch[:0], data...), byte(OK))
	return m.mac.chain(m.scratch)
}

// decipher opens data ‖ CRC32(data ‖ status) ‖ zeros. Only the size tells where the
// checksum stands: without its final inversion it matches in other places as well.
func (m *ev1) decipher(answer []byte, size int) ([]byte, error) {
	if want := m.wire(Full, size); len(answer) != want {
		return nil, unlike(len(answer), want)
	}
	cbcDecrypt(m.mac.block, m.mac.running(), answer)
	m.scratch = append(append(m.scratch[:0], answer[:size]...), byte(OK))
	return checked(answer, size, crc32Of(m.scratch))
}
