package cardlayout

import (
	"crypto/aes"
	"fmt"
	"io"
)

// UID is a card's serial number as a reader sees it.
type UID [7]byte

// A Key is an AES-128 key. It prints as REDACTED in every format.
type Key [16]byte

// Format keeps the key out of logs and error texts, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

// MarshalText keeps the key out of JSON, TOML and structured logs.
func (Key) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// MarshalBinary keeps the key out of CBOR and gob.
func (Key) MarshalBinary() ([]byte, error) { return []byte("REDACTED"), nil }

// A Scheme is the common part of all derivations of card keys.
type Scheme struct {
	AID    [3]byte // in wire order
	System string  // the system identifier, at most 21 bytes
}

// MaxSystem is the longest system identifier, in bytes: with UID and AID it fills the 31 bytes
// that AN10922 allows.
const MaxSystem = 21

// Diversify derives a card's key from a master key by NXP AN10922 (AES-128): CMAC over 01 ‖ UID ‖
// AID ‖ system identifier, always padded to two blocks. A plain CMAC of a short input gives
// another key.
func (s Scheme) Diversify(master Key, uid UID) Key { return diversify(master, s.Input(uid)) }

// Input is the input of the CMAC of AN10922 without its padding: 01 ‖ UID ‖ AID ‖ system
// identifier.
func (s Scheme) Input(uid UID) []byte {
	input := make([]byte, 0, 32)
	input = append(input, 0x01)
	input = append(input, uid[:]...)
	input = append(input, s.AID[:]...)
	return append(input, s.System...)
}

// Plain reports whether the CMAC of AN10922 equals that of RFC 4493, which pads only within the
// last block, as a token computes it: the input has more than one block.
func (s Scheme) Plain() bool { return len(s.Input(UID{})) > aes.BlockSize }

func diversify(master Key, input []byte) Key {
	c := newCMAC(master)
	if len(input) > 32 {
		panic("cardlayout: internal error: the diversification input exceeds 31 bytes")
	}
	if len(input) == 32 {
		return Key(c.chain(input, c.k1))
	}
	padded := make([]byte, 32)
	padded[copy(padded, input)] = 0x80
	return Key(c.chain(padded, c.k2))
}

// Keys are the data keys of a system: masters, from which the keys of each card are derived. They
// never reach a card.
type Keys struct {
	Scheme Scheme

	// Rights seals files 6 and 7 and is on every bus: one key for its seal, one for its
	// content (RFC 5297).
	Rights [2]Key

	// FormerRights are the keys of earlier generations, newest first, for cards whose rights are
	// still sealed with them.
	FormerRights [][2]Key

	// Holder seals file 9. It is nil on a bus, which therefore cannot read a name.
	Holder *Key
}

// Seals derive a card's pair of keys for its rights, one for its seal and one for its content. The
// masters may be in memory, as Keys are, or in a token that never gives them away. The seal is
// authenticated: the generations are tried in order, and the card need not name its own.
type Seals interface {
	// Generations is the number of generations, at least 1.
	Generations() int

	// Seal is the card's pair of a generation, 0 the newest. Its error wraps ErrKeys and does not
	// concern the card.
	Seal(uid UID, generation int) ([2]Key, error)
}

// Generations implements Seals.
func (k Keys) Generations() int { return 1 + len(k.FormerRights) }

// Seal implements Seals, without an error.
func (k Keys) Seal(uid UID, generation int) ([2]Key, error) {
	masters := k.Rights
	if generation > 0 {
		masters = k.FormerRights[generation-1]
	}
	return [2]Key{k.Scheme.Diversify(masters[0], uid), k.Scheme.Diversify(masters[1], uid)}, nil
}
