package desfire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"fmt"
	"io"
)

// A Key is an AES-128 key in memory. It is an Authenticator, and it prints as
// REDACTED in every format.
type Key [16]byte

// Format keeps the key out of logs and error texts, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

// MarshalText keeps the key out of JSON, TOML and structured logs.
func (Key) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// MarshalBinary keeps the key out of CBOR and gob.
func (Key) MarshalBinary() ([]byte, error) { return []byte("REDACTED"), nil }

var methodsOfAES = []Method{EV2First, AES}

// Methods implements Authenticator.
func (Key) Methods() []Method { return methodsOfAES }

// Start implements Authenticator.
func (k Key) Start(m Method, challenge, rndA []byte) (Handshake, error) {
	if m == D40 || m == ISO {
		return nil, fmt.Errorf("an AES key is not proved by method %02X", byte(m))
	}
	return newHandshake(m, k, challenge, rndA), nil
}

func (k Key) cipher() cipher.Block {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		panic("desfire: internal error: " + err.Error())
	}
	return block
}

// session derives the session keys from both random numbers: one for EV1 (libfreefare,
// mifare_desfire_session_key_new), two for EV2 (AN12343 p. 33-35).
func (k Key) session(m Method, a, b []byte) (keys SessionKeys) {
	if m == AES {
		copy(keys.Enc[0:], a[:4])
		copy(keys.Enc[4:], b[:4])
		copy(keys.Enc[8:], a[12:])
		copy(keys.Enc[12:], b[12:])
		keys.MAC = keys.Enc
		return keys
	}
	var sv [32]byte
	copy(sv[:], []byte{0xA5, 0x5A, 0x00, 0x01, 0x00, 0x80, a[0], a[1]})
	subtle.XORBytes(sv[8:14], a[2:8], b[0:6])
	copy(sv[14:24], b[6:16])
	copy(sv[24:32], a[8:16])
	kdf := newCMAC(k.cipher())
	keys.Enc = kdf.sum(sv[:])
	sv[0], sv[1] = 0x5A, 0xA5
	keys.MAC = kdf.sum(sv[:])
	return keys
}
