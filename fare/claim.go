package fare

import (
	"fmt"

	"leima/cardlayout"
)

// ClaimRule is when and how an error is put right.
type ClaimRule struct {
	Within Span // from when the customer noticed, or should have

	// BySingles credits a wrong debit as single tickets' trips where it does not go
	// back to the card; otherwise it is paid in cash.
	BySingles bool

	// MostTravel is how many single tickets are paid at most for the journeys that the
	// provider's error has caused.
	MostTravel uint8
}

// ClaimUntil is the last day on which a claim may be made of what was noticed on a day.
func ClaimUntil(noticed cardlayout.Day, t *Tariff) cardlayout.Day {
	return t.Office.Claim.Within.After(noticed)
}

// A Claim is that something went wrong: a wrong load, a wrong debit, a fare paid for a
// broken card.
type Claim struct {
	Noticed, Made cardlayout.Day
	Proof         Proof
	Receipt       bool // or another document of what happened
}

// ClaimRefused tells whether a claim comes too late or proves nothing; nil means that it
// is dealt with.
func ClaimRefused(c Claim, t *Tariff) error {
	a := asking{t, "a claim"}
	if err := a.termsRefused(); err != nil {
		return err
	}
	until := ClaimUntil(c.Noticed, t)
	switch {
	case c.Made < c.Noticed:
		return a.refuse(127, "ask when it was noticed", "it was made on %v, before it was noticed",
			c.Made)
	case c.Made > until:
		return a.refuse(127, "tell the customer until when it could have been made",
			"it could be made until %v, %v from when it was noticed", until, t.Office.Claim.Within)
	case !c.Proof.Identity:
		return a.refuse(131, "ask for proof of identity, or for a power of attorney",
			"whoever asks has not proved to be the owner")
	case !c.Receipt:
		return a.refuse(131, "ask for the receipt, or for the card's marked history",
			"nothing shows what happened")
	}
	return nil
}

// A WrongDebit is value that was taken in error. The driver does not give it back: the
// customer had the driver mark it in the card's history, which is the receipt.
type WrongDebit struct {
	Claim  Claim
	Card   cardlayout.Card
	Amount cardlayout.Cents
	Trips  uint8 // that were debited
	ToCard bool  // the customer wants it back on the card
}

// A Correction is how a wrong debit is put right: the card, or trips, or money.
type Correction struct {
	Lines Lines
	Trips uint8 // to travel with single tickets
	Paid  Payout
	After cardlayout.Card
}

// Correct puts a wrong debit right. Its error is a *Refusal.
func Correct(w WrongDebit, t *Tariff) (Correction, error) {
	a := asking{t, "putting a wrong debit right"}
	c := Correction{After: w.Card}
	if err := ClaimRefused(w.Claim, t); err != nil {
		return c, err
	}
	if err := a.debitRefused(&w); err != nil {
		return c, err
	}
	line := Line{Item: WrongDebitItem, Amount: w.Amount, Rule: 129}
	switch {
	case w.ToCard && w.Amount > cardlayout.MaxPurse-w.Card.Purse:
		return c, a.refuse(0, "choose the other way", "the purse has no room for %s",
			euros(w.Amount))
	case w.ToCard:
		c.After.Purse += w.Amount
		c.After.Counter++
		if err := c.After.Check(); err != nil {
			return Correction{After: w.Card}, fmt.Errorf("%s: %w", a.asked, err)
		}
	case t.Office.Claim.BySingles:
		c.Trips = max(1, w.Trips)
		line.Amount = 0
	default:
		c.Paid = InCash
	}
	c.Lines = Lines{line}
	return c, nil
}

// debitRefused tells whether there was no such debit of this card, or none that is put
// right here.
func (a *asking) debitRefused(w *WrongDebit) error {
	most := cardlayout.MaxFare * cardlayout.Cents(max(1, w.Trips))
	switch {
	case w.Card.Area != a.tariff.Area:
		return a.refuse(27, "send the customer to the service point of the card's own area",
			"the card belongs to area %d, not to area %d", w.Card.Area, a.tariff.Area)
	case w.Card.Blocked && w.Card.Kind != cardlayout.Bearer:
		return a.refuse(103, "put it right on the card that replaced it, or replace it first",
			"the card is blocked")
	case w.Amount <= 0:
		return a.refuse(129, "look for the debit in the card's history", "nothing was debited")
	case w.Amount > most:
		return a.refuse(129, "look for the debit in the card's history",
			"%s is more than %s can cost, which is %s", euros(w.Amount),
			count(uint16(max(1, w.Trips)), "trip"), euros(most))
	}
	return nil
}

