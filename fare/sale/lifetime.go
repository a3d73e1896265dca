package sale

import (
	"leima/cardlayout"
	"leima/fare"
)

// ValidUntil is the last day of use of a card issued on a day; 0 if the terms set no end.
func ValidUntil(issued cardlayout.Day, t *fare.Tariff) cardlayout.Day {
	if t.Terms.Lifetime.Card == (fare.Span{}) {
		return 0
	}
	return t.Terms.Lifetime.Card.After(issued)
}

// MoveResidual moves the value of an expired card to a new one, without its seasons. The
// old card becomes empty. Its error is a *Refusal.
func MoveResidual(old, next cardlayout.Card, on cardlayout.Day, t *fare.Tariff) (
	emptied, filled cardlayout.Card, err error,
) {
	a := request{t, fare.Say("moving the value of an expired card")}
	until := t.Terms.Lifetime.Residual.After(old.ValidUntil)
	switch {
	case a.checkTerms() != nil:
		err = a.checkTerms()
	case old.ValidUntil == 0 || on <= old.ValidUntil:
		err = a.refuse(fare.RuleResidualValue, "let the customer travel with it",
			"the card has not expired")
	case old.Blocked && old.Kind != cardlayout.Bearer:
		err = a.refuse(fare.RuleReplacement, "replace it as a lost card", "the card is blocked")
	case on > until:
		err = a.refuse(fare.RuleResidualValue, "tell the customer that the value is written off",
			"it could be moved until %v", until)
	case old.Area != next.Area:
		err = a.refuse(fare.RuleOneArea, "sell a card of the same area",
			"the new card is another area's")
	case next.Kind != old.Kind || next.Blocked:
		err = a.refuse(fare.RuleResidualValue, "sell a card of the same kind",
			"a %v card's value goes to a new card of that kind", old.Kind)
	case old.Purse > cardlayout.MaxPurse-next.Purse:
		err = a.refuse(0, "move it to an empty card", "the new card has no room for %v €",
			old.Purse)
	}
	if err != nil {
		return old, next, err
	}
	emptied, filled = old, next
	filled.Purse += old.Purse
	filled.Funded = min(next.Funded, next.Purse) + min(old.Funded, old.Purse)
	emptied.Purse, emptied.Funded = 0, 0
	emptied.Counter++
	filled.Counter++
	if err := filled.Check(); err != nil {
		return old, next, err
	}
	return emptied, filled, emptied.Check()
}

// WriteOff is the value of an expired card that can no longer be moved, in cents; 0 while
// it can.
func WriteOff(card cardlayout.Card, on cardlayout.Day, t *fare.Tariff) cardlayout.Cents {
	if !t.Terms.Stated || !writtenOff(&card, on, t) {
		return 0
	}
	return card.Purse
}

// writtenOff reports whether a card expired so long ago that its value belongs to the area.
func writtenOff(card *cardlayout.Card, on cardlayout.Day, t *fare.Tariff) bool {
	return card.ValidUntil != 0 && on > t.Terms.Lifetime.Residual.After(card.ValidUntil)
}

// A Cause is why a card is replaced.
type Cause uint8

// The causes.
const (
	Broken    Cause = 1 // without the customer's own negligence
	Neglected Cause = 2 // not kept carefully, or damaged on purpose
	Lost      Cause = 3 // or stolen
)

// A Replacement is a new card for one that cannot be used.
type Replacement struct {
	Kind       cardlayout.Kind
	Cause      Cause
	Bought, On cardlayout.Day
	MoveTo     bool // with its tickets moved to the new card

	// NumberKnown: the number is known from the card or another document. ContentKnown: the
	// register has the card's content.
	NumberKnown, ContentKnown bool
}

// Replace is the customer's price of a replacement; no lines if it is free. Its error is a
// *Refusal.
func Replace(r Replacement, t *fare.Tariff) (Lines, error) {
	a := request{t, fare.Say("replacing a card")}
	if err := a.checkReplacement(&r); err != nil {
		return nil, err
	}
	guaranteed := r.On <= t.Terms.Lifetime.Guarantee.After(r.Bought)
	if r.Cause == Broken && guaranteed {
		return nil, nil
	}
	rule := fare.RuleCareOfCard
	if r.Cause == Lost {
		rule = fare.RuleReplacement
	}
	fee := t.Terms.CardFee[fare.ServicePoint]
	if fee == fare.NoPrice {
		return nil, a.refuse(rule, "ask the provider what a new card costs",
			"tariff %s gives no price of a card at a %v", t.ID, fare.ServicePoint)
	}
	var lines Lines
	add := func(item Item, fee cardlayout.Cents) {
		if fee > 0 {
			lines = append(lines, Line{
				Item: item, Amount: fee,
				Payer: fare.PayerCustomer, Rule: rule,
			})
		}
	}
	add(CardItem, fee)
	if r.MoveTo {
		add(ProcessingItem, t.Terms.Refund.Fee)
	}
	return lines, nil
}

