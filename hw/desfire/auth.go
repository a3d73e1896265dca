package desfire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
	"io"
)

// An Authenticator holds one AES key of a card, perhaps in a place that never
// gives it away: a file today, a secure access module or a token later.
type Authenticator interface {
	// Start answers the card's enciphered challenge E(K, RndB) with our own
	// random number RndA. An error means that the key cannot be used at all; a
	// wrong key shows only in the card's refusal.
	Start(challenge, rndA [16]byte) (Handshake, error)
}

// A Handshake is one authentication under way.
type Handshake interface {
	// Proof is E(K, RndA ‖ RndB rotated left by a byte).
	Proof() [32]byte
	// Finish checks the card's own proof and returns the keys of the session. The
	// first authentication answers E(K, TI ‖ RndA rotated ‖ capabilities), 32
	// bytes; a later one E(K, RndA rotated), 16 bytes, and its keys carry no TI.
	// ErrForged: the card does not hold the key.
	Finish(answer []byte) (SessionKeys, error)
}

// SessionKeys are what an EV2 authentication leaves behind. They die with the
// session; they must not be logged.
type SessionKeys struct {
	Enc, MAC Key
	TI       [4]byte
}

// A Key is an AES-128 key in memory. It is an Authenticator, and it prints as
// REDACTED in every format.
type Key [16]byte

// Format keeps the key out of logs and error texts, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

// Format does the same for a key at work: fmt does not ask a hidden field.
func (*handshake) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

// Start implements Authenticator.
func (k Key) Start(challenge, rndA [16]byte) (Handshake, error) {
	h := &handshake{key: k, rndA: rndA}
	h.crypt(cipher.NewCBCDecrypter, h.rndB[:], challenge[:])
	copy(h.proof[:16], rndA[:])
	copy(h.proof[16:], h.rndB[1:])
	h.proof[31] = h.rndB[0]
	h.crypt(cipher.NewCBCEncrypter, h.proof[:], h.proof[:])
	return h, nil
}

type handshake struct {
	key        Key
	rndA, rndB [16]byte
	proof      [32]byte
}

func (h *handshake) Proof() [32]byte { return h.proof }

func (h *handshake) Finish(answer []byte) (SessionKeys, error) {
	plain := make([]byte, len(answer))
	h.crypt(cipher.NewCBCDecrypter, plain, answer)
	var ti [4]byte
	if len(plain) == 32 {
		plain = plain[copy(ti[:], plain):]
	}
	rotated := append(h.rndA[1:16:16], h.rndA[0])
	if subtle.ConstantTimeCompare(plain[:16], rotated) != 1 {
		return SessionKeys{}, fmt.Errorf("proving the card's key: %w", ErrForged)
	}
	keys := h.sessionKeys()
	keys.TI = ti
	return keys, nil
}

// crypt runs CBC with a zero start value, as every step of the EV2
// authentication does (AN12343 p. 33).
func (h *handshake) crypt(mode func(cipher.Block, []byte) cipher.BlockMode, dst, src []byte) {
	block, err := aes.NewCipher(h.key[:])
	if err != nil {
		panic("desfire: internal error: " + err.Error())
	}
	mode(block, make([]byte, aes.BlockSize)).CryptBlocks(dst, src)
}

// sessionKeys derives the two keys of the session from both random numbers
// (AN12343 p. 33-35).
func (h *handshake) sessionKeys() SessionKeys {
	var sv [32]byte
	copy(sv[:], []byte{0xA5, 0x5A, 0x00, 0x01, 0x00, 0x80, h.rndA[0], h.rndA[1]})
	subtle.XORBytes(sv[8:14], h.rndA[2:8], h.rndB[0:6])
	copy(sv[14:24], h.rndB[6:16])
	copy(sv[24:32], h.rndA[8:16])
	kdf := newCMAC(h.key)
	enc := kdf.sum(sv[:])
	sv[0], sv[1] = 0x5A, 0xA5
	return SessionKeys{Enc: enc, MAC: kdf.sum(sv[:])}
}
