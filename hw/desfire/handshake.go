package desfire

import (
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
	"io"
)

// cipherKey is a key in memory.
type cipherKey interface {
	cipher() cipher.Block
	session(m Method, rndA, rndB []byte) SessionKeys
}

// handshake is an authentication with a key in memory.
type handshake struct {
	method     Method
	key        cipherKey
	block      cipher.Block
	nonce      int // length of the random numbers in bytes
	iv         [16]byte
	rndA, rndB [16]byte
	text       [32]byte // of the last message, either way
}

// Format keeps the key out of texts: fmt does not call methods of an unexported field.
func (*handshake) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

func newHandshake(m Method, key cipherKey, challenge, rndA []byte) *handshake {
	h := &handshake{method: m, key: key, block: key.cipher(), nonce: len(challenge)}
	copy(h.rndA[:h.nonce], rndA)
	cbcDecrypt(h.block, h.begin(), h.rndB[:copy(h.rndB[:], challenge)])
	proof := h.Proof()
	copy(proof, h.rndA[:h.nonce])
	rotate(proof[h.nonce:], h.rndB[:h.nonce])
	if m == D40 {
		cbcSend(h.block, h.begin(), proof)
	} else {
		cbcEncrypt(h.block, h.begin(), proof)
	}
	return h
}

// begin returns the start value of a step. One CBC runs through ISO and AES; otherwise each step
// begins with zeros (libfreefare, mifare_desfire.c; AN12343 p. 33).
func (h *handshake) begin() []byte {
	if h.method != ISO && h.method != AES {
		h.iv = [16]byte{}
	}
	return h.iv[:h.block.BlockSize()]
}

func (h *handshake) Proof() []byte { return h.text[:2*h.nonce] }

func (h *handshake) Finish(answer []byte) (keys SessionKeys, err error) {
	plain := h.text[:copy(h.text[:], answer)]
	cbcDecrypt(h.block, h.begin(), plain)
	var ti [4]byte
	if h.method == EV2First {
		plain = plain[copy(ti[:], plain):]
	}
	var rotated [16]byte
	rotate(rotated[:h.nonce], h.rndA[:h.nonce])
	if subtle.ConstantTimeCompare(plain[:h.nonce], rotated[:h.nonce]) != 1 {
		return keys, fmt.Errorf("proving the card's key: %w", ErrForged)
	}
	keys = h.key.session(h.method, h.rndA[:h.nonce], h.rndB[:h.nonce])
	keys.TI = ti
	return keys, nil
}

// rotate is p rotated left by a byte.
func rotate(into, p []byte) {
	into[copy(into, p[1:])] = p[0]
}
