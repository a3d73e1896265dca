package sale

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
)

// ClaimUntil is the last day for a claim about an error noticed on a day.
func ClaimUntil(noticed cardlayout.Day, t *fare.Tariff) cardlayout.Day {
	return t.Terms.Claim.Within.After(noticed)
}

// A Claim is about an error: a wrong load, a wrong debit, a fare paid for a faulty card.
type Claim struct {
	Noticed, Made cardlayout.Day
	Proof         Proof
	Receipt       bool // or another document of what happened
}

// CheckClaim returns a *Refusal of a claim that comes too late or proves nothing; nil if it is
// accepted.
func CheckClaim(c Claim, t *fare.Tariff) error {
	a := request{t, fare.Say("a claim")}
	if err := a.checkTerms(); err != nil {
		return err
	}
	until := ClaimUntil(c.Noticed, t)
	switch {
	case c.Made < c.Noticed:
		return a.refuse(fare.RuleClaimTime, "ask when it was noticed",
			"it was made on %v, before it was noticed", c.Made)
	case c.Made > until:
		return a.refuse(fare.RuleClaimTime, "tell the customer until when it could have been made",
			"it could be made until %v, %v from when it was noticed", until, t.Terms.Claim.Within)
	case !c.Proof.Identity:
		return a.refuse(fare.RuleClaimDocuments,
			"ask for proof of identity, or for a power of attorney",
			"the person asking has not proved to be the owner")
	case !c.Receipt:
		return a.refuse(fare.RuleClaimDocuments,
			"ask for the receipt, or for the card's marked history", "nothing shows what happened")
	}
	return nil
}

// A WrongDebit is value that was taken in error. The driver marks it in the card's history
// which is the receipt, and the service point pays it back.
type WrongDebit struct {
	Claim  Claim
	Card   cardlayout.Card
	Amount cardlayout.Cents
	Trips  uint8 // that were debited
	ToCard bool  // paid back to the card, as the customer wants
}

// Trips is a number of trips, written "1 trip" or "2 trips".
type Trips uint8

func (n Trips) String() string {
	if n == 1 {
		return "1 trip"
	}
	return fmt.Sprintf("%d trips", uint8(n))
}

// A Correction puts a wrong debit right: on the card, in trips or in money.
type Correction struct {
	Lines Lines
	Trips uint8 // to travel with single tickets
	Paid  fare.Payout
	After cardlayout.Card
}

// Correct puts a wrong debit right. Its error is a *Refusal.
func Correct(w WrongDebit, t *fare.Tariff) (Correction, error) {
	a := request{t, fare.Say("putting a wrong debit right")}
	c := Correction{After: w.Card}
	if err := CheckClaim(w.Claim, t); err != nil {
		return c, err
	}
	if err := a.checkDebit(&w); err != nil {
		return c, err
	}
	line := Line{Item: WrongDebitItem, Amount: w.Amount, Rule: fare.RuleWrongDebit}
	switch {
	case w.ToCard && w.Amount > cardlayout.MaxPurse-w.Card.Purse:
		return c, a.refuse(0, "choose the other way", "the purse has no room for %v €",
			w.Amount)
	case w.ToCard:
		c.After.Purse += w.Amount
		c.After.Counter++
		if err := c.After.Check(); err != nil {
			return Correction{After: w.Card}, fmt.Errorf("%v: %w", a.what, err)
		}
	case t.Terms.Claim.BySingles:
		c.Trips = max(1, w.Trips)
		line.Amount = 0
	default:
		c.Paid = fare.InCash
	}
	c.Lines = Lines{line}
	return c, nil
}

// checkDebit refuses a debit that is impossible on this card or is not corrected here.
func (a *request) checkDebit(w *WrongDebit) error {
	most := cardlayout.MaxFare * cardlayout.Cents(max(1, w.Trips))
	switch {
	case w.Card.Area != a.tariff.Area:
		return a.refuse(fare.RuleOneArea,
			"send the customer to the service point of the card's own area",
			"the card belongs to area %d, not to area %d", w.Card.Area, a.tariff.Area)
	case w.Card.Blocked && w.Card.Kind != cardlayout.Bearer:
		return a.refuse(fare.RuleBlockedCard,
			"put it right on the card that replaced it, or replace it first", "the card is blocked")
	case w.Amount <= 0:
		return a.refuse(fare.RuleWrongDebit, "look for the debit in the card's history",
			"nothing was debited")
	case w.Amount > most:
		return a.refuse(fare.RuleWrongDebit, "look for the debit in the card's history",
			"%v € is more than %v can cost, which is %v €", w.Amount,
			Trips(max(1, w.Trips)), most)
	}
	return nil
}

