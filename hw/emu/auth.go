package emu

import (
	"io"
	"slices"
)

// capsLen is the length of the capabilities that both sides send at the first authentication
// (AN12196, AuthenticateEV2First: PDcap2 and PCDcap2).
const capsLen = 6

// A handshake is one of the authentications: the card sends RndB encrypted, the reader answers with
// RndA and the rotated RndB, and the card with the rotated RndA. It holds the types of its keys,
// how the reader's answer is decrypted, and how the session begins.
type handshake struct {
	kinds []keyType
	open  func(k key, challenge, answer []byte) []byte
	end   func(k key, rndA, rndB, answer []byte) (proof []byte, s session, st status)
}

// challenge begins a handshake. A transaction under way stays: libfreefare's tests write with one
// key and commit with another.
func (c *Card) challenge(keyNo byte, h handshake) ([]byte, status) {
	k, st := c.loginKey(keyNo)
	if st != operationOK {
		return nil, st
	}
	if !slices.Contains(h.kinds, k.kind) {
		return nil, authenticationError
	}
	rndB := make([]byte, k.kind.nonce())
	if _, err := io.ReadFull(c.rand, rndB); err != nil {
		return nil, memoryError
	}
	challenge := encipher(k.cipher(), nil, rndB)
	c.power.next = func(answer []byte) ([]byte, status) {
		c.power.work.time = authTime
		if len(answer) != 2*len(rndB) {
			return nil, lengthError
		}
		plain := h.open(k, challenge, answer)
		rndA := plain[:len(rndB)]
		// A wrong key shows only here.
		if !equal(plain[len(rndB):], rotate(rndB)) {
			return nil, authenticationError
		}
		proof, s, st := h.end(k, rndA, rndB, answer)
		if st == operationOK {
			c.power.session = s
		}
		return proof, st
	}
	return challenge, additionalFrame
}

// loginKey finds the key of an authentication. Of the keys for delegated applications only the
// authentication key can be used (libhcinfc, notes on an EV3: 9D without them).
func (c *Card) loginKey(no byte) (key, status) {
	d := c.damKey(no)
	switch {
	case d != nil && (!d.set() || no != damAuthKey):
		return key{}, permissionDenied
	case d != nil:
		return *d, operationOK
	case int(no) >= len(c.power.app.keys):
		return key{}, noSuchKey
	}
	return c.power.app.keys[no], operationOK
}

// fromZeros decrypts an answer whose CBC begins with zeros, as under EV2.
func fromZeros(k key, _, answer []byte) []byte { return decipher(k.cipher(), nil, answer) }

// fromChallenge decrypts an answer whose CBC continues from the card's challenge.
func fromChallenge(k key, challenge, answer []byte) []byte {
	b := k.cipher()
	return decipher(b, last(b, challenge), answer)
}

// authenticateFirst begins a session. The reader's capabilities, zero to six bytes, are returned in
// the answer; a request for LRP in them is not granted.
func authenticateFirst(c *Card, q request) ([]byte, status) {
	keyNo, reported := q.header[0], q.header[2:]
	switch n := q.header[1]; {
	case n > capsLen:
		return nil, parameterError
	case int(n) != len(reported):
		return nil, lengthError
	}
	var caps [2 * capsLen]byte // the card's own before the reader's
	copy(caps[capsLen-len(c.config.capabilities):], c.config.capabilities[:])
	copy(caps[capsLen:], reported)
	end := func(k key, rndA, rndB, _ []byte) ([]byte, session, status) {
		s := newEV2(keyNo, k, rndA, rndB)
		if _, err := io.ReadFull(c.rand, s.ti[:]); err != nil {
			return nil, nil, memoryError
		}
		proof := slices.Concat(s.ti[:], rotate(rndA), caps[:])
		return encipher(k.cipher(), nil, proof), s, operationOK
	}
	return c.challenge(keyNo, handshake{[]keyType{typeAES}, fromZeros, end})
}

// authenticateNonFirst changes the key within a session: TI and CmdCtr stay (AN12196, table 23). It
// needs an EV2 session.
func authenticateNonFirst(c *Card, q request) ([]byte, status) {
	keyNo := q.header[0]
	old, ok := c.power.session.(*ev2)
	if !ok {
		return nil, authenticationError
	}
	end := func(k key, rndA, rndB, _ []byte) ([]byte, session, status) {
		s := newEV2(keyNo, k, rndA, rndB)
		s.ti, s.counter = old.ti, old.counter
		return encipher(k.cipher(), nil, rotate(rndA)), s, operationOK
	}
	return c.challenge(keyNo, handshake{[]keyType{typeAES}, fromZeros, end})
}

// authenticateISO is for the DES family, authenticateAES for AES. One CBC runs
// through the whole handshake; the session then begins with zeros (libfreefare,
// mifare_desfire.c).
func authenticateISO(c *Card, q request) ([]byte, status) {
	return c.authenticateEV1(q.header[0], typeDES, type3K3DES)
}

func authenticateAES(c *Card, q request) ([]byte, status) {
	return c.authenticateEV1(q.header[0], typeAES)
}

func (c *Card) authenticateEV1(keyNo byte, kinds ...keyType) ([]byte, status) {
	if c.config.forbids(noEV1Messaging) {
		return nil, permissionDenied
	}
	end := func(k key, rndA, rndB, answer []byte) ([]byte, session, status) {
		b := k.cipher()
		proof := encipher(b, last(b, answer), rotate(rndA))
		return proof, newEV1(keyNo, k, rndA, rndB), operationOK
	}
	return c.challenge(keyNo, handshake{kinds, fromChallenge, end})
}

// authenticateD40 is the oldest authentication, in which the reader only decrypts.
func authenticateD40(c *Card, q request) ([]byte, status) {
	if c.config.forbids(noD40Messaging) {
		return nil, permissionDenied
	}
	keyNo := q.header[0]
	open := func(k key, _, answer []byte) []byte { return backwards(k.cipher(), answer) }
	end := func(k key, rndA, rndB, _ []byte) ([]byte, session, status) {
		return encipher(k.cipher(), nil, rotate(rndA)), newD40(keyNo, k, rndA, rndB), operationOK
	}
	return c.challenge(keyNo, handshake{[]keyType{typeDES}, open, end})
}
