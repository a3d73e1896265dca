package validator

import (
	"fmt"
	"math"
	"time"

	"leima/cardlayout"
	"leima/cardlayout/plain"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/clock"
)

// A Place is where the vehicle is and what it is doing there. It changes between
// two taps, by a command.
type Place struct {
	Line      string `cbor:"5,keyasint,omitzero"`
	Stop      string `cbor:"6,keyasint,omitzero"`
	Vehicle   uint16 `cbor:"7,keyasint,omitzero"`  // 14 bits
	Direction uint8  `cbor:"8,keyasint,omitzero"`  // 0 or 1
	Trip      uint16 `cbor:"9,keyasint,omitzero"`  // the departure of its line, from 1
	Zone      uint8  `cbor:"10,keyasint,omitzero"` // of the stop, 1 to 10

	// NextZone is that of the next stop while the bus is between two zones, where a
	// right for either is enough; 0: it is not.
	NextZone uint8 `cbor:"31,keyasint,omitzero"`

	// Zones is the run that a passenger pays for who says nothing; 0: the stop's
	// own zone.
	Zones cardlayout.Zones `cbor:"11,keyasint,omitzero"`

	// Also are the other zones of a stop that lies in several. Unsure: the bus was in one of them
	// or in Zone, and it was not known in which.
	Also   cardlayout.ZoneSet `cbor:"50,keyasint,omitzero"`
	Unsure bool               `cbor:"51,keyasint,omitzero"`

	// From is the source that has said so: bob, gnss, driver …; "": only the driver or the
	// configuration does.
	From string `cbor:"52,keyasint,omitzero"`
}

// Check tells why a place cannot be. Its numbers go onto cards: one that does not fit
// there would refuse every passenger.
func (p Place) Check() error {
	switch {
	case p.Zone < 1 || p.Zone > cardlayout.MaxZone:
		return fare.Say("zone %d is not 1 to %d", p.Zone, cardlayout.MaxZone)
	case p.NextZone > cardlayout.MaxZone:
		return fare.Say("next zone %d is not 1 to %d, or 0 for none", p.NextZone,
			cardlayout.MaxZone)
	case p.Zones > cardlayout.MaxZones:
		return fare.Say("zones with the code %d: there is no such run", p.Zones)
	case p.Vehicle >= 1<<14:
		return fare.Say("vehicle %d does not fit a card: want 0 to %d", p.Vehicle, 1<<14-1)
	case p.Direction > 1:
		return fare.Say("direction %d is not 0 or 1", p.Direction)
	case plain.CheckLine(p.Line) != nil:
		return fare.Say("line: %v", plain.CheckLine(p.Line))
	case plain.CheckLine(p.Stop) != nil:
		return fare.Say("stop: %v", plain.CheckLine(p.Stop))
	case p.Trip == 0:
		return fare.Say("trip 0 is none: want a number of 1 and more for each departure")
	}
	return nil
}

// ValidZones are the zones of which a right for one is enough.
func (p Place) ValidZones() cardlayout.ZoneSet {
	return p.Also | cardlayout.ZonesOf(p.Zone, p.NextZone)
}

// zones is what a passenger pays for who says nothing.
func (p Place) zones() cardlayout.Zones {
	if p.Zones != 0 {
		return p.Zones
	}
	return cardlayout.ZoneRun(p.Zone, p.Zone)
}