func (a *request) checkReplacement(r *Replacement) error {
	if err := a.checkTerms(); err != nil {
		return err
	}
	switch {
	case r.Cause < Broken || r.Cause > Lost:
		return a.refuse(fare.RuleFaultyCardReplaced, "ask what happened to the card",
			"it has no cause")
	case r.Cause == Lost && r.Kind == cardlayout.Bearer:
		return a.refuse(fare.RuleBearerNotBlocked, "sell a new card: a bearer card is like cash",
			"what was on a lost bearer card is not replaced")
	case r.MoveTo && !r.NumberKnown:
		return a.refuse(fare.RuleFaultyCardReplaced,
			"ask for the card's number, for example from its history",
			"it is not known which card it is")
	case r.MoveTo && !r.ContentKnown:
		return a.refuse(fare.RuleFaultyCardReplaced,
			"wait until the card is in the register",
			"the register does not know what is on it")
	}
	return nil
}

// Renew moves the contents of an old card to its replacement: all of it, or of an
// expired card only the value, while that can be moved. Its error is a *Refusal, or names
// what the new card cannot hold.
func Renew(old, next cardlayout.Card, on cardlayout.Day, t *fare.Tariff) (cardlayout.Card, error) {
	if old.ValidUntil == 0 || on <= old.ValidUntil {
		return MoveTickets(old, next)
	}
	old.Blocked = false // a lost card is blocked, but its value moves
	_, filled, err := MoveResidual(old, next, on, t)
	return filled, err
}

// MoveTickets moves all contents of a card to a new, empty one like it: value,
// seasons, rights, the running journey and the day's use. Its error is a *Refusal, or names what
// the new card cannot hold.
func MoveTickets(old, next cardlayout.Card) (cardlayout.Card, error) {
	a := request{what: fare.Say("moving tickets")}
	switch {
	case next.Blocked:
		return next, a.refuse(fare.RuleFaultyCardReplaced, "move them to a card that can be used",
			"the new card is blocked")
	case next.Number == old.Number:
		return next, a.refuse(fare.RuleFaultyCardReplaced, "move them to a new card",
			"it is the card they are on")
	case next.Purse != 0 || next.Seasons != [2]cardlayout.Season{}:
		return next, a.refuse(fare.RuleFaultyCardReplaced, "move them to an empty card",
			"the new card holds tickets")
	case next.Area != old.Area || next.Kind != old.Kind || next.Group != old.Group:
		return next, a.refuse(fare.RuleFaultyCardReplaced, "issue a card like the old one",
			"the new card has another area, kind or group")
	case next.Birth != old.Birth:
		return next, a.refuse(fare.RuleFaultyCardReplaced,
			"issue a card to the holder of the old one", "the new card has another day of birth")
	}
	filled := moveContents(&old, &next)
	filled.Counter++
	if err := filled.Check(); err != nil {
		return next, err
	}
	return filled, nil
}

// moveContents returns the old card's contents on the new one, which keeps its own identity:
// number, lifetime, capabilities and counters.
func moveContents(old, next *cardlayout.Card) cardlayout.Card {
	c := *old
	c.Number, c.Issued, c.ValidUntil = next.Number, next.Issued, next.ValidUntil
	c.Layout, c.Generation, c.TransactionMAC = next.Layout, next.Generation, next.TransactionMAC
	c.Counter, c.ActionCounter, c.Last = next.Counter, next.ActionCounter, next.Last
	c.Blocked, c.Unblocking = next.Blocked, next.Unblocking
	c.Ticket, c.Record = next.Ticket, next.Record // of one tap, and never read
	if c.Layout == 1 {
		c.Former = cardlayout.Right{} // it has no room for one
	}
	return c
}

// CheckBlock refuses to block a bearer card; nil for other cards.
func CheckBlock(k cardlayout.Kind) error {
	if k != cardlayout.Bearer {
		return nil
	}
	a := request{what: fare.Say("blocking a card")}
	return a.refuse(fare.RuleBearerNotBlocked, "tell the customer that it is like cash",
		"a bearer card cannot be blocked")
}
