package terminal

import (
	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
)

// Load orders a load for the next card: value or a season is sold onto it. It waits for the card as
// NextTap does.
type Load struct {
	Amount   cardlayout.Cents // of value; 0: a season
	Season   sale.SeasonOrder
	Customer sale.Customer
	Funding  sale.Funding
}

func (l Load) apply(t *Terminal) (r Result, err error) {
	if (l.Amount == 0) == (l.Season == sale.SeasonOrder{}) {
		return r, fare.Say("loading: say either an amount of value or a season")
	}
	by := t.sale()
	by.Customer, by.Funding = l.Customer, l.Funding
	if _, open, used := t.paid(&by); used && !open {
		return r, sale.PaymentUsed()
	}
	return NextTap{Sale: &sale.Order{Sale: by, Amount: l.Amount, Season: l.Season}}.apply(t)
}

// TakeBack orders the last load to be taken back from its card, if the card was not used since
// . A device that was switched off in between knows of none.
type TakeBack struct{ By sale.Voider }

func (b TakeBack) apply(t *Terminal) (Result, error) {
	switch {
	case t.loads.last == nil:
		return Result{}, backRefused(
			fare.Say("this device has loaded no card since it was switched on"))
	case t.loads.shift != t.shift && t.loads.last.Receipt.PaidBy(fare.PayerCustomer) != 0:
		return Result{}, backRefused(
			fare.Say("it was loaded in another shift, whose cash is counted by itself"))
	}
	return NextTap{Sale: &sale.Order{Sale: t.sale(), Back: t.loads.last, By: b.By}}.apply(t)
}

func backRefused(why fare.Phrase) error {
	return &sale.Refusal{
		Rule: fare.RuleWrongLoad, Asked: fare.Say("taking back a load"), Why: why,
		Do: fare.Say("send the customer to the service point with the receipt"),
	}
}

// sale is a sale by this device.
func (t *Terminal) sale() sale.Sale {
	return sale.Sale{
		Organisation: t.Organisation, Channel: fare.OnBoard,
		Device: t.Validator.Journal.Next().Device,
	}
}

// load is the business of a card onto which a load is sold, or from which one is taken back.
func (t *Terminal) load(o *order, held *cardlayout.Card, late bool) validator.Business {
	asked := *o.Sale
	asked.Late = late
	by, _, used := t.paid(&asked.Sale)
	asked.Sale.Funding.Payment.Used = used && asked.Back == nil && by != o.unconfirmed
	unreported := t.loads.unreported(held.Number, o.unconfirmed)
	return validator.Business{Whole: true, Decide: func(held cardlayout.Card,
		f *validator.Facts,
	) (d validator.Decision) {
		asked.Sale.Again = t.loads.reported(&held)
		d.Decision, d.Loaded, d.Refused = asked.Decide(held, f.Tap, unreported, f.Tariff)
		return d
	}}
}

// paid finds the load that the benefit payment of a sale has paid for.
func (t *Terminal) paid(s *sale.Sale) (by cardlayout.EventID, open, used bool) {
	if s.Funding.By != sale.Benefit || s.Funding.Payment.Reference == "" {
		return by, false, false
	}
	return t.Validator.Journal.Paid(s.Funding.Payment.Reference)
}

func (l Load) String() string {
	return (&sale.Order{Amount: l.Amount, Season: l.Season}).String()
}

func (TakeBack) String() string { return (&sale.Order{Back: &sale.Loaded{}}).String() }
