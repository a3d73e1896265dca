package fare

import (
	"fmt"

	"leima/cardlayout"
)

// RefundRule is what going back to money costs.
type RefundRule struct {
	Fee cardlayout.Cents // käsittelymaksu, for each processing

	// ByPeriod takes a fee for the started and for each full further 30 days of a
	// season of more than 30, at most MostFees for one return. Otherwise there
	// is one fee.
	ByPeriod bool
	MostFees uint8

	Paid Payout
}

// A Payout is how money goes back.
type Payout uint8

// The ways. The terms that only say that it is paid leave the form open.
const (
	ToTheCustomer Payout = 1
	InCash        Payout = 2
)

// Proof is what the one who asks has shown.
type Proof struct {
	// Identity is the owner's, or that of whoever has a power of attorney or is
	// an heir of an owner who has died, with the paper that says so.
	Identity bool
	Card     bool // the card lies on the counter
}

// A Return is tickets that come back as not needed: with a change of life, with
// the end of the customer's relation, after a wrong load.
type Return struct {
	Card  cardlayout.Card // as it is; with sufficient proof as it was when an obstacle began
	Proof Proof
	On    cardlayout.Day // when they are returned

	// ProviderError says that the provider and not the customer is at fault:
	// there is no fee then.
	ProviderError bool
}

// A Refund is what goes back, and the card without it. It is never paid for a card fee
//
type Refund struct {
	Lines Lines
	Paid  Payout
	After cardlayout.Card
}

// GiveBack pays out the value of a personal card and its seasons that have not begun, at
// their price when they were loaded. Its error is a *Refusal, and then nothing is paid.
func GiveBack(r Return, t *Tariff) (Refund, error) {
	a := asking{t, "returning tickets"}
	if err := a.returnRefused(&r); err != nil {
		return Refund{After: r.Card}, err
	}
	refund := Refund{After: r.Card, Paid: t.Office.Refund.Paid}
	left, fees, funded := refund.takeOff(&t.Office.Refund)
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

// takeOff moves what may be paid from the card to the lines. It tells what of the purse
// stays because an employer has paid it, the fees, and whether a season stays for that.
func (r *Refund) takeOff(rule *RefundRule) (left cardlayout.Cents, fees int, funded bool) {
	c := &r.After
	left = min(c.Kept, c.Purse)
	if own := c.Purse - left; own > 0 {
		r.Lines = append(r.Lines, Line{Item: ValueItem, Amount: own, Rule: 120})
	}
	c.Purse, c.Kept = left, left
	long := 0
	for n := range c.Seasons {
		s := &c.Seasons[n]
		switch {
		case s.Days == 0 || s.First != 0:
		case s.Terms&employers != 0:
			funded = true
		default:
			r.Lines = append(r.Lines, Line{SeasonItem, s.Product, s.Price, "", 120})
			if rule.ByPeriod && s.Days > feePeriod {
				long += rule.fees(s.Days, 0)
			}
			*s = cardlayout.Season{}
		}
	}
	return left, rule.bounded(long), funded
}

// employers are the terms of what is never given back in money.
const employers = cardlayout.FundedEmployer | cardlayout.FundedBenefit

// feePeriod is the length in days that a processing fee is for.
const feePeriod = 30

// fees counts the processing fees of one season of so many days of which some are used: one
// for the period that has begun, and one for each further that is full. The rest of a
// length that thirty does not divide is no full period.
func (r *RefundRule) fees(days, used uint16) int {
	if !r.ByPeriod || days <= feePeriod {
		return 1
	}
	begun := int(used+feePeriod-1) / feePeriod // periods that have begun
	started := 0
	if used%feePeriod != 0 {
		started = 1
	}
	return r.bounded(started + (int(days)-begun*feePeriod)/feePeriod)
}

// bounded keeps a number of fees between one, for a fee is always charged, and
// the most of one return.
func (r *RefundRule) bounded(fees int) int {
	if r.MostFees != 0 {
		fees = min(fees, int(r.MostFees))
	}
	return max(1, fees)
}

// pay takes the fees off what goes back. Where less goes back than they are, nothing does
//
func (a *asking) pay(lines *Lines, fees int, funded bool) error {
	gross, fee := lines.Total(), a.tariff.Office.Refund.Fee*cardlayout.Cents(fees)
	switch {
	case gross == 0 && funded:
		return a.refuse(170, "tell the customer that the ticket can be travelled with to its end",
			"an employer has paid for it, and that is never given back")
	case gross == 0:
		return a.refuse(120, "tell the customer that a season that has begun is not returned",
			"nothing on the card can be returned")
	case gross < fee:
		return a.refuse(121, "tell the customer that the tickets can be used up",
			"%s would come back and the processing fee is %s", euros(gross), euros(fee))
	case fee != 0:
		*lines = append(*lines, Line{Item: ProcessingItem, Amount: -fee, Rule: 121})
		if fees > 1 {
			(*lines)[len(*lines)-1].Rule = 122
		}
	}
	return nil
}

// returnRefused tells whether nothing is returned from this card to this person.
func (a *asking) returnRefused(r *Return) error {
	if err := a.termsRefused(); err != nil {
		return err
	}
	switch {
	case r.Card.Area != a.tariff.Area:
		return a.refuse(27, "send the customer to the service point of the card's own area",
			"the card belongs to area %d, not to area %d", r.Card.Area, a.tariff.Area)
	case r.Card.Kind == cardlayout.Personal && r.Card.Blocked:
		return a.refuse(104, "return them from the card that replaced it, or replace it first",
			"the card is blocked, and its tickets may lie on another")
	case writtenOff(&r.Card, r.On, a.tariff):
		return a.refuse(33, "tell the customer that the value is written off",
			"the card could be used until %v, and the %v on it are the area's",
			r.Card.ValidUntil, WriteOff(r.Card, r.On, a.tariff))
	case r.Card.ValidUntil != 0 && r.On == 0:
		return a.refuse(33, "give the day of the return",
			"nobody can tell whether the card has ended")
	case r.Card.Kind != cardlayout.Personal:
		return a.refuse(123, "tell the holder that it can be travelled with",
			"tickets of a %v card are neither returned nor redeemed", r.Card.Kind)
	case !r.Proof.Card:
		return a.refuse(120, "ask for the card", "the card is not here")
	case !r.Proof.Identity:
		return a.refuse(120, "ask for proof of identity, or for a power of attorney",
			"whoever asks has not proved to be the owner")
	}
	return nil
}

func (p Payout) String() string {
	switch p {
	case ToTheCustomer:
		return "to the customer"
	case InCash:
		return "in cash"
	}
	return fmt.Sprintf("payout %d", uint8(p))
}
