package desfire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// ev2 is the secure messaging after AuthenticateEV2First (AN12343, AN12196): every command has its
// own MAC and start value, made of the transaction identifier and the command counter.
type ev2 struct {
	enc     cipher.Block
	mac     *cmac
	ti      [4]byte
	counter uint16 // of commands; the answer is protected with the next value
	scratch []byte // the MAC input under construction
	iv      [aes.BlockSize]byte
}

var _ secureMessaging = (*ev2)(nil)

func newEV2(keys SessionKeys) *ev2 {
	m := &ev2{enc: keys.Enc.cipher(), mac: newCMAC(keys.MAC.cipher()), ti: keys.TI}
	m.scratch = make([]byte, 0, 320)
	return m
}

func (m *ev2) nextMethod() Method { return EV2NonFirst }

// rekey takes the keys of an AuthenticateEV2NonFirst, which keeps the transaction identifier and
// the counter.
func (m *ev2) rekey(keys SessionKeys) {
	fresh := newEV2(keys)
	m.enc, m.mac = fresh.enc, fresh.mac
}

func (m *ev2) keyCRC(key []byte) []byte { return crc32Of(key) }

func (m *ev2) wireLength(mode Mode, n int) int {
	switch mode {
	case Plain:
		return n
	case Full:
		n = n/aes.BlockSize*aes.BlockSize + aes.BlockSize // padding is always added
	}
	return n + macSize
}

func (m *ev2) seal(text []byte, head, _ int, mode Mode) []byte {
	if mode == Full && len(text) > head {
		text = m.encipher(text, head)
	}
	if mode != Plain {
		sum := m.sum(text[0], text[1:])
		text = append(text, sum[:]...)
	}
	return text
}

// open checks an answer's MAC and increments the counter, which command and answer share.
func (m *ev2) open(mode Mode, answer []byte, _ int) ([]byte, error) {
	m.counter++
	if mode == Plain {
		return answer, nil
	}
	data, err := m.verify(answer)
	if err != nil || mode != Full || len(data) == 0 {
		return data, err
	}
	return m.decipher(data)
}

func (m *ev2) verify(answer []byte) ([]byte, error) {
	data, tag, err := splitMAC(answer, macSize)
	if err != nil {
		return nil, err
	}
	sum := m.sum(byte(OK), data)
	if subtle.ConstantTimeCompare(sum[:], tag) != 1 {
		return nil, errWrongMAC
	}
	return data, nil
}

// sum is the MAC over code ‖ counter ‖ TI ‖ body.
func (m *ev2) sum(code byte, body []byte) [macSize]byte {
	m.scratch = append(m.scratch[:0], code, byte(m.counter), byte(m.counter>>8))
	m.scratch = append(m.scratch, m.ti[:]...)
	m.scratch = append(m.scratch, body...)
	return truncate(m.mac.sum(m.scratch))
}

// encipher encrypts the bytes after the head, always padded with 80 00….
func (m *ev2) encipher(text []byte, head int) []byte {
	text = padZeros(append(text, 0x80), head, aes.BlockSize)
	m.startValue(0xA5, 0x5A)
	cbcEncrypt(m.enc, m.iv[:], text[head:])
	return text
}

func (m *ev2) decipher(data []byte) ([]byte, error) {
	if len(data)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: %d enciphered bytes are not whole blocks", ErrAnswer, len(data))
	}
	m.startValue(0x5A, 0xA5)
	cbcDecrypt(m.enc, m.iv[:], data)
	return unpad(data)
}

// startValue sets the CBC start value: a block that never repeats under one key.
func (m *ev2) startValue(a, b byte) {
	m.iv = [aes.BlockSize]byte{a, b}
	copy(m.iv[2:], m.ti[:])
	binary.LittleEndian.PutUint16(m.iv[6:], m.counter)
	m.enc.Encrypt(m.iv[:], m.iv[:])
}

func unpad(data []byte) ([]byte, error) {
	for i := len(data) - 1; i >= 0 && i >= len(data)-aes.BlockSize; i-- {
		switch data[i] {
		case 0x00:
		case 0x80:
			return data[:i], nil
		default:
			return nil, fmt.Errorf("%w: its padding is wrong", ErrAnswer)
		}
	}
	return nil, fmt.Errorf("%w: it has no padding", ErrAnswer)
}
