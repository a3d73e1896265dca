package desfire

import "crypto/subtle"

// ev1 is the secure messaging after AuthenticateISO and AuthenticateAES. One start value runs
// through it, both ways: every CMAC and every CBC continues from the last block of the one before
// (libfreefare, mifare_desfire_crypto.c). So each command and answer authenticates all earlier
// ones.
type ev1 struct {
	method  Method
	mac     *cmac  // with the session's running value
	scratch []byte // the MAC input under construction
}

var _ secureMessaging = (*ev1)(nil)

func newEV1(m Method, keys SessionKeys) *ev1 {
	return &ev1{method: m, mac: newCMAC(keys.cipher(m))}
}

func (m *ev1) nextMethod() Method { return m.method }

// rekey begins again; uncommitted writes stay on the card (libfreefare, test_mifare_desfire.c).
func (m *ev1) rekey(keys SessionKeys) { *m = *newEV1(m.method, keys) }

func (m *ev1) keyCRC(key []byte) []byte { return crc32Of(key) }

// wireLength: the answers of a plain file have a MAC too.
func (m *ev1) wireLength(mode Mode, n int) int {
	if mode == Full {
		return roundUp(n+crc32Size, m.mac.size)
	}
	return n + macSize
}

// seal computes the CMAC of every command. It is sent only with data for a file in MAC mode;
// encrypted data moves the start value by its CBC instead.
func (m *ev1) seal(text []byte, head, tail int, mode Mode) []byte {
	data := len(text) > head
	if mode == Full && data {
		text = insertCRC(text, tail, crc32Of(text[:len(text)-tail]))
		text = padZeros(text, head, m.mac.size)
		cbcEncrypt(m.mac.block, m.mac.iv(), text[head:])
		return text
	}
	sum := m.mac.chain(text)
	if mode == MAC && data {
		text = append(text, sum[:macSize]...)
	}
	return text
}

// open checks the CMAC that every answer has unless its data is encrypted.
func (m *ev1) open(mode Mode, answer []byte, size int) ([]byte, error) {
	if mode == Full && size > 0 {
		return m.decipher(answer, size)
	}
	data, tag, err := splitMAC(answer, macSize)
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

// decipher decrypts data ‖ CRC32(data ‖ status) ‖ zeros. Only the size tells where the checksum is:
// without its final inversion it matches in other places too.
func (m *ev1) decipher(answer []byte, size int) ([]byte, error) {
	if want := m.wireLength(Full, size); len(answer) != want {
		return nil, lengthError(len(answer), want)
	}
	cbcDecrypt(m.mac.block, m.mac.iv(), answer)
	m.scratch = append(append(m.scratch[:0], answer[:size]...), byte(OK))
	return verifyCRC(answer, size, crc32Of(m.scratch))
}
