package emu

import (
	"crypto/cipher"
	"encoding/binary"
)

// A mode is how a command and its answer are protected within a session. The
// values are those of a file's communication settings (EV2 data sheet, file
// types and communication modes).
type mode byte

const (
	modePlain mode = 0x00
	modeMAC   mode = 0x01
	modeFull  mode = 0x03

	// modeOutside marks commands that make or end sessions and so take no part
	// in them: they are not even counted.
	modeOutside mode = 0xFF
)

// A session is what an authentication leaves behind (AN12196, EV2 secure
// messaging). An error ends it.
type session struct {
	keyNo   byte
	enc     cipher.Block // SesAuthENCKey
	mac     *cmacKey     // SesAuthMACKey
	ti      [4]byte      // transaction identifier
	counter uint16       // CmdCtr: command and answer pairs so far
}

// newSession derives the session keys from the key and both nonces (AN12196,
// session key generation: SV1 and SV2).
func newSession(keyNo byte, k key, rndA, rndB block) *session {
	sv := [32]byte{0xA5, 0x5A, 0x00, 0x01, 0x00, 0x80}
	copy(sv[6:], rndA[0:2])
	for i := range 6 {
		sv[8+i] = rndA[2+i] ^ rndB[i]
	}
	copy(sv[14:], rndB[6:16])
	copy(sv[24:], rndA[8:16])
	m := newCMAC(k.secret)
	enc := m.sum(sv[:])
	sv[0], sv[1] = 0x5A, 0xA5
	return &session{keyNo: keyNo, enc: newAES(enc), mac: newCMAC(m.sum(sv[:]))}
}

// open checks and deciphers what follows the header of a command, and counts the
// command: its answer already carries the next number (AN12196, tables 23 to 25).
func (s *session) open(m mode, code byte, header, rest []byte) ([]byte, status) {
	if m == modeOutside {
		return rest, operationOK
	}
	data := rest
	if m != modePlain {
		data = rest[:len(rest)-macLen]
		want := s.tag(code, header, data)
		if !equal(want[:], rest[len(data):]) {
			return nil, integrityError
		}
	}
	if m == modeFull && len(data) > 0 {
		plain, ok := unpad(decipher(s.enc, s.iv(0xA5, 0x5A), data))
		if !ok {
			return nil, integrityError
		}
		data = plain
	}
	s.counter++
	return data, operationOK
}

// seal protects an answer. The status that its MAC covers is always 00: errors
// carry no MAC.
func (s *session) seal(m mode, data []byte) []byte {
	if m == modeOutside || m == modePlain {
		return data
	}
	if m == modeFull && len(data) > 0 {
		data = encipher(s.enc, s.iv(0x5A, 0xA5), pad(data))
	}
	tag := s.tag(byte(operationOK), data)
	return append(data[:len(data):len(data)], tag[:]...)
}

// tag is the truncated MAC over code, CmdCtr, TI and the parts of a message.
func (s *session) tag(code byte, parts ...[]byte) [macLen]byte {
	r := s.mac.start()
	start := [7]byte{code}
	binary.LittleEndian.PutUint16(start[1:], s.counter)
	copy(start[3:], s.ti[:])
	r.write(start[:])
	for _, p := range parts {
		r.write(p)
	}
	return truncate(r.sum())
}

// iv is the start value for enciphering: A5 5A for commands, 5A A5 for answers.
func (s *session) iv(label0, label1 byte) (iv block) {
	iv = block{label0, label1}
	copy(iv[2:], s.ti[:])
	binary.LittleEndian.PutUint16(iv[6:], s.counter)
	s.enc.Encrypt(iv[:], iv[:])
	return iv
}
