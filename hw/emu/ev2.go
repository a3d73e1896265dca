package emu

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// An ev2 is a session after AuthenticateEV2First or NonFirst (AN12196, EV2 secure
// messaging).
type ev2 struct {
	no      byte
	enc     cipher.Block // SesAuthENCKey
	mac     *cmacKey     // SesAuthMACKey
	ti      [4]byte      // transaction identifier
	counter uint16       // CmdCtr: pairs of command and answer so far
}

var _ session = (*ev2)(nil)

// newEV2 derives the session keys from the key and both nonces (AN12196, session key generation:
// SV1 and SV2).
func newEV2(keyNo byte, k key, rndA, rndB []byte) *ev2 {
	sv := [32]byte{0xA5, 0x5A, 0x00, 0x01, 0x00, 0x80}
	copy(sv[6:], rndA[0:2])
	for i := range 6 {
		sv[8+i] = rndA[2+i] ^ rndB[i]
	}
	copy(sv[14:], rndB[6:16])
	copy(sv[24:], rndA[8:16])
	m := newCMAC(k.cipher())
	enc := m.sum(sv[:])
	sv[0], sv[1] = 0x5A, 0xA5
	mac := m.sum(sv[:])
	return &ev2{no: keyNo, enc: newAES(block(enc)), mac: newCMAC(newAES(block(mac)))}
}

func (s *ev2) keyNo() byte            { return s.no }
func (s *ev2) digest(p []byte) []byte { return checksum(p) }
func (s *ev2) survives(status) bool   { return false }

// frame fills every frame. Real EV3 cards were only observed to split answers under EV1 messaging
// into multiples of a block; a reader joins the frames before it looks.
func (s *ev2) frame(n int) int { return n }

func (s *ev2) protection(t terms) (data, mac int) {
	switch t.mode {
	case modeFull:
		if t.data > 0 {
			return padded(t.data), macLen
		}
		return 0, macLen
	case modeMAC, modeManage:
		return t.data, macLen
	}
	return t.data, 0
}

// open increments the counter: the answer already uses the next value (AN12196, tables 23 to 25).
func (s *ev2) open(q *call, header, rest []byte) ([]byte, status) {
	if q.mode == modeOutside {
		return rest, operationOK
	}
	data := rest
	if q.mode != modePlain {
		if len(rest) < macLen {
			return nil, lengthError
		}
		data = rest[:len(rest)-macLen]
		want := s.tag(q.code, header, data)
		if !equal(want[:], rest[len(data):]) {
			return nil, integrityError
		}
	}
	if q.mode == modeFull && len(data) > 0 {
		if len(data)%aes.BlockSize != 0 {
			return nil, lengthError
		}
		iv := s.iv(0xA5, 0x5A)
		plain, ok := unpad(decipher(s.enc, iv[:], data))
		if !ok {
			return nil, integrityError
		}
		data = plain
	}
	s.counter++
	return data, operationOK
}

func (s *ev2) seal(q *call, data []byte, st status) []byte {
	if q.mode == modeOutside || q.mode == modePlain {
		return data
	}
	if q.mode == modeFull && len(data) > 0 {
		iv := s.iv(0x5A, 0xA5)
		data = encipher(s.enc, iv[:], pad(data))
	}
	tag := s.tag(byte(st), data)
	return append(data[:len(data):len(data)], tag[:]...)
}

// tag is the truncated MAC over code, CmdCtr, TI and the parts of a message.
func (s *ev2) tag(code byte, parts ...[]byte) [macLen]byte {
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

// iv is the start value of encryption: A5 5A for commands, 5A A5 for answers.
func (s *ev2) iv(label0, label1 byte) (iv block) {
	iv = block{label0, label1}
	copy(iv[2:], s.ti[:])
	binary.LittleEndian.PutUint16(iv[6:], s.counter)
	s.enc.Encrypt(iv[:], iv[:])
	return iv
}
