package emu

import (
	"bytes"
	"io"
	"slices"
)

// An isoHandshake is the progress of an authentication by GET CHALLENGE, EXTERNAL and INTERNAL
// AUTHENTICATE. They must follow each other directly: any other command drops it.
type isoHandshake struct {
	rndB []byte // the card's challenge; nil if none was requested

	reference byte // P2 of EXTERNAL AUTHENTICATE
	rndA      []byte
	iv        []byte // its last block; nil before the reader has proved the key
}

// Algorithms in P1 of the ISO authentication (proxmark3, desfirecore.c). 00 leaves it to the key.
const (
	algorithmOfKey = 0x00
	algorithmDES   = 0x02
	algorithm3K    = 0x04
	algorithmAES   = 0x09
)

func (t keyType) algorithm() byte {
	switch t {
	case typeAES:
		return algorithmAES
	case type3K3DES:
		return algorithm3K
	}
	return algorithmDES
}

// ofApplication marks a key of the selected application in P2; without it the key
// is the PICC's.
const ofApplication = 0x80

// isoKey finds the key of P1 and P2.
func (c *Card) isoKey(q isoCommand) (key, uint16) {
	no := q.p2 &^ ofApplication
	switch {
	case (q.p2&ofApplication == 0) != c.atRoot(), int(no) >= len(c.power.app.keys):
		return key{}, swNoKey
	}
	k := c.power.app.keys[no]
	if q.p1 != algorithmOfKey && q.p1 != k.kind.algorithm() {
		return key{}, swWrongP1P2
	}
	return k, swOK
}

func (c *Card) getChallenge(q isoCommand) ([]byte, uint16) {
	switch {
	case q.p1 != 0 || q.p2 != 0:
		return nil, swWrongP1P2
	case len(q.data) != 0, q.le != 8 && q.le != 16:
		return nil, swWrongLength
	}
	rndB := make([]byte, q.le)
	if _, err := io.ReadFull(c.rand, rndB); err != nil {
		return nil, swMemoryFailure
	}
	c.power.handshake = isoHandshake{rndB: rndB}
	return rndB, swOK
}

// externalAuth receives both nonces, the reader's first, encrypted.
func (c *Card) externalAuth(q isoCommand, h isoHandshake) uint16 {
	c.power.work.time = authTime
	k, sw := c.isoKey(q)
	switch {
	case sw != swOK:
		return sw
	case c.config.forbids(noEV1Messaging): // of the session that would follow
		return swConditions
	case h.rndB == nil || h.iv != nil || len(h.rndB) != k.kind.nonce():
		return swConditions
	case len(q.data) != 2*len(h.rndB):
		return swWrongLength
	}
	b := k.cipher()
	plain := decipher(b, nil, q.data)
	if !equal(plain[len(h.rndB):], h.rndB) {
		return swSecurity
	}
	h.reference, h.rndA, h.iv = q.p2, plain[:len(h.rndB)], last(b, q.data)
	c.power.handshake = h
	return swOK
}

// internalAuth proves the key to the reader with a new nonce of the card and the reader's second
// one. The session is that of EV1, made of the reader's first and the card's second nonce
// (proxmark3, desfirecore.c: also that the CBC continues).
func (c *Card) internalAuth(q isoCommand, h isoHandshake) ([]byte, uint16) {
	c.power.work.time = authTime
	k, sw := c.isoKey(q)
	switch {
	case sw != swOK:
		return nil, sw
	case h.iv == nil || q.p2 != h.reference:
		return nil, swConditions
	case len(q.data) != len(h.rndB):
		return nil, swWrongLength
	}
	rndB := make([]byte, len(h.rndB))
	if _, err := io.ReadFull(c.rand, rndB); err != nil {
		return nil, swMemoryFailure
	}
	out := encipher(k.cipher(), h.iv, slices.Concat(rndB, bytes.Clone(q.data)))
	c.power.session = newEV1(q.p2&^ofApplication, k, h.rndA, rndB)
	return out, swOK
}
