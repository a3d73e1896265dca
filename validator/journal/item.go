package journal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"leima/cardlayout/canonical"
)

// An Item is one of what Export gives, as its receiver reads it: an entry, or a signed head.
type Item struct {
	Device   uint16
	Position uint64
	Hash     [32]byte // of all entries up to this one; of a head, of the last entry
	Raw      []byte   // the item, as exported

	entry []byte
	head  *SignedHead
}

// item is an Item as exported.
type item struct {
	Device    uint16          `cbor:"1,keyasint"`
	Position  uint64          `cbor:"2,keyasint"`
	Hash      [32]byte        `cbor:"3,keyasint"`
	Entry     cbor.RawMessage `cbor:"4,keyasint,omitempty"`
	Head      []byte          `cbor:"5,keyasint,omitempty"`
	Public    []byte          `cbor:"6,keyasint,omitempty"`
	Signature []byte          `cbor:"7,keyasint,omitempty"`
}

// errItem shows nothing of an item, which may identify a card.
var errItem = errors.New("is no item of an exported journal")

// ReadItem reads the first of the exported items, and returns those that follow it. An error says
// that it is none.
func ReadItem(raw []byte) (first Item, rest []byte, err error) {
	var i item
	rest, err = canonical.Decode.UnmarshalFirst(raw, &i)
	isEntry, isHead := len(i.Entry) > 0, len(i.Head) > 0
	if err != nil || isEntry == isHead {
		return Item{}, nil, errItem
	}
	first = Item{
		Device: i.Device, Position: i.Position, Hash: i.Hash, Raw: raw[:len(raw)-len(rest)],
		entry: i.Entry,
	}
	if isHead {
		first.head = &SignedHead{i.Position, i.Hash, i.Head, i.Public, i.Signature}
	}
	return first, rest, nil
}

// IsHead reports whether the item is a signed head: its device has said that this was all.
func (i *Item) IsHead() bool { return i.head != nil }

// Follows reports whether the item is the entry after the one with a hash: its own is the hash of
// both.
func (i *Item) Follows(before [32]byte) bool {
	return !i.IsHead() && sha256.Sum256(slices.Concat(before[:], i.entry)) == i.Hash
}

// Entry is the entry. A journal holds events of its own device alone: one that says to be another's
// is damaged, or lies.
func (i *Item) Entry() (Entry, error) {
	_, _, e, err := parse(slices.Concat(i.Hash[:], i.entry))
	if err != nil {
		return Entry{}, err
	}
	if e.Event != nil && e.Event.Device != i.Device {
		return Entry{}, fmt.Errorf("%w: it holds an event of device %d", ErrDamaged, e.Event.Device)
	}
	return e.exported(i.Device, i.Position, i.Hash), nil
}

// SignedBy reports whether the item is a head that was signed with a key, and that says what stands
// beside it.
func (i *Item) SignedBy(key ed25519.PublicKey) bool {
	if !i.IsHead() {
		return false
	}
	var signed head
	_, err := i.head.by([]ed25519.PublicKey{key})
	err = errors.Join(err, canonical.Decode.Unmarshal(i.head.Head, &signed))
	return err == nil && signed.Device == i.Device && signed.Position == i.Position &&
		signed.Hash == i.Hash
}

// Beginning is the hash before the first entry of a device.
func Beginning(device uint16) [32]byte { return newHead(device).Hash }
