package emu

import (
	"io"
	"slices"
)

// capsLen is the length of the capabilities that both sides tell at the first
// authentication (AN12196, AuthenticateEV2First: PDcap2 and PCDcap2).
const capsLen = 6

// authenticateFirst begins a session. The reader's capabilities, none to six
// bytes, come back in the answer; a wish for LRP in them is not granted.
func authenticateFirst(c *Card, q request) ([]byte, status) {
	keyNo, told := q.header[0], q.header[2:]
	switch n := q.header[1]; {
	case n > capsLen:
		return nil, parameterError
	case int(n) != len(told):
		return nil, lengthError
	}
	var caps [2 * capsLen]byte // the card's own are all zero
	copy(caps[capsLen:], told)
	return c.challenge(keyNo, func(s *session) (before, behind []byte, st status) {
		if _, err := io.ReadFull(c.rand, s.ti[:]); err != nil {
			return nil, nil, memoryError
		}
		return s.ti[:], caps[:], operationOK
	})
}

// authenticateNonFirst changes the key within a session: TI and CmdCtr stay
// (AN12196, table 23). Without a session there is nothing to go on with.
func authenticateNonFirst(c *Card, q request) ([]byte, status) {
	old := c.power.session
	if old == nil {
		return nil, authenticationError
	}
	return c.challenge(q.header[0], func(s *session) (before, behind []byte, st status) {
		s.ti, s.counter = old.ti, old.counter
		return nil, nil, operationOK
	})
}

// challenge sends RndB enciphered and awaits RndA and the rotated RndB, all in
// CBC with an IV of zeros. begin completes the new session and returns what stands
// before and behind the rotated RndA in the answer. A transaction under way stays:
// libfreefare's tests write with one key and commit with another.
func (c *Card) challenge(
	keyNo byte, begin func(*session) (before, behind []byte, st status),
) ([]byte, status) {
	if int(keyNo) >= len(c.power.app.keys) {
		return nil, noSuchKey
	}
	var rndB block
	if _, err := io.ReadFull(c.rand, rndB[:]); err != nil {
		return nil, memoryError
	}
	k := c.power.app.keys[keyNo]
	c.power.next = func(answer []byte) ([]byte, status) {
		c.power.work.time = authTime
		rndA, st := k.meet(rndB, answer)
		if st != operationOK {
			return nil, st
		}
		s := newSession(keyNo, k, rndA, rndB)
		before, behind, st := begin(s)
		if st != operationOK {
			return nil, st
		}
		c.power.session = s
		back := rotate(rndA)
		proof := slices.Concat(before, back[:], behind)
		return encipher(newAES(k.secret), block{}, proof), operationOK
	}
	return encipher(newAES(k.secret), block{}, rndB[:]), additionalFrame
}

// meet deciphers the reader's answer to RndB and finds RndA in it. Only here does
// a wrong key show.
func (k key) meet(rndB block, answer []byte) (rndA block, st status) {
	if len(answer) != 2*len(rndB) {
		return rndA, lengthError
	}
	plain := decipher(newAES(k.secret), block{}, answer)
	want := rotate(rndB)
	if !equal(plain[len(rndA):], want[:]) {
		return rndA, authenticationError
	}
	return block(plain[:len(rndA)]), operationOK
}
