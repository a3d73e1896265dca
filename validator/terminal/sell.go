package terminal

import (
	"cmp"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
)

// Sell sells single tickets for cash, without a card.
type Sell struct {
	Group   cardlayout.Group
	Zones   cardlayout.Zones // 0: the usual ones here
	Persons uint8
	Printed cardlayout.Number // on a faulty card that should have paid; 0 if none
}

func (s Sell) apply(t *Terminal) (r Result, err error) {
	switch {
	case s.Persons == 0 || s.Persons > cardlayout.MaxPersons:
		return r, fare.Say("selling %d tickets: want 1 to %d at once", s.Persons,
			cardlayout.MaxPersons)
	case s.Group == 0 || s.Group >= cardlayout.Groups:
		return r, fare.Say("selling a ticket to nobody: say whose price it is")
	case s.Printed != 0 && !s.Printed.Valid():
		return r, fare.Say("the number on the card is no card's: read it again")
	}
	event := t.newEvent()
	tariff, err := t.tariff(&event)
	if err != nil {
		return r, err
	}
	event.Zones = cmp.Or(s.Zones, event.Place.ZonesHere())
	ticket, err := sale.SellSingle(event.At, s.Group, event.Zones, tariff)
	if err != nil {
		return r, err
	}
	event.Reason, event.Persons, event.PrintedNumber = fare.SingleSold, s.Persons, s.Printed
	if s.Printed != 0 {
		event.Rules = append(event.Rules, fare.RuleFaultyCard)
	}
	for _, line := range ticket.Lines {
		line.Amount *= cardlayout.Cents(s.Persons)
		event.Receipt = append(event.Receipt, line)
		event.Rules = append(event.Rules, line.Rule)
	}
	return Result{Ticket: &ticket}, t.recordEvent(event)
}

// paidEach is the receipt of one of the persons in an event.
func paidEach(e *validator.Event) (lines sale.Lines) {
	for _, line := range e.Receipt {
		line.Amount /= cardlayout.Cents(max(e.Persons, 1))
		lines = append(lines, line)
	}
	return lines
}
