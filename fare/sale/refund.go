package sale

import (
	"leima/cardlayout"
	"leima/fare"
)

// Proof is what the person asking has shown.
type Proof struct {
	// Identity is that of the owner, of a person with power of attorney, or of an heir
	// with the document.
	Identity bool
	Card     bool // is at the counter
}

// A RefundRequest returns tickets that are not needed: after a change of life, at the end
// of the customer relation, after a wrong load.
type RefundRequest struct {
	Card  cardlayout.Card // as it is; with sufficient proof, as it was when an obstacle began
	Proof Proof
	On    cardlayout.Day // when they are returned

	// ProviderError: the provider is at fault, not the customer, and there is no fee.
	ProviderError bool
}

// A Refund is the money paid back, and the card without the tickets. Card fees are never paid back
//
type Refund struct {
	Lines Lines
	Paid  fare.Payout
	After cardlayout.Card
}

// RefundCard pays back the value of a personal card and its seasons that have not begun, at the
// price of their load. Its error is a *Refusal, and then nothing is paid.
func RefundCard(r RefundRequest, t *fare.Tariff) (Refund, error) {
	a := request{t, fare.Say("returning tickets")}
	if err := a.checkReturn(&r); err != nil {
		return Refund{After: r.Card}, err
	}
	refund := Refund{After: r.Card, Paid: t.Terms.Refund.Paid}
	left, fees, funded := refund.remove(&t.Terms.Refund)
	refund.After.Counter++
	if r.ProviderError {
		fees = 0
	}
	err := a.pay(&refund.Lines, fees, funded || left > 0)
	if err == nil {
		err = refund.After.Check()
	}
	if err != nil {
		return Refund{After: r.Card}, err
	}
	return refund, nil
}

// remove moves the refundable value and seasons from the card to the lines. left is the part of the
// purse that stays because an employer paid it, funded whether a season stays for that reason.
func (r *Refund) remove(rule *fare.RefundRule) (left cardlayout.Cents, fees int, funded bool) {
	c := &r.After
	left = min(c.Funded, c.Purse)
	if own := c.Purse - left; own > 0 {
		r.Lines = append(r.Lines, Line{Item: ValueItem, Amount: own, Rule: fare.RuleRefund})
	}
	c.Purse, c.Funded = left, left
	long := 0
	for n := range c.Seasons {
		s := &c.Seasons[n]
		switch {
		case s.Days == 0 || s.First != 0:
		case s.Conditions&fundedByEmployer != 0:
			funded = true
		default:
			r.Lines = append(r.Lines, Line{
				Item: SeasonItem, Product: s.Product,
				Amount: s.Price, Rule: fare.RuleRefund,
			})
			if rule.ByPeriod && s.Days > feePeriod {
				long += processings(rule, s.Days, 0)
			}
			*s = cardlayout.Season{}
		}
	}
	return left, boundFees(rule, long), funded
}

// fundedByEmployer are the conditions of a season that is never paid back.
const fundedByEmployer = cardlayout.FundedEmployer | cardlayout.FundedBenefit

// feePeriod is the period of a processing fee, in days.
const feePeriod = 30

// processings counts the processing fees of a season of a number of days, some of them used: one
// for the period that has begun, and one for each further full period. The rest of a length that
// thirty does not divide is no full period.
func processings(r *fare.RefundRule, days, used uint16) int {
	if !r.ByPeriod || days <= feePeriod {
		return 1
	}
	begun := int(used+feePeriod-1) / feePeriod // periods
	started := 0
	if used%feePeriod != 0 {
		started = 1
	}
	return boundFees(r, started+(int(days)-begun*feePeriod)/feePeriod)
}

// boundFees keeps a number of fees between one and the most for one return.
func boundFees(r *fare.RefundRule, fees int) int {
	if r.MostFees != 0 {
		fees = min(fees, int(r.MostFees))
	}
	return max(1, fees)
}

// pay takes the fees off the money paid back. If they are more, nothing is paid.
func (a *request) pay(lines *Lines, fees int, funded bool) error {
	gross, fee := lines.Total(), a.tariff.Terms.Refund.Fee*cardlayout.Cents(fees)
	switch {
	case gross == 0 && funded:
		return a.refuse(fare.RuleEmployerPaid,
			"tell the customer that the ticket is valid to its end",
			"an employer has paid for it, and that is never given back")
	case gross == 0:
		return a.refuse(fare.RuleRefund,
			"tell the customer that a season that has begun is not returned",
			"nothing on the card can be returned")
	case gross < fee:
		return a.refuse(fare.RuleRefundFee, "tell the customer that the tickets can be used up",
			"%v € would come back and the processing fee is %v €", gross, fee)
	case fee != 0:
		*lines = append(*lines, Line{Item: ProcessingItem, Amount: -fee, Rule: fare.RuleRefundFee})
		if fees > 1 {
			(*lines)[len(*lines)-1].Rule = fare.RuleRefundFeeByPeriod
		}
	}
	return nil
}

// checkReturn refuses to return tickets of this card to this person.
func (a *request) checkReturn(r *RefundRequest) error {
	if err := a.checkTerms(); err != nil {
		return err
	}
	switch {
	case r.Card.Area != a.tariff.Area:
		return a.refuse(fare.RuleOneArea,
			"send the customer to the service point of the card's own area",
			"the card belongs to area %d, not to area %d", r.Card.Area, a.tariff.Area)
	case r.Card.Kind == cardlayout.Personal && r.Card.Blocked:
		return a.refuse(fare.RuleReplacement,
			"return them from the card that replaced it, or replace it first",
			"the card is blocked, and its tickets may be on another")
	case writtenOff(&r.Card, r.On, a.tariff):
		return a.refuse(fare.RuleResidualValue, "tell the customer that the value is written off",
			"the card could be used until %v, and the %v on it are the area's",
			r.Card.ValidUntil, WriteOff(r.Card, r.On, a.tariff))
	case r.Card.ValidUntil != 0 && r.On == 0:
		return a.refuse(fare.RuleResidualValue, "give the day of the return",
			"it is not known whether the card has expired")
	case r.Card.Kind != cardlayout.Personal:
		return a.refuse(fare.RuleBearerNotRefunded,
			"tell the holder that the card can still be used",
			"tickets of a %v card are neither returned nor redeemed", r.Card.Kind)
	case !r.Proof.Card:
		return a.refuse(fare.RuleRefund, "ask for the card", "the card is not here")
	case !r.Proof.Identity:
		return a.refuse(fare.RuleRefund, "ask for proof of identity, or for a power of attorney",
			"the person asking has not proved to be the owner")
	}
	return nil
}
