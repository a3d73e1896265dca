package cardlayout

import (
	"fmt"
	"io"
)

// UID is the serial number a card is known by on the air.
type UID [7]byte

// A Key is an AES-128 key. It prints as REDACTED in every format.
type Key [16]byte

// Format keeps the key out of logs and error texts, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { io.WriteString(f, "REDACTED") }

// MarshalText keeps the key out of JSON, TOML and structured logs.
func (Key) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// MarshalBinary keeps the key out of CBOR and gob.
func (Key) MarshalBinary() ([]byte, error) { return []byte("REDACTED"), nil }

// A Scheme is what the derivation of every card's keys has in common.
type Scheme struct {
	AID    [3]byte // in wire order
	System string  // the system identifier, at most 21 bytes
}

// MaxSystem is the longest system identifier: UID, AID and it are at most the 31
// bytes AN10922 allows.
const MaxSystem = 21

// Diversify derives a card's own key from a master key after NXP AN10922
// (AES-128): CMAC over 01 ‖ UID ‖ AID ‖ system identifier, padded to two blocks
// whatever its length. A plain CMAC of a short input gives another key.
func (s Scheme) Diversify(master Key, uid UID) Key {
	input := make([]byte, 0, 32)
	input = append(input, 0x01)
	input = append(input, uid[:]...)
	input = append(input, s.AID[:]...)
	input = append(input, s.System...)
	return diversify(master, input)
}

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

// Keys are the data keys of a system: masters, from which each card's own are
// derived. They are no card keys; a card never sees them.
type Keys struct {
	Scheme Scheme

	// Rights seals file 6 and is on every bus: one key for its seal, one for its
	// content (RFC 5297).
	Rights [2]Key

	// Holder seals file 9. It is nil on a bus, which therefore cannot read a name.
	Holder *Key
}

// rights is the card's own pair of keys for file 6.
func (k Keys) rights(uid UID) siv {
	return newSIV(k.Scheme.Diversify(k.Rights[0], uid), k.Scheme.Diversify(k.Rights[1], uid))
}
