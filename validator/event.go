package validator

import (
	"errors"
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/clock"
)

// A Place is where the vehicle is and what it is doing there. It changes between
// two taps, by a command.
type Place struct {
	Line      string
	Stop      string
	Vehicle   uint16 // 14 bits
	Direction uint8  // 0 or 1
	Trip      uint16 // the departure, from 1: of its line, so that others may have the number too
	Zone      uint8  // of the stop, 1 to 10

	// NextZone is that of the next stop while the bus is between two zones, where a
	// right for either is enough; 0: it is not.
	NextZone uint8

	// Zones is the run that a passenger pays for who says nothing; 0: the stop's
	// own zone.
	Zones cardlayout.Zones
}

// Check tells why a place cannot be. Its numbers go onto cards: one that does not fit
// there would refuse every passenger.
func (p Place) Check() error {
	switch {
	case p.Zone < 1 || p.Zone > cardlayout.MaxZone:
		return fmt.Errorf("zone %d is not 1 to %d", p.Zone, cardlayout.MaxZone)
	case p.NextZone > cardlayout.MaxZone:
		return fmt.Errorf("next zone %d is not 1 to %d, or 0 for none", p.NextZone,
			cardlayout.MaxZone)
	case p.Zones > cardlayout.MaxZones:
		return fmt.Errorf("zones with the code %d: there is no such run", p.Zones)
	case p.Vehicle >= 1<<14:
		return fmt.Errorf("vehicle %d does not fit a card: want 0 to %d", p.Vehicle, 1<<14-1)
	case p.Direction > 1:
		return fmt.Errorf("direction %d is not 0 or 1", p.Direction)
	case p.Trip == 0:
		return errors.New("trip 0 is none: want a number of 1 and more for each departure")
	}
	return nil
}

// zones is what a passenger pays for who says nothing.
func (p Place) zones() cardlayout.Zones {
	if p.Zones != 0 {
		return p.Zones
	}
	return cardlayout.ZoneRun(p.Zone, p.Zone)
}

// An Event is what the journal keeps of a tap. It holds what happened and what it
// was decided by, but nothing of the card that says who its holder is: no birth
// date, no name.
type Event struct {
	ID        cardlayout.EventID
	At        time.Time // whole seconds, UTC
	Estimated bool      // the time was not known: At is what the device went by instead
	Kept      bool      // the clock was kept right by somebody who knows the time
	LastKept  time.Time // when it last was, if it is not; zero: never

	Shift   Shift // the driver's who is signed on
	Place   Place
	UID     [7]byte           // as the reader saw it
	Card    cardlayout.Number // 0: the card could not be read
	Area    cardlayout.Area   // the card's own
	UsedIn  cardlayout.Area   // the area of use; where they differ it goes to both
	Counter uint32            // the card's transaction counter as it was read

	Reason  fare.Reason // 0: the device failed before there was a decision
	Rules   []fare.RuleID
	Charge  cardlayout.Cents
	Balance cardlayout.Cents // what the tap leaves in the purse
	Unread  bool             // the purse was not read: Balance says nothing
	Persons uint8
	Zones   cardlayout.Zones // to be travelled
	Product uint16
	Source  cardlayout.Source

	// Actions are what became of those that waited for the card. They are as settled as
	// the event is: each is done once, by one settled event of the whole fleet.
	Actions []fare.Pickup

	// Receipt is what was sold, and who paid; Added what a driver's load has put into the
	// purse, less than nothing where it was taken back. Benefit is the reference of a
	// benefit's payment.
	Receipt fare.Lines
	Added   cardlayout.Cents
	Benefit string

	// Employer is the number of the employer who has paid, by the reference in Benefit; 0: none.
	Employer uint32

	// Again says that the card bore a load already which cannot be told from this one: of the
	// same device, amount or product, and minute.
	Again bool

	Tariff    string    // its id
	List      uint32    // version of the block list, 0 none
	ListMade  time.Time // its age is At less this
	ListError bool      // it names a card that cannot be blocked

	// Signed is what a card with a Transaction MAC signs with its commit, byte for
	// byte: whoever has the key can prove the event by the receipt it was settled with.
	Signed []byte

	// Printed is the number that a driver has read on a card: a faulty one, so that it can
	// be seen how often it was used, or one that was taken; 0: none.
	Printed cardlayout.Number

	Driver string   // the command that changed this tap, in words
	Order  OrderKey // of what a driver has ordered and needs no card; zero: none
	Fault  string   // what failed
}

// newEvent begins the event of a tap: when and where it is.
func (v *Validator) newEvent() Event {
	at := v.timing()
	e := Event{
		ID: v.Journal.Next(), At: at.At.UTC().Truncate(time.Second), Estimated: !at.Known(),
		Kept: at.Quality == clock.Kept, Place: v.Place, Shift: v.shift,
		Order: v.ordered,
	}
	if !e.Kept && !at.Kept.IsZero() {
		e.LastKept = at.Kept.UTC().Truncate(time.Second)
	}
	v.ride(&e)
	return e
}

// know notes which card it is.
func (e *Event) know(held *cardlayout.Card) {
	e.Card, e.Area, e.Counter = held.Number, held.Area, held.Counter
	e.Balance = held.Purse
}

// Loaded is what the event has added to the purse: the driver's load and the actions.
func (e *Event) Loaded() cardlayout.Cents {
	sum := e.Added
	for n := range e.Actions {
		sum += e.Actions[n].Loaded()
	}
	return sum
}

// decide notes what was decided, and what was picked up before. Actions that the card has
// had already are nothing new: the list goes on naming them for days.
func (e *Event) decide(d *fare.Decision, picked []fare.Pickup) {
	for _, p := range picked {
		if p.Left != fare.LeftCounter {
			e.Actions = append(e.Actions, p)
		}
	}
	e.Reason, e.Charge, e.Persons = d.Reason, d.Charge, d.Persons
	e.Product, e.Source, e.ListError = d.Product, d.Source, d.ListError
	e.Rules = append(e.Rules, d.Rules()...)
	if l := d.Loaded; l != nil {
		e.Added, e.Receipt = l.After.Purse-l.Before.Purse, l.Receipt
		e.Benefit, e.Employer = l.Sale.Funding.Payment.Reference, l.Sale.Funding.Employer
		e.Again = l.Before.ValueLoad == l.After.ValueLoad &&
			l.Before.SeasonLoad == l.After.SeasonLoad
	}
	e.Zones = d.Zones // the next stop's, perhaps, or those of the season that is loaded
	if e.Card != 0 {
		e.Balance = d.After.Purse
	}
}
