package bundle

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// A PublicKey verifies bundles. In text it is the base64 of its 32 bytes.
type PublicKey [ed25519.PublicKeySize]byte

// Public is what verifies bundles that a key signs.
func Public(key ed25519.PrivateKey) PublicKey {
	return PublicKey(key.Public().(ed25519.PublicKey))
}

// String is the key as configurations name it.
func (k PublicKey) String() string { return base64.StdEncoding.EncodeToString(k[:]) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *PublicKey) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(raw) != len(k) {
		return errors.New("want the 44 characters that `bench list key show` prints")
	}
	*k = PublicKey(raw)
	return nil
}

// id is how a bundle names the key that signed it.
func (k PublicKey) id() []byte {
	sum := sha256.Sum256(k[:])
	return sum[:8]
}
