package fare

import (
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
)

// receipt are the lines of a load: its price, by who pays it, and the commission. The
// commission is the customer's, and no part of the price that a refund counts with
//
func (l *load) receipt(item Item, product uint16, price cardlayout.Cents) Lines {
	by, own := &l.sale.Funding, l.ownPrice(price)
	funded := by.part(own)
	lines := Lines{
		{item, product, own - funded, TheCustomer, 4},
		{item, product, funded, by.payer(), by.rule()},
		{item, product, max(0, price-own), l.rule.RestFrom, 152},
		{CommissionItem, 0, l.commission(), TheCustomer, 64},
	}
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Amount == 0 })
}

// ownPrice is what a product costs the customer, or who funds the customer. It is the
// price that a refund counts with: nobody gets back what an authority has paid.
func (l *load) ownPrice(price cardlayout.Cents) cardlayout.Cents {
	if l.rule.OwnShare != 0 {
		return l.rule.OwnShare
	}
	return price
}

func (l *load) commission() cardlayout.Cents {
	if channel := l.sale.Channel; channel < Channels {
		return l.rule.Commission[channel]
	}
	return NoPrice
}

// part is what the funder pays of a price.
func (f *Funding) part(price cardlayout.Cents) cardlayout.Cents {
	switch {
	case f.By == Nobody:
		return 0
	case f.Share <= 0:
		return price
	}
	return min(f.Share, price)
}

func (f *Funding) payer() Payer {
	if f.By == Benefit {
		return TheBenefit
	}
	return TheEmployer
}

func (f *Funding) rule() RuleID {
	if f.By == Benefit {
		return 205
	}
	return 170
}

// terms are what a season remembers of who paid for it.
func (f *Funding) terms() cardlayout.Terms {
	switch f.By {
	case Nobody:
		return 0
	case Benefit:
		return cardlayout.FundedBenefit
	}
	return cardlayout.FundedEmployer
}

// fundingRefused tells whether nobody but the customer may pay for the load. The money of
// an employer is for the one who is employed.
func (l *load) fundingRefused(receipt Lines) error {
	by := l.sale.Funding.By
	switch {
	case by == Nobody:
		return nil
	case by == Employer && l.sale.Channel == DriverDesk && !l.tariff.Office.EmployerOnBoard:
		return l.refuse(170, "let the customer pay, or load it at the service point",
			"nobody but a customer or a benefit pays in the bus here")
	case by == Employer && l.sale.Channel == DriverDesk &&
		(l.sale.Funding.Employer == 0 || l.sale.Funding.Payment.Reference == ""):
		return l.refuse(170, "ask for the employer's number and the reference of its order",
			"an employer pays only what it has ordered")
	case by == Benefit && l.sale.Channel == WebShop:
		return l.refuse(201, "pay in the shop's own way, or load where somebody sells",
			"a web shop's payment cannot be made with a benefit")
	case l.card.Kind != cardlayout.Personal && by == Benefit:
		return l.refuse(206, "load it on the customer's own personal card",
			"a benefit is its owner's and this is a %v card", l.card.Kind)
	case l.card.Kind != cardlayout.Personal:
		return l.refuse(170, "load it on the customer's own personal card",
			"an employer pays for its own people and this is a %v card", l.card.Kind)
	case by == Benefit:
		return l.paymentRefused(&l.sale.Funding.Payment, receipt.PaidBy(TheBenefit))
	}
	return nil
}

// paymentRefused tells what is wrong with what the customer's telephone shows.
// The payment alone delivers nothing, so that there is still time to say it.
func (l *load) paymentRefused(p *Payment, want cardlayout.Cents) error {
	switch {
	case !slices.Contains(l.tariff.Office.BenefitTypes, p.Type):
		return l.refuse(202, "ask for one of these: "+joined(l.tariff.Office.BenefitTypes),
			"the benefit %q is not taken here", p.Type)
	case p.Site != l.sale.Organisation:
		return l.refuse(202, "have the payment voided at the place it went to",
			"it was paid to another place, %d, not to %d", p.Site, l.sale.Organisation)
	case p.Amount != want:
		return l.refuse(202, "void the payment and ask for the right amount",
			"%s were paid and the load costs the benefit %s", euros(p.Amount), euros(want))
	case l.calendarDay(p.At) != l.calendarDay(l.sale.At):
		return l.refuse(202, "ask for a payment of today: the service point settles the other",
			"it was paid on %v, and a payment can be voided on its own day alone",
			l.calendarDay(p.At))
	case p.Used:
		return PaymentUsed()
	case p.Reference == "":
		return l.refuse(204, "wait for the receipt of the payment",
			"the payment has no reference yet")
	}
	return nil
}

// PaymentUsed is the refusal of a payment that has bought something already.
func PaymentUsed() error {
	a := asking{asked: "loading with a benefit"}
	return a.refuse(204, "look at the receipt on the telephone: each load needs a payment of its "+
		"own", "its reference has paid for another load here")
}

// calendarDay is the local day, by which payments are settled: the service day is of buses.
func (l *load) calendarDay(at time.Time) cardlayout.Day { return l.tariff.Local(at).Day }

func joined(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
