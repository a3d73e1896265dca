package desfire

import (
	"crypto/cipher"
	"crypto/des"
	"fmt"
	"io"
	"slices"
)

// A DESKey is a key of the DES family in memory: DES, 2K3DES or 3K3DES. The zero value is the
// factory key, a DES key of zeros. Our own cards have none. It is an Authenticator, and it prints
// as REDACTED in every format.
type DESKey struct {
	secret [24]byte
	triple bool // 3K3DES: all 24 bytes count, else the first 16
}

// NewDESKey returns the key with this secret: 8 bytes for DES, 16 for 2K3DES, 24 for 3K3DES. A DES
// key is a 2K3DES key with equal halves.
func NewDESKey(secret []byte) (k DESKey, err error) {
	switch len(secret) {
	case 8:
		copy(k.secret[8:], secret)
	case 16:
	case 24:
		k.triple = true
	default:
		return k, fmt.Errorf("a key of the DES family has 8, 16 or 24 bytes, not %d", len(secret))
	}
	copy(k.secret[:], secret)
	return k, nil
}

// Format keeps the key out of logs and error texts, whatever the verb.
func (DESKey) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

// MarshalText keeps the key out of JSON, TOML and structured logs.
func (DESKey) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// MarshalBinary keeps the key out of CBOR and gob.
func (DESKey) MarshalBinary() ([]byte, error) { return []byte("REDACTED"), nil }

var methodsOfDES = []Method{ISO, D40}

// Methods implements Authenticator. Only the oldest cards lack ISO.
func (k DESKey) Methods() []Method {
	if k.triple {
		return methodsOfDES[:1]
	}
	return methodsOfDES
}

// Start implements Authenticator.
func (k DESKey) Start(m Method, challenge, rndA []byte) (Handshake, error) {
	nonce := 8
	if k.triple {
		nonce = 16
	}
	switch {
	case m != ISO && (m != D40 || k.triple):
		return nil, fmt.Errorf("this DES key is not proved by method %02X", byte(m))
	case len(challenge) != nonce:
		return nil, fmt.Errorf("%w: a challenge of %d bytes", ErrAnswer, len(challenge))
	}
	return newHandshake(m, k, challenge, rndA), nil
}

func (k DESKey) cipher() cipher.Block {
	if !k.triple {
		copy(k.secret[16:], k.secret[:8])
	}
	block, err := des.NewTripleDESCipher(k.secret[:])
	if err != nil {
		panic("desfire: internal error: " + err.Error())
	}
	return block
}

// single reports whether the key is a DES key. The parity bits count: they distinguish the halves
// of a 2K3DES key (libfreefare, mifare_desfire_key.c).
func (k DESKey) single() bool { return !k.triple && [8]byte(k.secret[:]) == [8]byte(k.secret[8:]) }

// session derives the session keys from both random numbers (libfreefare,
// mifare_desfire_session_key_new).
func (k DESKey) session(_ Method, a, b []byte) SessionKeys {
	secret := slices.Concat(a[:4], b[:4])
	switch {
	case k.triple:
		secret = slices.Concat(secret, a[6:10], b[6:10], a[12:16], b[12:16])
	case k.single():
		secret = append(secret, secret...)
	default:
		secret = slices.Concat(secret, a[4:8], b[4:8])
	}
	s := DESKey{triple: k.triple}
	copy(s.secret[:], secret)
	return SessionKeys{DES: s}
}
