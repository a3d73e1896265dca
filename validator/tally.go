package validator

import (
	"leima/cardlayout"
	"leima/fare"
)

// A Tally is what the events of a shift add up to.
type Tally struct {
	Taps    map[fare.Reason]int // events by what they came to
	Persons int                 // who boarded, with a card or without
	Charged cardlayout.Cents    // taken from purses

	Tickets int              // single tickets sold
	Loads   int              // less those taken back
	Loaded  cardlayout.Cents // put into purses by the driver
	Cash    cardlayout.Cents // what the driver has to hand over
	Others  cardlayout.Cents // what an employer or a benefit has paid

	Alarms int // blocked cards that were shown
	Faults int // what the device could not serve

	// Open is how many commits were not answered yet: it is not known whether they were
	// made, and whether OpenCash of the driver's cash is for them.
	Open     int
	OpenCash cardlayout.Cents
}

// Leave takes in an event whose commit was not answered.
func (t *Tally) Leave(e *Event) {
	t.Open++
	t.OpenCash += e.Receipt.PaidBy(fare.TheCustomer)
}

// Add takes in an event that was committed, or that changed no card.
func (t *Tally) Add(e *Event) {
	if t.Taps == nil {
		t.Taps = map[fare.Reason]int{}
	}
	if e.Fault != "" {
		t.Faults++
		return
	}
	t.Taps[e.Reason]++
	if e.Reason.Accept() && e.Reason != fare.Unheard {
		t.Persons += int(max(e.Persons, 1))
	}
	t.Charged += e.Charge
	t.Loaded += e.Added
	cash := e.Receipt.PaidBy(fare.TheCustomer)
	t.Cash += cash
	for _, line := range e.Receipt {
		t.Others += line.Amount
	}
	t.Others -= cash
	switch e.Reason {
	case fare.SingleSold:
		t.Tickets += int(e.Persons)
	case fare.ValueLoaded, fare.SeasonLoaded:
		t.Loads++
	case fare.LoadTakenBack:
		t.Loads--
	case fare.Blocked:
		t.Alarms++
	}
}
