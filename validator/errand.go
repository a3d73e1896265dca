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
	if _, open, used := v.paid(&sale); used && !open {
		return fare.PaymentUsed()
	}
	return NextTap{Errand: &fare.Errand{Sale: sale, Amount: l.Amount, Season: l.Season}}.apply(v)
}

// TakeBack asks the card that was loaded last to the desk: the load is taken back, if the
// card was not used since. A device that was switched off meanwhile knows of none.
type TakeBack struct{ By fare.Voider }

func (t TakeBack) apply(v *Validator) error {
	why := ""
	switch {
	case v.loads.last == nil:
		why = "this device has loaded no card since it was switched on"
	case v.loads.shift != v.shift && v.loads.last.Receipt.PaidBy(fare.TheCustomer) != 0:
		why = "it was loaded in another shift, whose cash is counted by itself"
	}
	if why != "" {
		return &fare.Refusal{Rule: 125, Asked: "taking back a load", Why: why,
			Do: "send the customer to the service point with the receipt"}
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
	by, _, used := v.paid(&errand.Sale)
	errand.Sale.Funding.Payment.Used = used && errand.Back == nil && by != o.tried
	return &errand
}

// paid is the load that the reference of a benefit's payment was used for.
func (v *Validator) paid(s *fare.Sale) (by cardlayout.EventID, open, used bool) {
	if s.Funding.By != fare.Benefit || s.Funding.Payment.Reference == "" {
		return by, false, false
	}
	return v.Journal.Paid(s.Funding.Payment.Reference)
}

func (l Load) String() string {
	return (&fare.Errand{Amount: l.Amount, Season: l.Season}).String()
}

func (TakeBack) String() string { return (&fare.Errand{Back: &fare.Loaded{}}).String() }
