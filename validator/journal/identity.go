package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hpke"
	"encoding/binary"
	"fmt"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
)

// identity is the part of an event that identifies its card. The bytes that a card signs include
// its file of rights, and so a birth date.
type identity struct {
	UID           [7]byte           `cbor:"12,keyasint,omitzero"`
	Card          cardlayout.Number `cbor:"13,keyasint,omitzero"`
	TMI           []byte            `cbor:"30,keyasint,omitempty"`
	PrintedNumber cardlayout.Number `cbor:"33,keyasint,omitzero"`
}

func (i *identity) none() bool {
	return i.UID == [7]byte{} && i.Card == 0 && len(i.TMI) == 0 && i.PrintedNumber == 0
}

// identity is the identity in an event.
func (e *event) identity() (i identity) {
	i = identity{e.UID, e.Card, e.TMI, e.PrintedNumber}
	e.UID, e.Card, e.TMI, e.PrintedNumber = [7]byte{}, 0, nil, 0
	return i
}

// A Sealed is the identity in an event, sealed for the back office.
type Sealed struct {
	_     struct{} `cbor:",toarray"`
	Key   []byte   // encapsulated for the back office
	Text  []byte   // encrypted with that key
	Short string   // the end of the card's number, for a driver; "": no card was read
}

// short is the part of the card's number that a log may show.
func (e *event) short() string {
	if e.Sealed != nil {
		return e.Sealed.Short
	}
	return shortOf(e.Card)
}

func shortOf(card cardlayout.Number) string {
	if card == 0 {
		return ""
	}
	return card.Short()
}

// The identities are sealed with HPKE (RFC 9180), whose context exports the key of AES-256-GCM. One
// key exchange serves many entries, which can be read in any order.
var (
	suiteKDF  = hpke.HKDFSHA256()
	suiteAEAD = hpke.ExportOnly()
)

const (
	sealedInfo = "leima journal identity"
	sealedKey  = "AES-256-GCM"
)

// A sealer seals identities with a public key. The zero sealer seals nothing.
type sealer struct {
	backOffice hpke.PublicKey
	key        []byte // encapsulated
	aead       cipher.AEAD
}

// forget has the next entry sealed with a new key: no position may be sealed twice with the same
// key.
func (s *sealer) forget() { s.aead = nil }

// seal seals the identity in an event for its position in a device's log.
func (s *sealer) seal(e *event, position uint64) error {
	if s.backOffice == nil {
		return nil
	}
	short, is := shortOf(e.Card), e.identity()
	if is.none() {
		return nil
	}
	plain, err := canonical.Encode.Marshal(is)
	if err == nil && s.aead == nil {
		err = s.renew()
	}
	if err != nil {
		return fmt.Errorf("sealing whose card it is: %w", err)
	}
	nonce, place := placeOf(e.Device, position)
	e.Sealed = &Sealed{Key: s.key, Text: s.aead.Seal(nil, nonce, plain, place), Short: short}
	return nil
}

func (s *sealer) renew() error {
	key, context, err := hpke.NewSender(s.backOffice, suiteKDF, suiteAEAD, []byte(sealedInfo))
	if err == nil {
		s.key = key
		s.aead, err = exported256(context)
	}
	return err
}

// exported256 is the cipher with the key that an HPKE context exports.
func exported256(context interface {
	Export(string, int) ([]byte, error)
},
) (cipher.AEAD, error) {
	key, err := context.Export(sealedKey, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// placeOf is the place of an entry: its nonce, and the additional data that binds the seal to it.
func placeOf(device uint16, position uint64) (nonce, place []byte) {
	nonce = binary.BigEndian.AppendUint64(make([]byte, 4), position)
	return nonce, binary.BigEndian.AppendUint16([]byte(sealedInfo), device)
}

// SealTo has the identities in events sealed with the back office's public key from now on. The
// device finds a card's open intents by a hash under a secret, which is derived from its key;
// without a key it finds them only until it restarts.
func (j *Journal) SealTo(office BackOfficeKey, device ed25519.PrivateKey) error {
	public, err := office.hpke()
	if err != nil {
		return fmt.Errorf("journal %s: sealing: %w", j.path, err)
	}
	j.using.Lock()
	defer j.using.Unlock()
	j.sealer = sealer{backOffice: public}
	j.secret = newSecret(device)
	return nil
}
