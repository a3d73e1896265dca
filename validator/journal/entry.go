package journal

import (
	"fmt"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/hw/desfire"
	"leima/validator"
)

// A Kind is the kind of an entry. The numbers are stored in files and must not change.
type Kind uint8

// The kinds of entry.
const (
	Intent  Kind = 1 // a tap is about to change its card
	Record  Kind = 2 // a tap changed no card
	Settle  Kind = 3 // the card has committed the intent
	Void    Kind = 4 // the card has not committed the intent and never will
	InDoubt Kind = 5 // the result of the intent will stay unknown to the device
)

var kindNames = [...]string{
	Intent: "intent", Record: "record", Settle: "settle", Void: "void", InDoubt: "in doubt",
}

func (k Kind) String() string {
	if k.known() {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

func (k Kind) known() bool { return k >= Intent && k <= InDoubt }

// event reports whether an entry of this kind holds an event.
func (k Kind) event() bool { return k == Intent || k == Record }

// closes reports whether an entry of this kind ends an intent.
func (k Kind) closes() bool { return k == Settle || k == Void || k == InDoubt }

// An Entry is one line of the log.
type Entry struct {
	Position uint64 // from 1, without gaps
	Kind     Kind
	Event    validator.Event    // of an intent or a record
	Sealed   *Sealed            // the identity of the card, if sealed; else nil
	Of       cardlayout.EventID // the intent that an entry of another kind closes
	TMAC     desfire.TMAC       // of a settle, if the card gave one
	Hash     [32]byte           // of all entries up to this one
}

// entry is an Entry as it is stored.
type entry struct {
	Kind  Kind    `cbor:"1,keyasint"`
	Event *event  `cbor:"2,keyasint,omitzero"`
	Of    uint32  `cbor:"3,keyasint,omitzero"`
	TMC   uint32  `cbor:"4,keyasint,omitzero"`
	TMV   [8]byte `cbor:"5,keyasint,omitzero"`
}

// about is the number of the entry's event.
func (e *entry) about() uint32 {
	if e.Event != nil {
		return e.Event.Sequence
	}
	return e.Of
}

// parse decodes a value of the log. An error shows nothing of its content, which identifies a card.
func parse(value []byte) (hash [32]byte, raw []byte, e *entry, err error) {
	if len(value) <= len(hash) {
		return hash, nil, nil, fmt.Errorf("%w: it is cut off", ErrDamaged)
	}
	raw = value[copy(hash[:], value):]
	e = &entry{}
	if canonical.Decode.Unmarshal(raw, e) != nil {
		return hash, nil, nil, fmt.Errorf("%w: its bytes are no entry", ErrDamaged)
	}
	if !e.Kind.known() || e.Kind.event() != (e.Event != nil) {
		return hash, nil, nil, fmt.Errorf("%w: it is no entry of %s", ErrDamaged, e.Kind)
	}
	return hash, raw, e, nil
}

// exported is the entry for the caller.
func (e *entry) exported(device uint16, position uint64, hash [32]byte) Entry {
	x := Entry{
		Position: position,
		Kind:     e.Kind,
		TMAC:     desfire.TMAC{TMC: e.TMC, TMV: e.TMV},
		Hash:     hash,
	}
	if e.Event != nil {
		x.Event, x.Sealed = e.Event.exported(), e.Event.Sealed
	} else {
		x.Of = cardlayout.EventID{Device: device, Sequence: e.Of}
	}
	return x
}
