package desfire

import (
	"crypto/cipher"
	"crypto/subtle"
)

// d40 is the secure messaging after Authenticate, the oldest: it protects the data of files, and
// keys and settings sent to the card, and nothing else. Every command begins with a start value of
// zeros. The card can only encrypt, so we decrypt both ways (libfreefare, mifare_desfire_crypto.c).
type d40 struct {
	block cipher.Block
	iv    [8]byte
}

var _ secureMessaging = (*d40)(nil)

const d40MACSize = 4

func newD40(keys SessionKeys) *d40 { return &d40{block: keys.cipher(D40)} }

func (m *d40) nextMethod() Method       { return D40 }
func (m *d40) rekey(keys SessionKeys)   { *m = *newD40(keys) }
func (m *d40) keyCRC(key []byte) []byte { return crc16Of(key) }

func (m *d40) wireLength(mode Mode, n int) int {
	switch mode {
	case Full:
		return roundUp(n+crc16Size, len(m.iv))
	case MAC:
		return n + d40MACSize
	}
	return n
}

func (m *d40) seal(text []byte, head, tail int, mode Mode) []byte {
	switch {
	case len(text) == head:
	case mode == Full:
		text = insertCRC(text, tail, crc16Of(text[head:len(text)-tail]))
		text = padZeros(text, head, len(m.iv))
		m.iv = [8]byte{}
		cbcSend(m.block, m.iv[:], text[head:])
	case mode == MAC:
		sum := m.sum(text[head:])
		text = append(text, sum[:]...)
	}
	return text
}

func (m *d40) open(mode Mode, answer []byte, size int) ([]byte, error) {
	switch {
	case size == 0:
	case mode == Full:
		return m.decipher(answer, size)
	case mode == MAC:
		data, tag, err := splitMAC(answer, d40MACSize)
		if err != nil {
			return nil, err
		}
		if sum := m.sum(data); subtle.ConstantTimeCompare(sum[:], tag) != 1 {
			return nil, errWrongMAC
		}
		return data, nil
	}
	return answer, nil
}

// decipher decrypts data ‖ CRC16(data) ‖ zeros.
func (m *d40) decipher(answer []byte, size int) ([]byte, error) {
	if want := m.wireLength(Full, size); len(answer) != want {
		return nil, lengthError(len(answer), want)
	}
	m.iv = [8]byte{}
	cbcDecrypt(m.block, m.iv[:], answer)
	return verifyCRC(answer, size, crc16Of(answer[:size]))
}

// sum is the first half of the last CBC block over the data padded with zeros.
func (m *d40) sum(data []byte) (short [d40MACSize]byte) {
	text := padZeros(append([]byte(nil), data...), 0, len(m.iv))
	m.iv = [8]byte{}
	cbcEncrypt(m.block, m.iv[:], text)
	copy(short[:], m.iv[:])
	return short
}