// TravelCosts is what is paid of the journeys that the provider's error has caused
// what they cost, and no more than so many single tickets. Its error is a *Refusal.
func TravelCosts(
	claimed cardlayout.Cents, group cardlayout.Group, zones cardlayout.Zones, t *Tariff,
) (Lines, error) {
	a := asking{t, "paying for journeys"}
	if err := a.termsRefused(); err != nil {
		return nil, err
	}
	single, sold := t.single(group, zones)
	switch {
	case claimed <= 0:
		return nil, a.refuse(128, "ask for the receipts of the journeys", "they cost %s",
			euros(claimed))
	case !sold:
		return nil, a.refuse(128, "ask the provider what a journey may cost",
			"the tariff has no single ticket of the group %v for zones %v", group, zones)
	}
	most := single * cardlayout.Cents(t.Office.Claim.MostTravel)
	return Lines{{Item: TravelItem, Amount: min(claimed, most), Rule: 128}}, nil
}

// ObstacleRule is when a season that could not be used is paid back in part.
type ObstacleRule struct {
	MoreThan uint16 // days: the obstacle must be longer

	// ByTrips counts off the trips that were made; otherwise the days that were
	// not used count, and the obstacle must not have been foreseen.
	ByTrips bool
}

// An Obstacle kept the owner of a season from using it.
type Obstacle struct {
	Season   cardlayout.Season
	From, To cardlayout.Day // of the obstacle, both days of it
	Foreseen bool

	// Used is what the trips that were made would have cost with value, by the tariffs
	// in force when they were made. Untraced says that nobody can tell.
	Used     cardlayout.Cents
	Untraced bool

	ProviderError bool // then there is no fee
}

// Retroactive pays back what an obstacle has lost its owner. The days that were
// used decide the fees. Its error is a *Refusal.
func Retroactive(o Obstacle, t *Tariff) (Lines, error) {
	a := asking{t, "refunding a season in part"}
	if err := a.obstacleRefused(&o); err != nil {
		return nil, err
	}
	s, rule := &o.Season, &t.Office.Obstacle
	unused := o.days()
	loss := s.Price - o.Used
	if !rule.ByTrips {
		loss = perDay(s.Price, unused, s.Days)
	}
	switch {
	case loss <= 0 && !rule.ByTrips:
		return nil, a.refuse(134, "explain that what cost nothing is not paid back",
			"the season cost %s", euros(s.Price))
	case loss <= 0:
		return nil, a.refuse(133, "explain that the season cost less than the trips",
			"the trips that were made are worth %s and the season cost %s",
			euros(o.Used), euros(s.Price))
	}
	fees := t.Office.Refund.fees(s.Days, s.Days-min(s.Days, unused))
	if o.ProviderError {
		fees = 0
	}
	lines := Lines{{RetroactiveItem, s.Product, loss, "", rule.formula()}}
	if fee := t.Office.Refund.Fee * cardlayout.Cents(fees); loss < fee {
		return nil, a.refuse(135, "explain that the fees are more than the loss",
			"%s would come back and the processing fees are %s", euros(loss), euros(fee))
	}
	return lines, a.pay(&lines, fees, false)
}

// days counts those of the obstacle on which the season was in force.
func (o *Obstacle) days() uint16 {
	first, last := max(o.From, o.Season.First), min(o.To, o.Season.Last)
	if o.Season.First == 0 || last < first {
		return 0
	}
	return uint16(min(last-first+1, cardlayout.Day(o.Season.Days)))
}

// perDay is a part of a price by days, to the nearest cent. The terms are silent on the
// rounding.
func perDay(price cardlayout.Cents, days, of uint16) cardlayout.Cents {
	if of == 0 {
		return 0
	}
	whole := int64(price) * int64(days)
	return cardlayout.Cents((2*whole + int64(of)) / (2 * int64(of)))
}

func (r *ObstacleRule) formula() RuleID {
	if r.ByTrips {
		return 133
	}
	return 134
}

func (a *asking) obstacleRefused(o *Obstacle) error {
	if err := a.termsRefused(); err != nil {
		return err
	}
	rule := &a.tariff.Office.Obstacle
	switch {
	case o.Season.Area != a.tariff.Area:
		return a.refuse(27, "send the customer to the service point of the season's own area",
			"the season is of area %d, not of area %d", o.Season.Area, a.tariff.Area)
	case o.Used < 0:
		return a.refuse(133, "count the trips again", "trips cannot be worth %s", euros(o.Used))
	case o.Season.Terms&employers != 0:
		return a.refuse(170, "tell the customer that the ticket can be travelled with to its end",
			"an employer has paid for it, and that is never given back")
	case o.Season.First == 0:
		return a.refuse(132, "return the season as not needed", "the season has not begun")
	case o.days() <= rule.MoreThan:
		return a.refuse(rule.formula(), "explain how long an obstacle must last",
			"it lasted %s of the season and must be longer than %s", count(o.days(), "day"),
			count(rule.MoreThan, "day"))
	case !rule.ByTrips && o.Foreseen:
		return a.refuse(134, "explain that it must have been unforeseen",
			"the obstacle was foreseen")
	case rule.ByTrips && o.Untraced:
		return a.refuse(133, "explain that only tickets whose use can be traced are refunded",
			"nobody can tell how many trips were made")
	}
	return nil
}
