package validator

import (
	"errors"

	"leima/cardlayout"
	"leima/fare"
)

// Load asks the next card to the driver's desk: value or a season is sold onto it. It
// waits for the card as NextTap does.
type Load struct {
	Amount   cardlayout.Cents // of value; 0: a season
	Season   fare.SeasonOrder
	Customer fare.Customer
	Funding  fare.Funding
}

func (l Load) apply(v *Validator) error {
	if (l.Amount == 0) == (l.Season == fare.SeasonOrder{}) {
		return errors.New("loading: say either an amount of value or a season")
	}
	sale := v.sale()
	sale.Customer, sale.Funding = l.Customer, l.Funding
	if v.used(&sale) {
		return fare.PaymentUsed()
	}
	return NextTap{Errand: &fare.Errand{Sale: sale, Amount: l.Amount, Season: l.Season}}.apply(v)
}

// TakeBack asks the card that was loaded last to the desk: the load is taken back, if the
// card was not used since. A device that was switched off meanwhile knows of none.
type TakeBack struct{ By fare.Voider }

func (t TakeBack) apply(v *Validator) error {
	if v.loads.last == nil {
		return &fare.Refusal{Rule: 125, Asked: "taking back a load",
			Why: "this device has loaded no card since it was switched on",
			Do:  "send the customer to the service point with the receipt"}
	}
	return NextTap{Errand: &fare.Errand{Sale: v.sale(), Back: v.loads.last, By: t.By}}.apply(v)
}

// sale is this device, selling for cash.
func (v *Validator) sale() fare.Sale {
	return fare.Sale{Organisation: v.Organisation, Device: v.Journal.Next().Device,
		Channel: fare.DriverDesk}
}

// errand is what the card is presented for instead of a trip; nil: it is to travel.
func (v *Validator) errand(o *order, held *cardlayout.Card) *fare.Errand {
	if o.Errand == nil {
		return nil
	}
	errand := *o.Errand
	errand.Sale.Again = v.loads.told(held)
	errand.Sale.Funding.Payment.Used = errand.Back == nil && v.used(&errand.Sale)
	return &errand
}

// used tells whether the reference of a benefit's payment has paid for another load than the
// one that the order which stands has tried.
func (v *Validator) used(s *fare.Sale) bool {
	if s.Funding.Payment.Reference == "" {
		return false
	}
	by, used := v.Journal.Paid(s.Funding.Payment.Reference)
	return used && by != v.order.tried
}

func (l Load) String() string {
	return (&fare.Errand{Amount: l.Amount, Season: l.Season}).String()
}

func (TakeBack) String() string { return (&fare.Errand{Back: &fare.Loaded{}}).String() }
