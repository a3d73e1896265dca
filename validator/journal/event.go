package journal

import (
	"slices"
	"strings"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
)

// event is a validator.Event as it is stored: under its fields' own keys, and here what has a
// form of its own.
type event struct {
	validator.Event

	Device       uint16  `cbor:"1,keyasint,omitzero"`
	Sequence     uint32  `cbor:"2,keyasint,omitzero"`
	At           *int64  `cbor:"3,keyasint,omitzero"`
	ListMade     *int64  `cbor:"26,keyasint,omitzero"`
	DriverNumber uint32  `cbor:"35,keyasint,omitzero"`
	ShiftDevice  uint16  `cbor:"36,keyasint,omitzero"`
	ShiftNumber  uint32  `cbor:"37,keyasint,omitzero"`
	LastSync     *int64  `cbor:"47,keyasint,omitzero"`
	Sealed       *Sealed `cbor:"48,keyasint,omitzero"` // in the place of 12, 13, 30, 33
}

// stored is an event as the file will hold it, which shares nothing with the caller's.
func stored(e validator.Event) *event {
	e = cloned(e)
	for _, s := range []*string{
		&e.Line, &e.Stop, &e.Tariff, &e.Command, &e.Fault, &e.Benefit,
		&e.Version,
	} {
		*s = text(*s)
	}
	for n := range e.Receipt {
		e.Receipt[n].Payer = fare.Payer(text(string(e.Receipt[n].Payer)))
	}
	return &event{
		Event: e, Device: e.ID.Device, Sequence: e.ID.Sequence, At: secondsOf(e.At),
		ListMade: secondsOf(e.ListMade), LastSync: secondsOf(e.LastSync),
		DriverNumber: e.Shift.Driver, ShiftDevice: e.Shift.Begun.Device,
		ShiftNumber: e.Shift.Begun.Sequence,
	}
}

// exported is the event as the caller gets it, to keep and to change.
func (e *event) exported() validator.Event {
	x := cloned(e.Event)
	x.ID = cardlayout.EventID{Device: e.Device, Sequence: e.Sequence}
	x.At, x.ListMade, x.LastSync = timeOf(e.At), timeOf(e.ListMade), timeOf(e.LastSync)
	x.Shift.Driver = e.DriverNumber
	x.Shift.Begun = cardlayout.EventID{Device: e.ShiftDevice, Sequence: e.ShiftNumber}
	return x
}

// cloned is an event that shares nothing with another. What is empty is nil, as when read.
func cloned(e validator.Event) validator.Event {
	e.Rules = append([]fare.RuleID(nil), e.Rules...)
	e.Actions = append([]sale.ActionResult(nil), e.Actions...)
	e.Receipt = append(sale.Lines(nil), e.Receipt...)
	e.TMI = slices.Clone(e.TMI)
	return e
}

// text is s as CBOR can hold it. What a device says of its fault may be any bytes,
// and one that is no text would make the whole entry unreadable.
func text(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
