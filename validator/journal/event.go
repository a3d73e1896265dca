package journal

import (
	"slices"
	"strings"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// event is a validator.Event as it is stored. A field that is added there gets the
// next key here; no key is ever used again.
type event struct {
	Device     uint16            `cbor:"1,keyasint,omitzero"`
	Sequence   uint32            `cbor:"2,keyasint,omitzero"`
	At         *int64            `cbor:"3,keyasint,omitzero"`
	Estimated  bool              `cbor:"4,keyasint,omitzero"`
	Line       string            `cbor:"5,keyasint,omitzero"`
	Stop       string            `cbor:"6,keyasint,omitzero"`
	Vehicle    uint16            `cbor:"7,keyasint,omitzero"`
	Direction  uint8             `cbor:"8,keyasint,omitzero"`
	Trip       uint16            `cbor:"9,keyasint,omitzero"`
	Zone       uint8             `cbor:"10,keyasint,omitzero"`
	PlaceZones cardlayout.Zones  `cbor:"11,keyasint,omitzero"`
	UID        [7]byte           `cbor:"12,keyasint,omitzero"`
	Card       cardlayout.Number `cbor:"13,keyasint,omitzero"`
	Area       cardlayout.Area   `cbor:"14,keyasint,omitzero"`
	Counter    uint32            `cbor:"15,keyasint,omitzero"`
	Reason     fare.Reason       `cbor:"16,keyasint,omitzero"`
	Rules      []fare.RuleID     `cbor:"17,keyasint,omitempty"`
	Charge     cardlayout.Cents  `cbor:"18,keyasint,omitzero"`
	Balance    cardlayout.Cents  `cbor:"19,keyasint,omitzero"`
	Persons    uint8             `cbor:"20,keyasint,omitzero"`
	Zones      cardlayout.Zones  `cbor:"21,keyasint,omitzero"`
	Product    uint16            `cbor:"22,keyasint,omitzero"`
	Source     cardlayout.Source `cbor:"23,keyasint,omitzero"`
	Tariff     string            `cbor:"24,keyasint,omitzero"`
	List       uint32            `cbor:"25,keyasint,omitzero"`
	ListMade   *int64            `cbor:"26,keyasint,omitzero"`
	ListError  bool              `cbor:"27,keyasint,omitzero"`
	Driver     string            `cbor:"28,keyasint,omitzero"`
	Fault      string            `cbor:"29,keyasint,omitzero"`
	Signed     []byte            `cbor:"30,keyasint,omitempty"`
	NextZone   uint8             `cbor:"31,keyasint,omitzero"`
	UsedIn     cardlayout.Area   `cbor:"32,keyasint,omitzero"`
	Printed    cardlayout.Number `cbor:"33,keyasint,omitzero"`
	Actions    []pickup          `cbor:"34,keyasint,omitempty"`
	Driven     uint32            `cbor:"35,keyasint,omitzero"`
	DeskDevice uint16            `cbor:"36,keyasint,omitzero"`
	DeskNumber uint32            `cbor:"37,keyasint,omitzero"`
	Receipt    []line            `cbor:"38,keyasint,omitempty"`
	Added      cardlayout.Cents  `cbor:"39,keyasint,omitzero"`
	Benefit    string            `cbor:"40,keyasint,omitzero"`
	Again      bool              `cbor:"42,keyasint,omitzero"`
	Unread     bool              `cbor:"43,keyasint,omitzero"`
	Order      []byte            `cbor:"44,keyasint,omitempty"`
	Employer   uint32            `cbor:"45,keyasint,omitzero"`
	Kept       bool              `cbor:"46,keyasint,omitzero"`
	LastKept   *int64            `cbor:"47,keyasint,omitzero"`
}

// line is a fare.Line as it is stored.
type line struct {
	_       struct{} `cbor:",toarray"`
	Item    fare.Item
	Product uint16
	Amount  cardlayout.Cents
	Payer   fare.Payer
	Rule    fare.RuleID
}

func storedLines(all fare.Lines) (stored []line) {
	for _, l := range all {
		stored = append(stored, line{Item: l.Item, Product: l.Product, Amount: l.Amount,
			Payer: fare.Payer(text(string(l.Payer))), Rule: l.Rule})
	}
	return stored
}

func exportedLines(all []line) (exported fare.Lines) {
	for _, l := range all {
		exported = append(exported, fare.Line{Item: l.Item, Product: l.Product,
			Amount: l.Amount, Payer: l.Payer, Rule: l.Rule})
	}
	return exported
}

// pickup is a fare.Pickup as it is stored.
type pickup struct {
	_       struct{} `cbor:",toarray"`
	Expects uint32
	Leaves  uint32
	Kind    fare.ActionKind
	Amount  cardlayout.Cents
	Product uint16
	Left    fare.Left
}

func storedPickups(all []fare.Pickup) (stored []pickup) {
	for _, p := range all {
		stored = append(stored, pickup{Expects: p.Expects, Leaves: p.Leaves, Kind: p.Kind,
			Amount: p.Amount, Product: p.Product, Left: p.Left})
	}
	return stored
}

func exportedPickups(all []pickup) (exported []fare.Pickup) {
	for _, p := range all {
		exported = append(exported, fare.Pickup{Expects: p.Expects, Leaves: p.Leaves,
			Kind: p.Kind, Amount: p.Amount, Product: p.Product, Left: p.Left})
	}
	return exported
}

func storedOrder(key validator.OrderKey) []byte {
	if key == (validator.OrderKey{}) {
		return nil
	}
	return key[:]
}

// exportedOrder reads a key; one of another length is none that this program has made.
func exportedOrder(stored []byte) (key validator.OrderKey) {
	if len(stored) == len(key) {
		copy(key[:], stored)
	}
	return key
}

// stored is an event as the file will hold it, which shares nothing with the
// caller's.
func stored(e validator.Event) *event {
	return &event{
		Device:     e.ID.Device,
		Sequence:   e.ID.Sequence,
		At:         secondsOf(e.At),
		Estimated:  e.Estimated,
		Line:       text(e.Place.Line),
		Stop:       text(e.Place.Stop),
		Vehicle:    e.Place.Vehicle,
		Direction:  e.Place.Direction,
		Trip:       e.Place.Trip,
		Zone:       e.Place.Zone,
		PlaceZones: e.Place.Zones,
		NextZone:   e.Place.NextZone,
		UID:        e.UID,
		Card:       e.Card,
		Area:       e.Area,
		UsedIn:     e.UsedIn,
		Counter:    e.Counter,
		Reason:     e.Reason,
		Rules:      append([]fare.RuleID(nil), e.Rules...), // none are nil, as when read
		Charge:     e.Charge,
		Balance:    e.Balance,
		Persons:    e.Persons,
		Zones:      e.Zones,
		Product:    e.Product,
		Source:     e.Source,
		Tariff:     text(e.Tariff),
		List:       e.List,
		ListMade:   secondsOf(e.ListMade),
		ListError:  e.ListError,
		Printed:    e.Printed,
		Actions:    storedPickups(e.Actions),
		Driver:     text(e.Driver),
		Fault:      text(e.Fault),
		Signed:     slices.Clone(e.Signed),
		Driven:     e.Shift.Driver,
		DeskDevice: e.Shift.Begun.Device,
		DeskNumber: e.Shift.Begun.Sequence,
		Receipt:    storedLines(e.Receipt),
		Added:      e.Added,
		Benefit:    text(e.Benefit),
		Again:      e.Again,
		Unread:     e.Unread,
		Order:      storedOrder(e.Order),
		Employer:   e.Employer,
		Kept:       e.Kept,
		LastKept:   secondsOf(e.LastKept),
	}
}

// text is s as CBOR can hold it. What a device says of its fault may be any bytes,
// and one that is no text would make the whole entry unreadable.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// exported is the event as the caller gets it, to keep and to change.
func (e *event) exported() validator.Event {
	return validator.Event{
		ID:        cardlayout.EventID{Device: e.Device, Sequence: e.Sequence},
		At:        timeOf(e.At),
		Estimated: e.Estimated,
		Place: validator.Place{
			Line:      e.Line,
			Stop:      e.Stop,
			Vehicle:   e.Vehicle,
			Direction: e.Direction,
			Trip:      e.Trip,
			Zone:      e.Zone,
			NextZone:  e.NextZone,
			Zones:     e.PlaceZones,
		},
		UID:       e.UID,
		Card:      e.Card,
		Area:      e.Area,
		UsedIn:    e.UsedIn,
		Counter:   e.Counter,
		Reason:    e.Reason,
		Rules:     slices.Clone(e.Rules),
		Charge:    e.Charge,
		Balance:   e.Balance,
		Persons:   e.Persons,
		Zones:     e.Zones,
		Product:   e.Product,
		Source:    e.Source,
		Tariff:    e.Tariff,
		List:      e.List,
		ListMade:  timeOf(e.ListMade),
		ListError: e.ListError,
		Printed:   e.Printed,
		Actions:   exportedPickups(e.Actions),
		Driver:    e.Driver,
		Fault:     e.Fault,
		Signed:    slices.Clone(e.Signed),
		Shift: validator.Shift{
			Driver: e.Driven,
			Begun:  cardlayout.EventID{Device: e.DeskDevice, Sequence: e.DeskNumber},
		},
		Receipt: exportedLines(e.Receipt),
		Added:   e.Added,
		Benefit: e.Benefit,
		Again:   e.Again,
		Unread:  e.Unread,
		Order:   exportedOrder(e.Order),

		Employer: e.Employer,
		Kept:     e.Kept, LastKept: timeOf(e.LastKept),
	}
}
