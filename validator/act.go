package validator

import (
	"cmp"
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/fare"
)

// Sell sells single tickets for cash, without a card. Ticket, if not nil,
// receives what is printed on each of them.
type Sell struct {
	Group   cardlayout.Group
	Zones   cardlayout.Zones // 0: as always here
	Persons uint8
	Printed cardlayout.Number // on a faulty card that should have paid; 0: none
	Ticket  *fare.SingleTicket
}

func (s Sell) apply(v *Validator) error {
	switch {
	case s.Persons == 0 || s.Persons > cardlayout.MaxPersons:
		return fmt.Errorf("selling %d tickets: want 1 to %d at once", s.Persons,
			cardlayout.MaxPersons)
	case s.Group == 0 || s.Group >= cardlayout.Groups:
		return errors.New("selling a ticket to nobody: say whose price it is")
	case s.Printed != 0 && !s.Printed.Valid():
		return errors.New("the number on the card is no card's: read it again")
	}
	event := v.newEvent()
	tariff, err := v.tariff(&event)
	if err != nil {
		return err
	}
	event.Zones = cmp.Or(s.Zones, event.Place.zones())
	ticket, err := fare.SellSingle(event.At, s.Group, event.Zones, tariff)
	if err != nil {
		return err
	}
	event.Reason, event.Persons, event.Printed = fare.SingleSold, s.Persons, s.Printed
	if s.Printed != 0 {
		event.Rules = append(event.Rules, 58)
	}
	for _, line := range ticket.Lines {
		line.Amount *= cardlayout.Cents(s.Persons)
		event.Receipt = append(event.Receipt, line)
		event.Rules = append(event.Rules, line.Rule)
	}
	if s.Ticket != nil {
		*s.Ticket = ticket
	}
	return v.keep(event)
}

// Judge is what a driver does about a card in the wrong hands, as far as the area's table
// lets them: charge a single fare, take the card, or less. Held, if not nil,
// receives until when a card that was taken is kept.
type Judge struct {
	Use    fare.Use
	Card   cardlayout.Number // that the driver has read on the card
	Group  cardlayout.Group  // of whoever used it, for the fare
	Charge bool
	Take   bool
	Held   *cardlayout.Day

	// Charged, if not nil, receives what is on the passenger's receipt.
	Charged *fare.Lines
}

func (j Judge) apply(v *Validator) error {
	event := v.newEvent()
	tariff, err := v.tariff(&event)
	if err != nil {
		return err
	}
	rule := &tariff.Office.Misuse
	measure := fare.Judge(j.Use, rule)
	switch {
	case j.Take && !measure.Take:
		return &fare.Refusal{Rule: 83, Asked: "taking the card", Do: "leave it with the passenger",
			Why: "the area's terms do not let it be taken here"}
	case j.Charge && !measure.SingleFare:
		return &fare.Refusal{Rule: 55, Asked: "charging a single fare", Do: "let them travel",
			Why: "the use is in order"}
	case j.Take && (j.Card == 0 || !j.Card.Valid()):
		return errors.New("taking a card without its number: read it on the card and type it")
	}
	event.Reason, event.Rules, event.Printed = fare.Misused, measure.Why, j.Card
	if j.Charge {
		ticket, err := fare.SellSingle(event.At, j.Group, event.Zones, tariff)
		if err != nil {
			return err
		}
		event.Receipt = measure.Charges(ticket.Lines.PaidBy(fare.TheCustomer), rule)
	}
	if j.Take {
		event.Reason = fare.CardTaken
	}
	j.tell(&event, tariff)
	return v.keep(event)
}

// tell fills in what has come of it.
func (j Judge) tell(e *Event, t *fare.Tariff) {
	if j.Charged != nil {
		*j.Charged = e.Receipt
	}
	if j.Held != nil && e.Reason == fare.CardTaken {
		taken := fare.Confiscation{Card: j.Card, At: cardlayout.InstantOf(e.At)}
		*j.Held = taken.Held(t)
	}
}

// Recall fills in what a command has come to that an event says was carried out, perhaps
// before the device was switched off. Nothing is done again.
func (v *Validator) Recall(c Command, e *Event) (err error) {
	tariff, err := v.Tariffs(e.At)
	switch c := c.(type) {
	case SignOn:
		*c.Signed = e.Shift
		return nil
	case Sell:
		if err == nil {
			*c.Ticket, err = fare.SellSingle(e.At, c.Group, e.Zones, tariff)
		}
	case Judge:
		if err == nil {
			c.tell(e, tariff)
		}
	default:
		return nil
	}
	return err
}

// MarkError marks a use event as wrong, for the passenger's claim: one of the card
// that was just looked at, 1 being the newest.
type MarkError struct {
	Event int
	Said  string // what is wrong with it, in the driver's words
}

func (m MarkError) apply(v *Validator) error {
	card, err := v.justLooked()
	if err != nil {
		return err
	}
	n := len(card.History) - m.Event
	if m.Event < 1 || n < 0 {
		return fmt.Errorf("marking event %d: the card has %d", m.Event, len(card.History))
	}
	event := v.newEvent()
	event.Reason, event.Rules = fare.ErrorMarked, []fare.RuleID{130}
	event.Card, event.Area, event.Counter = card.Card.Number, card.Card.Area, card.Card.Counter
	event.Unread = true // somebody may have charged it since it was looked at
	event.Driver = fmt.Sprintf("%v: %s", card.History[n].Boarded, m.Said)
	return v.keep(event)
}

// tariff is the one that holds at an act of the driver's, noted in its event.
func (v *Validator) tariff(e *Event) (*fare.Tariff, error) {
	tariff, err := v.Tariffs(e.At)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnable, err)
	}
	e.Tariff, e.UsedIn, e.Zones = tariff.ID, tariff.Area, e.Place.zones()
	return tariff, nil
}
