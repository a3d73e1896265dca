package journal

import (
	"fmt"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
)

// A Kind is what an entry says. The numbers are written to files for ever.
type Kind uint8

// The kinds of entry.
const (
	Intent Kind = 1 // a tap is about to change its card
	Record Kind = 2 // a tap changed no card
	Settle Kind = 3 // the card has committed the intent
	Void   Kind = 4 // the card has not committed the intent and never will
	Doubt  Kind = 5 // the device will not learn what became of the intent
)

var kindNames = [...]string{
	Intent: "intent", Record: "record", Settle: "settle", Void: "void", Doubt: "in doubt",
}

func (k Kind) String() string {
	if k.known() {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

func (k Kind) known() bool { return k >= Intent && k <= Doubt }

// event tells whether an entry of this kind holds an event.
func (k Kind) event() bool { return k == Intent || k == Record }

// closes tells whether an entry of this kind ends an intent.
func (k Kind) closes() bool { return k == Settle || k == Void || k == Doubt }

// An Entry is one line of the log.
type Entry struct {
	Position uint64 // from 1, without gaps
	Kind     Kind
	Event    validator.Event    // of an intent and a record
	Of       cardlayout.EventID // the intent that any other kind is about
	Receipt  desfire.Receipt    // of a settle, where the card gave one
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

// about is the number of the event that the entry is about.
func (e *entry) about() uint32 {
	if e.Event != nil {
		return e.Event.Sequence
	}
	return e.Of
}

// parse reads a value of the log. What is wrong with it is told without its content,
// which is a card's.
func parse(value []byte) (hash [32]byte, raw []byte, e *entry, err error) {
	if len(value) <= len(hash) {
		return hash, nil, nil, fmt.Errorf("%w: it is cut off", ErrDamaged)
	}
	raw = value[copy(hash[:], value):]
	e = &entry{}
	if decMode.Unmarshal(raw, e) != nil {
		return hash, nil, nil, fmt.Errorf("%w: its bytes are no entry", ErrDamaged)
	}
	if !e.Kind.known() || e.Kind.event() != (e.Event != nil) {
		return hash, nil, nil, fmt.Errorf("%w: it is no entry of %s", ErrDamaged, e.Kind)
	}
	return hash, raw, e, nil
}

// exported is the entry as the caller gets it.
func (e *entry) exported(device uint16, position uint64, hash [32]byte) Entry {
	x := Entry{
		Position: position,
		Kind:     e.Kind,
		Receipt:  desfire.Receipt{TMC: e.TMC, TMV: e.TMV},
		Hash:     hash,
	}
	if e.Event != nil {
		x.Event = e.Event.exported()
	} else {
		x.Of = cardlayout.EventID{Device: device, Sequence: e.Of}
	}
	return x
}