// An Event is what the journal keeps of a tap. It holds what happened and what it
// was decided by, and no name. Which card it was, and what the card signs, in which its
// holder's birth date is enciphered, a journal seals for the back office.
//
// A field carries the key under which journals keep it. A new field gets the next one, and no
// key is ever used again: 54 is the next. "-" is what package journal writes in its own way.
type Event struct {
	ID cardlayout.EventID `cbor:"-"`
	At time.Time          `cbor:"-"` // whole seconds, UTC

	// Estimated says that the time was not known: At is what the device went by instead.
	// Synchronized says that the clock was kept right by a source that knows the time; LastSync
	// is when it last was, if it is not; zero: never.
	Estimated    bool      `cbor:"4,keyasint,omitzero"`
	Synchronized bool      `cbor:"46,keyasint,omitzero"`
	LastSync     time.Time `cbor:"-"`

	Shift Shift `cbor:"-"` // of the driver who is signed on
	Place

	// PlaceAge is how long before the source of the place was heard, in seconds.
	PlaceAge uint32 `cbor:"53,keyasint,omitzero"`

	UID  [7]byte           `cbor:"12,keyasint,omitzero"` // as the reader saw it
	Card cardlayout.Number `cbor:"13,keyasint,omitzero"` // 0: the card could not be read

	// Area is the card's own, UsedIn that of use; if they differ, the event goes to both.
	Area    cardlayout.Area `cbor:"14,keyasint,omitzero"`
	UsedIn  cardlayout.Area `cbor:"32,keyasint,omitzero"`
	Counter uint32          `cbor:"15,keyasint,omitzero"` // the card's transactions, as read

	Reason fare.Reason      `cbor:"16,keyasint,omitzero"` // 0: a fault came before the decision
	Rules  []fare.RuleID    `cbor:"17,keyasint,omitempty"`
	Charge cardlayout.Cents `cbor:"18,keyasint,omitzero"`

	// Balance is what the tap leaves in the purse. If BalanceUnknown, the purse was not read.
	Balance        cardlayout.Cents `cbor:"19,keyasint,omitzero"`
	BalanceUnknown bool             `cbor:"43,keyasint,omitzero"`

	Persons uint8             `cbor:"20,keyasint,omitzero"`
	Zones   cardlayout.Zones  `cbor:"21,keyasint,omitzero"` // to be travelled
	Product uint16            `cbor:"22,keyasint,omitzero"`
	Source  cardlayout.Source `cbor:"23,keyasint,omitzero"`

	// Actions are the results of those that waited for the card. They are as settled as the
	// event is: each is done once, by one settled event of the whole fleet.
	Actions []sale.ActionResult `cbor:"34,keyasint,omitempty"`

	// Receipt is what was sold, and who paid; Added what a driver's load has put into the
	// purse, negative if it was taken back. Benefit is the reference of a benefit's payment
	// Employer the number of the employer who has paid by it, 0: none.
	Receipt  sale.Lines       `cbor:"38,keyasint,omitempty"`
	Added    cardlayout.Cents `cbor:"39,keyasint,omitzero"`
	Benefit  string           `cbor:"40,keyasint,omitzero"`
	Employer uint32           `cbor:"45,keyasint,omitzero"`

	// Ambiguous says that the card held a load already that cannot be told from this one: of
	// the same device, amount or product, and minute.
	Ambiguous bool `cbor:"42,keyasint,omitzero"`

	Tariff    string    `cbor:"24,keyasint,omitzero"` // its id
	List      uint32    `cbor:"25,keyasint,omitzero"` // version of the block list, 0 none
	ListMade  time.Time `cbor:"-"`                    // its age is At less this
	ListError bool      `cbor:"27,keyasint,omitzero"` // it names a bearer card

	ActionList uint32 `cbor:"54,keyasint,omitzero"` // version of the action list, 0 none

	// TMI is the Transaction MAC input, byte for byte: who has the card's key can prove the event
	// by the TMAC with which it was settled.
	TMI []byte `cbor:"30,keyasint,omitempty"`

	// PrintedNumber is what a driver has read on a card: a faulty one, so that its uses can be
	// counted, or one that was taken; 0: none.
	PrintedNumber cardlayout.Number `cbor:"33,keyasint,omitzero"`

	Command string   `cbor:"28,keyasint,omitzero"` // of the driver that changed this tap, in words
	Order   OrderKey `cbor:"44,keyasint,omitzero"` // of a driver's order without a card; zero: none
	Fault   string   `cbor:"29,keyasint,omitzero"` // what failed

	Version string `cbor:"49,keyasint,omitzero"` // of the program
}

// A Shift is a driver at work (työvuoro), from signing on to signing off. The zero Shift
// is nobody's.
type Shift struct {
	Driver uint32             // the driver's number
	Begun  cardlayout.EventID // of the event of signing on, at the driver's own device
}

func (s Shift) String() string {
	return fmt.Sprintf("driver %d's shift %d-%d", s.Driver, s.Begun.Device, s.Begun.Sequence)
}

// An OrderKey names the order that an event has carried out, so that an order which is given
// again after a restart is known. It tells nothing of what was ordered.
type OrderKey [16]byte

// NewEvent begins the event of a tap: when and where it is.
func (v *Validator) NewEvent() Event {
	at := v.timing()
	e := Event{
		ID: v.Journal.Next(), At: at.At.UTC().Truncate(time.Second), Estimated: !at.Known(),
		Synchronized: at.Quality == clock.Synchronized, Place: v.Place, Shift: v.terminal().Shift(),
		Version: v.Version,
	}
	if !e.Synchronized && !at.LastSync.IsZero() {
		e.LastSync = at.LastSync.UTC().Truncate(time.Second)
	}
	if e.From != "" {
		age := max(0, v.Uptime()-v.PlaceHeard)
		e.PlaceAge = uint32(min(age/time.Second, math.MaxUint32))
	}
	v.noteTrip(&e)
	return e
}

// noteCard notes which card it is.
func (e *Event) noteCard(held *cardlayout.Card) {
	e.Card, e.Area, e.Counter = held.Number, held.Area, held.Counter
	e.Balance = held.Purse
}

// ValueAdded is what the event has added to the purse: the driver's load and the actions.
func (e *Event) ValueAdded() cardlayout.Cents {
	sum := e.Added
	for n := range e.Actions {
		sum += e.Actions[n].ValueAdded()
	}
	return sum
}

// noteDecision notes what was decided, and what was picked up before. Actions that the card has
// had already are nothing new: the list goes on naming them for days.
func (e *Event) noteDecision(d *Decision) {
	for _, p := range d.Picked {
		if p.Status != sale.ActionCounterMismatch {
			e.Actions = append(e.Actions, p)
		}
	}
	e.Reason, e.Charge, e.Persons = d.Reason, d.Charge, d.Persons
	e.Product, e.Source, e.ListError = d.Product, d.Source, d.ListError
	e.Rules = append(e.Rules, d.Rules()...)
	if l := d.Loaded; l != nil {
		e.Added, e.Receipt = l.After.Purse-l.Before.Purse, l.Receipt
		e.Benefit, e.Employer = l.Sale.Funding.Payment.Reference, l.Sale.Funding.Employer
		e.Ambiguous = l.Before.ValueLoad == l.After.ValueLoad &&
			l.Before.SeasonLoad == l.After.SeasonLoad
	}
	e.Zones = d.Zones // the next stop's, perhaps, or those of the season that is loaded
	if e.Card != 0 {
		e.Balance = d.After.Purse
	}
}