// TravelCosts are paid for journeys that the provider's error has caused: their cost, up
// to some single tickets. Its error is a *Refusal.
func TravelCosts(
	claimed cardlayout.Cents, group cardlayout.Group, zones cardlayout.Zones, t *fare.Tariff,
) (Lines, error) {
	a := request{t, fare.Say("paying for journeys")}
	if err := a.checkTerms(); err != nil {
		return nil, err
	}
	single, sold := t.UsualSingle(group, zones)
	switch {
	case claimed <= 0:
		return nil, a.refuse(fare.RuleTravelCosts, "ask for the receipts of the journeys",
			"they cost %v €", claimed)
	case !sold:
		return nil, a.refuse(fare.RuleTravelCosts, "ask the provider what a journey may cost",
			"the tariff has no single ticket of the group %v for zones %v", group, zones)
	}
	most := single * cardlayout.Cents(t.Terms.Claim.MostTravel)
	return Lines{{Item: TravelItem, Amount: min(claimed, most), Rule: fare.RuleTravelCosts}}, nil
}

// An UnusedPeriod is a time in which its owner could not use a season.
type UnusedPeriod struct {
	Season   cardlayout.Season
	From, To cardlayout.Day // of the obstacle, both included
	Foreseen bool

	// Used is the price by value of the trips made, by the tariffs of their time;
	// Untraced: it is not known.
	Used     cardlayout.Cents
	Untraced bool

	ProviderError bool // costs no fee
}

// RefundUnused pays back the loss from an obstacle. The used days set the fees. Its error
// is a *Refusal.
func RefundUnused(o UnusedPeriod, t *fare.Tariff) (Lines, error) {
	a := request{t, fare.Say("refunding a season in part")}
	if err := a.checkUnusedPeriod(&o); err != nil {
		return nil, err
	}
	s, rule := &o.Season, &t.Terms.UnusedPeriod
	unused := o.days()
	loss := s.Price - o.Used
	if !rule.ByTrips {
		loss = perDay(s.Price, unused, s.Days)
	}
	switch {
	case loss <= 0 && !rule.ByTrips:
		return nil, a.refuse(fare.RuleUnusedByDays,
			"explain that a free season is not paid back", "the season cost %v €", s.Price)
	case loss <= 0:
		return nil, a.refuse(fare.RuleUnusedByTrips,
			"explain that the season cost less than the trips",
			"the trips that were made are worth %v € and the season cost %v €",
			o.Used, s.Price)
	}
	fees := processings(&t.Terms.Refund, s.Days, s.Days-min(s.Days, unused))
	if o.ProviderError {
		fees = 0
	}
	lines := Lines{{Item: RetroactiveItem, Product: s.Product, Amount: loss, Rule: formula(rule)}}
	if fee := t.Terms.Refund.Fee * cardlayout.Cents(fees); loss < fee {
		return nil, a.refuse(fare.RuleUnusedFees, "explain that the fees are more than the loss",
			"%v € would come back and the processing fees are %v €", loss, fee)
	}
	return lines, a.pay(&lines, fees, false)
}

// days counts the days of the obstacle on which the season was in force.
func (o *UnusedPeriod) days() uint16 {
	first, last := max(o.From, o.Season.First), min(o.To, o.Season.Last)
	if o.Season.First == 0 || last < first {
		return 0
	}
	return uint16(min(last-first+1, cardlayout.Day(o.Season.Days)))
}

// perDay is a price by days, to the nearest cent: the terms do not state the rounding.
func perDay(price cardlayout.Cents, days, of uint16) cardlayout.Cents {
	if of == 0 {
		return 0
	}
	whole := int64(price) * int64(days)
	return cardlayout.Cents((2*whole + int64(of)) / (2 * int64(of)))
}

func formula(r *fare.UnusedPeriodRule) fare.RuleID {
	if r.ByTrips {
		return fare.RuleUnusedByTrips
	}
	return fare.RuleUnusedByDays
}

func (a *request) checkUnusedPeriod(o *UnusedPeriod) error {
	if err := a.checkTerms(); err != nil {
		return err
	}
	rule := &a.tariff.Terms.UnusedPeriod
	switch {
	case o.Season.Area != a.tariff.Area:
		return a.refuse(fare.RuleOneArea,
			"send the customer to the service point of the season's own area",
			"the season is of area %d, not of area %d", o.Season.Area, a.tariff.Area)
	case o.Used < 0:
		return a.refuse(fare.RuleUnusedByTrips, "count the trips again",
			"trips cannot be worth %v €", o.Used)
	case o.Season.Conditions&fundedByEmployer != 0:
		return a.refuse(fare.RuleEmployerPaid,
			"tell the customer that the ticket is valid to its end",
			"an employer has paid for it, and that is never given back")
	case o.Season.First == 0:
		return a.refuse(fare.RulePriceOfUse, "return the season as not needed",
			"the season has not begun")
	case o.days() <= rule.MoreThan:
		return a.refuse(formula(rule), "explain how long an obstacle must last",
			"it lasted %v of the season and must be longer than %v", fare.Span{Days: o.days()},
			fare.Span{Days: rule.MoreThan})
	case !rule.ByTrips && o.Foreseen:
		return a.refuse(fare.RuleUnusedByDays, "explain that it must have been unforeseen",
			"the obstacle was foreseen")
	case rule.ByTrips && o.Untraced:
		return a.refuse(fare.RuleUnusedByTrips,
			"explain that only tickets whose use can be traced are refunded",
			"it is not known how many trips were made")
	}
	return nil
}
