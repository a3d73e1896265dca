package desfire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
)

// Mode is a communication mode: how a command's data crosses the air.
type Mode byte

// The communication modes, as in a file's settings.
const (
	Plain Mode = 0x00
	MAC   Mode = 0x01
	Full  Mode = 0x03
)

const macSize = 8

// messaging is the EV2 secure messaging of one session: it turns a command into
// what is sent and an answer into what is meant (AN12343, AN12196).
type messaging struct {
	enc     cipher.Block
	mac     *cmac
	ti      [4]byte
	counter uint16 // of commands; the answer is protected with the next value
	scratch []byte // the MAC input under construction
	iv      [aes.BlockSize]byte
}

func newMessaging(keys SessionKeys) *messaging {
	enc, err := aes.NewCipher(keys.Enc[:])
	if err != nil {
		panic("desfire: internal error: " + err.Error())
	}
	m := &messaging{enc: enc, mac: newCMAC(keys.MAC), ti: keys.TI}
	m.scratch = make([]byte, 0, 320)
	return m
}

// rekey takes the keys of an AuthenticateEV2NonFirst, which keeps the
// transaction identifier and the counter.
func (m *messaging) rekey(keys SessionKeys) {
	fresh := newMessaging(keys)
	m.enc, m.mac = fresh.enc, fresh.mac
}

// seal appends to dst what stands after the command code: header, data as the
// mode asks, MAC.
func (m *messaging) seal(dst []byte, mode Mode, ins byte, header, data []byte) []byte {
	body := len(dst)
	dst = append(dst, header...)
	switch {
	case mode == Full && len(data) > 0:
		dst = m.encipher(dst, data)
	default:
		dst = append(dst, data...)
	}
	if mode != Plain {
		sum := m.sum(ins, m.counter, dst[body:])
		dst = append(dst, sum[:]...)
	}
	return dst
}

// open checks an answer's MAC and returns its data, deciphered in place where
// the mode asks. The counter moves on: a command and its answer are one step.
func (m *messaging) open(mode Mode, answer []byte) ([]byte, error) {
	m.counter++
	if mode == Plain {
		return answer, nil
	}
	data, err := m.verify(answer)
	if err != nil || mode == MAC || len(data) == 0 {
		return data, err
	}
	return m.decipher(data)
}

func (m *messaging) verify(answer []byte) ([]byte, error) {
	if len(answer) < macSize {
		return nil, fmt.Errorf("%w: %d bytes leave no room for a MAC", ErrAnswer, len(answer))
	}
	data, tag := answer[:len(answer)-macSize], answer[len(answer)-macSize:]
	sum := m.sum(byte(OK), m.counter, data)
	if subtle.ConstantTimeCompare(sum[:], tag) != 1 {
		return nil, fmt.Errorf("checking the answer's MAC: %w", ErrForged)
	}
	return data, nil
}

// sum is the MAC over code ‖ counter ‖ TI ‖ body.
func (m *messaging) sum(code byte, counter uint16, body []byte) [macSize]byte {
	m.scratch = append(m.scratch[:0], code, byte(counter), byte(counter>>8))
	m.scratch = append(m.scratch, m.ti[:]...)
	m.scratch = append(m.scratch, body...)
	return truncate(m.mac.sum(m.scratch))
}

// encipher appends data, padded with 80 00…, which is always added.
func (m *messaging) encipher(dst, data []byte) []byte {
	start := len(dst)
	dst = append(dst, data...)
	dst = append(dst, 0x80)
	for (len(dst)-start)%aes.BlockSize != 0 {
		dst = append(dst, 0)
	}
	m.startValue(0xA5, 0x5A, m.counter)
	cbcEncrypt(m.enc, &m.iv, dst[start:])
	return dst
}

func (m *messaging) decipher(data []byte) ([]byte, error) {
	if len(data)%aes.BlockSize != 0 {
		return nil, fmt.Errorf("%w: %d enciphered bytes are not whole blocks", ErrAnswer, len(data))
	}
	m.startValue(0x5A, 0xA5, m.counter)
	cbcDecrypt(m.enc, &m.iv, data)
	return unpad(data)
}

// startValue sets the CBC start value: a block that never repeats under one key.
func (m *messaging) startValue(a, b byte, counter uint16) {
	m.iv = [aes.BlockSize]byte{a, b}
	copy(m.iv[2:], m.ti[:])
	binary.LittleEndian.PutUint16(m.iv[6:], counter)
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

// padded is the length of n bytes once enciphered.
func padded(n int) int { return n/aes.BlockSize*aes.BlockSize + aes.BlockSize }

// CBC by hand over the session's own start value: cipher.NewCBCEncrypter would
// allocate for each of a tap's commands.
func cbcEncrypt(block cipher.Block, iv *[aes.BlockSize]byte, data []byte) {
	for ; len(data) > 0; data = data[aes.BlockSize:] {
		subtle.XORBytes(data[:aes.BlockSize], data[:aes.BlockSize], iv[:])
		block.Encrypt(data[:aes.BlockSize], data[:aes.BlockSize])
		copy(iv[:], data)
	}
}

func cbcDecrypt(block cipher.Block, iv *[aes.BlockSize]byte, data []byte) {
	for i := len(data) - aes.BlockSize; i >= 0; i -= aes.BlockSize {
		before := iv[:]
		if i > 0 {
			before = data[i-aes.BlockSize : i]
		}
		here := data[i : i+aes.BlockSize]
		block.Decrypt(here, here)
		subtle.XORBytes(here, here, before)
	}
}
