package terminal

import (
	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// A Tally is the sum of a shift's events.
type Tally struct {
	Taps    map[fare.Reason]int // events by reason
	Persons int                 // who boarded, with a card or without
	Charged cardlayout.Cents    // taken from purses

	Tickets int              // single tickets sold
	Loads   int              // less those taken back
	Loaded  cardlayout.Cents // put into purses by the driver
	Cash    cardlayout.Cents // that the driver hands over
	Others  cardlayout.Cents // paid by an employer or a benefit

	Alarms int // blocked cards
	Faults int // taps that the device could not serve

	// Open is the number of commits without an answer: it is not known whether they were done, nor
	// whether OpenCash of the driver's cash is for them.
	Open     int
	OpenCash cardlayout.Cents
}

// AddUnconfirmed adds an event whose commit was not answered.
func (t *Tally) AddUnconfirmed(e *validator.Event) {
	t.Open++
	t.OpenCash += e.Receipt.PaidBy(fare.PayerCustomer)
}

// Add adds an event that was committed, or that changed no card.
func (t *Tally) Add(e *validator.Event) {
	if t.Taps == nil {
		t.Taps = map[fare.Reason]int{}
	}
	if e.Fault != "" {
		t.Faults++
		return
	}
	t.Taps[e.Reason]++
	if e.Reason.Accept() && e.Reason != fare.Recovered {
		t.Persons += int(max(e.Persons, 1))
	}
	t.Charged += e.Charge
	t.Loaded += e.Added
	cash := e.Receipt.PaidBy(fare.PayerCustomer)
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
