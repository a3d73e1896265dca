package sale

import (
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// receipt is the receipt of a load: its price, by payer, and the commission. The customer pays the
// commission, which is no part of the price for a refund.
func (l *loading) receipt(item Item, product uint16, price cardlayout.Cents) Lines {
	by, own := &l.sale.Funding, l.ownPrice(price)
	funded := by.part(own)
	lines := Lines{
		{
			Item: item, Product: product, Amount: own - funded, Payer: fare.PayerCustomer,
			Rule: fare.RulePriceList,
		},
		{Item: item, Product: product, Amount: funded, Payer: by.payer(), Rule: by.rule()},
		{
			Item: item, Product: product, Amount: max(0, price-own), Payer: l.rule.RestFrom,
			Rule: fare.RuleKelaSeason,
		},
		{
			Item: CommissionItem, Amount: l.commission(), Payer: fare.PayerCustomer,
			Rule: fare.RuleCommission,
		},
	}
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Amount == 0 })
}

// ownPrice is a product's price for the customer or the customer's funder, and the price of a
// refund: an authority's part is not paid back.
func (l *loading) ownPrice(price cardlayout.Cents) cardlayout.Cents {
	if l.rule.OwnShare != 0 {
		return l.rule.OwnShare
	}
	return price
}

func (l *loading) commission() cardlayout.Cents {
	if channel := l.sale.Channel; channel < fare.Channels {
		return l.rule.Commission[channel]
	}
	return fare.NoPrice
}

// part is the funder's part of a price.
func (f *Funding) part(price cardlayout.Cents) cardlayout.Cents {
	switch {
	case f.By == Unfunded:
		return 0
	case f.Share <= 0:
		return price
	}
	return min(f.Share, price)
}

func (f *Funding) payer() fare.Payer {
	if f.By == Benefit {
		return fare.PayerBenefit
	}
	return fare.PayerEmployer
}

func (f *Funding) rule() fare.RuleID {
	if f.By == Benefit {
		return fare.RuleBenefitAlone
	}
	return fare.RuleEmployerPaid
}

// terms are the season's conditions that record who paid for it.
func (f *Funding) terms() cardlayout.SeasonConditions {
	switch f.By {
	case Unfunded:
		return 0
	case Benefit:
		return cardlayout.FundedBenefit
	}
	return cardlayout.FundedEmployer
}

// checkFunding refuses a payer other than the customer. An employer pays only for the
// personal cards of its own people.
func (l *loading) checkFunding(receipt Lines) error {
	by := l.sale.Funding.By
	switch {
	case by == Unfunded:
		return nil
	case by == Employer && l.sale.Channel == fare.OnBoard && !l.tariff.Terms.EmployerOnBoard:
		return l.refuse(fare.RuleEmployerPaid,
			"let the customer pay, or load it at the service point",
			"here only the customer or a benefit pays on the bus")
	case by == Employer && l.sale.Channel == fare.OnBoard &&
		(l.sale.Funding.Employer == 0 || l.sale.Funding.Payment.Reference == ""):
		return l.refuse(fare.RuleEmployerPaid,
			"ask for the employer's number and the reference of its order",
			"an employer pays only what it has ordered")
	case by == Benefit && l.sale.Channel == fare.WebShop:
		return l.refuse(fare.RuleBenefitNotOnline,
			"pay in another way, or load at a service point",
			"a web shop's payment cannot be made with a benefit")
	case l.card.Kind != cardlayout.Personal && by == Benefit:
		return l.refuse(fare.RuleBenefitOwner, "load it on the customer's own personal card",
			"a benefit is personal and this is a %v card", l.card.Kind)
	case l.card.Kind != cardlayout.Personal:
		return l.refuse(fare.RuleEmployerPaid, "load it on the customer's own personal card",
			"an employer pays for its own people and this is a %v card", l.card.Kind)
	case by == Benefit:
		return l.checkPayment(&l.sale.Funding.Payment, receipt.PaidBy(fare.PayerBenefit))
	}
	return nil
}

// checkPayment refuses a payment shown on the customer's telephone. A payment delivers
// nothing by itself, so it is not too late.
func (l *loading) checkPayment(p *Payment, want cardlayout.Cents) error {
	switch {
	case !slices.Contains(l.tariff.Terms.BenefitTypes, p.Type):
		return l.refuseWith(fare.RuleBenefitConfirmed, oneOf(l.tariff.Terms.BenefitTypes),
			fare.Say("the benefit %q is not taken here", p.Type))
	case p.Site != l.sale.Organisation:
		return l.refuse(fare.RuleBenefitConfirmed,
			"have the payment voided at the place it went to",
			"it was paid to another place, %d, not to %d", p.Site, l.sale.Organisation)
	case p.Amount != want:
		return l.refuse(fare.RuleBenefitConfirmed, "void the payment and ask for the right amount",
			"%v € were paid and the load costs the benefit %v €", p.Amount, want)
	case !l.sale.Certainty.Unknown && l.calendarDay(p.At) != l.calendarDay(l.sale.At):
		return l.refuse(fare.RuleBenefitConfirmed,
			"ask for a payment of today: the service point settles the other",
			"it was paid on %v, and a payment can be voided only on its own day",
			l.calendarDay(p.At))
	case p.Used:
		return PaymentUsed()
	case p.Reference == "":
		return l.refuse(fare.RuleBenefitReceipt, "wait for the receipt of the payment",
			"the payment has no reference yet")
	}
	return nil
}

// PaymentUsed is the refusal of a payment that has already paid for a load.
func PaymentUsed() error {
	a := request{what: fare.Say("loading with a benefit")}
	return a.refuse(fare.RuleBenefitReceipt,
		"look at the receipt on the telephone: each load needs a payment of its own",
		"its reference has paid for another load here")
}

// calendarDay is the local day, by which payments are settled; the service day is for buses.
func (l *loading) calendarDay(at time.Time) cardlayout.Day { return l.tariff.Local(at).Day }

// oneOf is the remedy that names the accepted benefits.
func oneOf(types []string) fare.Phrase {
	if len(types) == 0 {
		return fare.Say("ask for one of these: none")
	}
	return fare.Say("ask for one of these: %s", strings.Join(types, ", "))
}
