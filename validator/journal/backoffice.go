package journal

import (
	"bytes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"leima/cardlayout/canonical"
)

// A BackOfficeKey is the back office's public key, with which devices seal the identity of an
// event's card. As text it is the base64 of its 32 bytes (X25519, RFC 7748).
type BackOfficeKey [32]byte

// BackOfficePublic is the public key of a private one.
func BackOfficePublic(key *ecdh.PrivateKey) BackOfficeKey {
	return BackOfficeKey(key.PublicKey().Bytes())
}

// String is the key as in a configuration.
func (k BackOfficeKey) String() string { return base64.StdEncoding.EncodeToString(k[:]) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *BackOfficeKey) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(raw) != len(k) {
		return errors.New("want the 44 characters that `bench journal key show` prints")
	}
	*k = BackOfficeKey(raw)
	// A low-order point, whose shared secret is public, would seal nothing.
	if _, err := k.hpke(); err != nil {
		return err
	}
	return nil
}

func (k BackOfficeKey) hpke() (hpke.PublicKey, error) {
	point, err := ecdh.X25519().NewPublicKey(k[:])
	if err != nil {
		return nil, err
	}
	public, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		return nil, err
	}
	if _, _, err := hpke.NewSender(public, suiteKDF, suiteAEAD, nil); err != nil {
		return nil, errors.New("this is no public key: want what `bench journal key show` prints")
	}
	return public, nil
}

// ErrNoBackOffice means that a device for real cards has no back office key.
var ErrNoBackOffice = errors.New(
	"back_office is missing: want the back office's public key, which " +
		"`bench journal key show` prints: only the back office may read the identity of a card")

// A BackOffice can read the sealed identities.
type BackOffice struct {
	keys []hpke.PrivateKey

	// The encapsulated key of the last entry, most often also that of the next.
	key  []byte
	aead cipher.AEAD
}

// NewBackOffice returns a back office with these private keys, perhaps for journals of several
// years.
func NewBackOffice(keys ...*ecdh.PrivateKey) (*BackOffice, error) {
	o := &BackOffice{}
	for _, key := range keys {
		private, err := hpke.NewDHKEMPrivateKey(key)
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, private)
	}
	return o, nil
}

// ErrSealed means that an identity cannot be read with the given keys.
var ErrSealed = errors.New("whose card it is was sealed for the back office")

// Open decrypts the identity of an entry's event. An unsealed event is unchanged, and after an
// error the entry is.
func (o *BackOffice) Open(e *Entry) error {
	if e.Sealed == nil {
		return nil
	}
	if o.aead != nil && bytes.Equal(o.key, e.Sealed.Key) {
		if plain, err := e.opened(o.aead); err == nil {
			return e.fill(plain)
		}
	}
	for _, private := range o.keys {
		aead, err := decapsulated(e.Sealed.Key, private)
		if err != nil {
			continue
		}
		if plain, err := e.opened(aead); err == nil {
			o.key, o.aead = e.Sealed.Key, aead
			return e.fill(plain)
		}
	}
	return fmt.Errorf("entry %d: %w: want the private key of that time", e.Position, ErrSealed)
}

// decapsulated is the cipher of an encapsulated key.
func decapsulated(key []byte, private hpke.PrivateKey) (cipher.AEAD, error) {
	context, err := hpke.NewRecipient(key, private, suiteKDF, suiteAEAD, []byte(sealedInfo))
	if err != nil {
		return nil, err
	}
	return exported256(context)
}

// opened is the sealed text, if the cipher is that of its key.
func (e *Entry) opened(aead cipher.AEAD) ([]byte, error) {
	nonce, place := placeOf(e.Event.ID.Device, e.Position)
	return aead.Open(nil, nonce, e.Sealed.Text, place)
}

func (e *Entry) fill(plain []byte) error {
	var is identity
	if canonical.Decode.Unmarshal(plain, &is) != nil {
		return fmt.Errorf("entry %d: %w: the sealed identity is empty", e.Position, ErrDamaged)
	}
	e.Event.UID, e.Event.Card, e.Event.TMI, e.Event.PrintedNumber = is.UID, is.Card, is.TMI,
		is.PrintedNumber
	e.Sealed = nil
	return nil
}

func randomSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	return secret
}
