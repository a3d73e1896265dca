package emu

import (
	"crypto/cipher"
	"slices"
)

// An ev1 is a session after AuthenticateISO or AuthenticateAES. One start value runs through it,
// both ways: each CMAC and each encryption continues from the last block of the one before
// (libfreefare, mifare_desfire_crypto.c).
type ev1 struct {
	no     byte
	cipher cipher.Block
	mac    *cmacKey
	iv     []byte
}

var _ session = (*ev1)(nil)

const crcLen = 4

func newEV1(keyNo byte, k key, rndA, rndB []byte) *ev1 {
	b := k.derive(rndA, rndB).cipher()
	return &ev1{no: keyNo, cipher: b, mac: newCMAC(b), iv: make([]byte, b.BlockSize())}
}

func (s *ev1) keyNo() byte            { return s.no }
func (s *ev1) digest(p []byte) []byte { return checksum(p) }
func (s *ev1) survives(status) bool   { return false }

// frame splits no block: real cards answer in frames of 48 bytes with AES and of 56 with DES
// (paultag/desox-rs and skjolber/desfire-tools, recorded conversations).
func (s *ev1) frame(n int) int { return evenly(n, s.cipher.BlockSize()) }

// protection counts a CMAC only for data that is written to a file in MAC mode. Value commands are
// such writes: libfreefare and nfcjlib append it, as do five of the six clients examined; proxmark3
// does not.
func (s *ev1) protection(t terms) (data, mac int) {
	switch {
	case t.mode == modeFull && t.data > 0:
		return whole(t.data+crcLen, s.cipher.BlockSize()), 0
	case t.mode == modeMAC && t.data > 0:
		return t.data, macLen
	}
	return t.data, 0
}

// open computes the CMAC of every command, whether it was sent or not, but for encrypted ones:
// these move the start value by themselves.
func (s *ev1) open(q *call, header, rest []byte) ([]byte, status) {
	switch {
	case q.mode == modeOutside:
		return rest, operationOK
	case q.mode == modeFull && q.data != 0:
		return s.reveal(q, header, rest)
	}
	data, mac := rest, []byte(nil)
	if _, n := s.protection(q.terms); n > 0 {
		if len(rest) < n {
			return nil, lengthError
		}
		data, mac = rest[:len(rest)-n], rest[len(rest)-n:]
	}
	want := s.tag([]byte{q.code}, header, data)
	if mac != nil && !equal(want, mac) {
		return nil, integrityError
	}
	return data, operationOK
}

// reveal decrypts data ‖ CRC32 ‖ tail ‖ zeros. The checksum covers code and header too; the length
// tells its place, since it would match in other places as well.
func (s *ev1) reveal(q *call, header, rest []byte) ([]byte, status) {
	if len(rest) == 0 || len(rest)%s.cipher.BlockSize() != 0 {
		return nil, lengthError
	}
	plain := decipher(s.cipher, s.iv, rest)
	s.iv = last(s.cipher, rest)
	data, sum, tail, ok := splitCRC(plain, q.terms, crcLen)
	if !ok || !equal(checksum([]byte{q.code}, header, data), sum) {
		return nil, integrityError
	}
	return slices.Concat(data, tail), operationOK
}

// splitCRC splits a decrypted message of the older sessions into data, checksum, tail and zeros. If
// the length is neither known nor part of the data, 80 marks the end (libfreefare, SetConfiguration
// of the ATS).
func splitCRC(plain []byte, t terms, crc int) (data, sum, tail []byte, ok bool) {
	n := t.data - t.tail
	switch {
	case t.measure != nil:
		if n = t.measure(plain); len(plain) < n+crc {
			return nil, nil, nil, false
		}
	case t.data == anyLength:
		if plain, ok = unpad(plain); !ok || len(plain) < crc {
			return nil, nil, nil, false
		}
		n = len(plain) - crc
	}
	data, plain = plain[:n], plain[n:]
	sum, plain = plain[:crc], plain[crc:]
	tail, plain = plain[:t.tail], plain[t.tail:]
	zeros := !slices.ContainsFunc(plain, notZero)
	return data, sum, tail, zeros
}

// seal appends a CMAC to every answer, also to a plain command, unless the answer is encrypted.
func (s *ev1) seal(q *call, data []byte, st status) []byte {
	switch {
	case q.mode == modeOutside:
		return data
	case q.mode == modeFull && len(data) > 0:
		sum := checksum(data, []byte{byte(st)})
		plain := padBlocks(slices.Concat(data, sum), s.cipher.BlockSize(), q.untold)
		out := encipher(s.cipher, s.iv, plain)
		s.iv = last(s.cipher, out)
		return out
	}
	return slices.Concat(data, s.tag(data, []byte{byte(st)}))
}

// padBlocks pads to whole blocks: with zeros, or with 80 and zeros if the reader did not name a
// length (skjolber/desfire-tools, recorded conversations). Whole blocks get no padding: libfreefare
// does not look for a checksum before a whole block of padding.
func padBlocks(p []byte, blockSize int, marked bool) []byte {
	out := make([]byte, whole(len(p), blockSize))
	copy(out, p)
	if marked && len(out) > len(p) {
		out[len(p)] = 0x80
	}
	return out
}

// tag is the first eight bytes of the CMAC; the whole CMAC is the next start value.
func (s *ev1) tag(parts ...[]byte) []byte {
	r := s.mac.startAt(s.iv)
	for _, p := range parts {
		r.write(p)
	}
	s.iv = r.sum()
	return s.iv[:macLen]
}
