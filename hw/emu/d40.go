package emu

import (
	"crypto/cipher"
	"crypto/subtle"
	"slices"
)

// A d40 is a session after the oldest authentication, that of the MF3ICD40. Only the data of files
// is protected, and keys and settings sent to the card; every command begins with a start value of
// zeros (libfreefare, mifare_desfire_crypto.c).
type d40 struct {
	no     byte
	cipher cipher.Block
}

var _ session = (*d40)(nil)

const (
	d40MACLen = 4
	d40CRCLen = 2
)

func newD40(keyNo byte, k key, rndA, rndB []byte) *d40 {
	return &d40{keyNo, k.derive(rndA, rndB).cipher()}
}

func (s *d40) keyNo() byte            { return s.no }
func (s *d40) digest(p []byte) []byte { return checksum16(p) }

// survives: only a permission denied leaves the session intact, as the clients that were tried
// expect.
func (s *d40) survives(st status) bool { return st == permissionDenied }

// frame splits no block, as under EV1.
func (s *d40) frame(n int) int { return evenly(n, s.cipher.BlockSize()) }

func (s *d40) protection(t terms) (data, mac int) {
	switch {
	case t.mode == modeFull && t.data > 0:
		return whole(t.data+d40CRCLen, s.cipher.BlockSize()), 0
	case t.mode == modeMAC && t.data > 0:
		return t.data, d40MACLen
	}
	return t.data, 0
}

func (s *d40) open(q *call, _, rest []byte) ([]byte, status) {
	switch {
	case q.mode == modeFull && q.data != 0:
		return s.reveal(q, rest)
	case q.mode == modeMAC && q.data > 0:
		if len(rest) < d40MACLen {
			return nil, lengthError
		}
		data, mac := rest[:len(rest)-d40MACLen], rest[len(rest)-d40MACLen:]
		if !equal(s.tag(data), mac) {
			return nil, integrityError
		}
		return data, operationOK
	}
	return rest, operationOK
}

// reveal decrypts data ‖ CRC16 ‖ tail ‖ zeros. The checksum covers only the data.
func (s *d40) reveal(q *call, rest []byte) ([]byte, status) {
	if len(rest) == 0 || len(rest)%s.cipher.BlockSize() != 0 {
		return nil, lengthError
	}
	data, sum, tail, ok := splitCRC(backwards(s.cipher, rest), q.terms, d40CRCLen)
	if !ok || !equal(checksum16(data), sum) {
		return nil, integrityError
	}
	return slices.Concat(data, tail), operationOK
}

// backwards decrypts what the reader has sealed by decrypting: the card of that time could only
// encrypt, and does so in both directions.
func backwards(c cipher.Block, crypted []byte) []byte {
	out, before := make([]byte, len(crypted)), make([]byte, c.BlockSize())
	for i := 0; i < len(crypted); i += len(before) {
		c.Encrypt(out[i:], crypted[i:])
		subtle.XORBytes(out[i:], out[i:i+len(before)], before)
		before = crypted[i : i+len(before)]
	}
	return out
}

func (s *d40) seal(q *call, data []byte, _ status) []byte {
	switch {
	case q.mode == modeFull && len(data) > 0:
		plain := slices.Concat(data, checksum16(data))
		return encipher(s.cipher, nil, padBlocks(plain, s.cipher.BlockSize(), q.untold))
	case q.mode == modeMAC && len(data) > 0:
		return slices.Concat(data, s.tag(data))
	}
	return data
}

// tag is the first half of the last CBC block over the data padded with zeros.
func (s *d40) tag(data []byte) []byte {
	sum := last(s.cipher, encipher(s.cipher, nil, padBlocks(data, s.cipher.BlockSize(), false)))
	return sum[:d40MACLen]
}
