package fare

import "leima/cardlayout"

// LifetimeRule is how long a card may be used and what comes after.
type LifetimeRule struct {
	Card      Span // technical life from the day of issue; zero: not said
	Guarantee Span // use guarantee from the day of purchase
	Residual  Span // how long the value may be moved after the end

	// BlockedForGood says that a blocked card is out of use at once; otherwise it is when it
	// has been replaced, and until then it may be unblocked.
	BlockedForGood bool
}

// ValidUntil is the last day on which a card that is issued on a day may be used; 0 where
// the terms give no end.
func ValidUntil(issued cardlayout.Day, t *Tariff) cardlayout.Day {
	if t.Office.Lifetime.Card == (Span{}) {
		return 0
	}
	return t.Office.Lifetime.Card.After(issued)
}

// MoveResidual moves the value of a card that has ended to a new one: the value
// alone, not its seasons. The old card becomes empty. Its error is a *Refusal.
func MoveResidual(old, next cardlayout.Card, on cardlayout.Day, t *Tariff) (
	emptied, filled cardlayout.Card, err error,
) {
	a := asking{t, "moving the value of an ended card"}
	until := t.Office.Lifetime.Residual.After(old.ValidUntil)
	switch {
	case a.termsRefused() != nil:
		err = a.termsRefused()
	case old.ValidUntil == 0 || on <= old.ValidUntil:
		err = a.refuse(33, "let the customer travel with it", "the card has not ended")
	case old.Blocked && old.Kind != cardlayout.Bearer:
		err = a.refuse(104, "replace it as a lost card", "the card is blocked")
	case on > until:
		err = a.refuse(33, "tell the customer that the value is written off",
			"it could be moved until %v", until)
	case old.Area != next.Area:
		err = a.refuse(27, "sell a card of the same area", "the new card is another area's")
	case next.Kind != old.Kind || next.Blocked:
		err = a.refuse(33, "sell a card of the same kind",
			"a %v card's value goes to a new card of that kind", old.Kind)
	case old.Purse > cardlayout.MaxPurse-next.Purse:
		err = a.refuse(0, "move it to an empty card", "the new card has no room for %s",
			euros(old.Purse))
	}
	if err != nil {
		return old, next, err
	}
	emptied, filled = old, next
	filled.Purse += old.Purse
	filled.Kept = min(next.Kept, next.Purse) + min(old.Kept, old.Purse)
	emptied.Purse, emptied.Kept = 0, 0
	emptied.Counter++
	filled.Counter++
	if err := filled.Check(); err != nil {
		return old, next, err
	}
	return emptied, filled, emptied.Check()
}

// WriteOff is the value of an ended card that nobody can move any more; 0 while
// it may still be moved.
func WriteOff(card cardlayout.Card, on cardlayout.Day, t *Tariff) cardlayout.Cents {
	if !t.Office.Stated || !writtenOff(&card, on, t) {
		return 0
	}
	return card.Purse
}

// writtenOff tells whether a card has ended so long ago that its value is the area's.
func writtenOff(card *cardlayout.Card, on cardlayout.Day, t *Tariff) bool {
	return card.ValidUntil != 0 && on > t.Office.Lifetime.Residual.After(card.ValidUntil)
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
	MoveTo     bool // its tickets are moved to the new card

	// NumberKnown says that the number can be read from the card or another document,
	// ContentKnown that the register tells what is on it.
	NumberKnown, ContentKnown bool
}

// Replace is what a replacement costs the customer; no lines mean that it is free. Its
// error is a *Refusal.
func Replace(r Replacement, t *Tariff) (Lines, error) {
	a := asking{t, "replacing a card"}
	if err := a.replaceRefused(&r); err != nil {
		return nil, err
	}
	guaranteed := r.On <= t.Office.Lifetime.Guarantee.After(r.Bought)
	if r.Cause == Broken && guaranteed {
		return nil, nil
	}
	rule := RuleID(31)
	if r.Cause == Lost {
		rule = 104
	}
	fee := t.Office.CardFee[ServicePoint]
	if fee == NoPrice {
		return nil, a.refuse(rule, "ask the provider what a new card costs",
			"tariff %s gives no price of a card at a %v", t.ID, ServicePoint)
	}
	var lines Lines
	add := func(item Item, fee cardlayout.Cents) {
		if fee > 0 {
			lines = append(lines, Line{Item: item, Amount: fee, Payer: TheCustomer, Rule: rule})
		}
	}
	add(CardItem, fee)
	if r.MoveTo {
		add(ProcessingItem, t.Office.Refund.Fee)
	}
	return lines, nil
}

func (a *asking) replaceRefused(r *Replacement) error {
	if err := a.termsRefused(); err != nil {
		return err
	}
	switch {
	case r.Cause < Broken || r.Cause > Lost:
		return a.refuse(110, "ask what happened to the card", "it has no cause")
	case r.Cause == Lost && r.Kind == cardlayout.Bearer:
		return a.refuse(108, "sell a new card: a bearer card is like cash",
			"what was on a lost bearer card is not replaced")
	case r.MoveTo && !r.NumberKnown:
		return a.refuse(110, "ask for the card's number, for example from its history",
			"nobody can tell which card it is")
	case r.MoveTo && !r.ContentKnown:
		return a.refuse(110, "wait until the register has heard of the card",
			"the register does not tell what is on it")
	}
	return nil
}

// Renew puts on a new card what its holder keeps of an old one that it replaces:
// all of it, and of a card that has ended the value alone, for as long as it may be moved
// . Its error is a *Refusal, or says what the new card cannot hold.
func Renew(old, next cardlayout.Card, on cardlayout.Day, t *Tariff) (cardlayout.Card, error) {
	if old.ValidUntil == 0 || on <= old.ValidUntil {
		return MoveTickets(old, next)
	}
	old.Blocked = false // as a lost card is, whose value moves all the same
	_, filled, err := MoveResidual(old, next, on, t)
	return filled, err
}

// MoveTickets puts all that is on one card on a new one like it, which has nothing yet
// value, seasons, rights, the running journey and what the day has used up.
// Its error is a *Refusal, or says what the new card cannot hold.
func MoveTickets(old, next cardlayout.Card) (cardlayout.Card, error) {
	a := asking{asked: "moving tickets"}
	switch {
	case next.Blocked:
		return next, a.refuse(110, "move them to a card that can be used",
			"the new card is blocked")
	case next.Number == old.Number:
		return next, a.refuse(110, "move them to a new card", "it is the card they are on")
	case next.Purse != 0 || next.Seasons != [2]cardlayout.Season{}:
		return next, a.refuse(110, "move them to an empty card", "the new card holds tickets")
	case next.Area != old.Area || next.Kind != old.Kind || next.Group != old.Group:
		return next, a.refuse(110, "issue a card like the old one",
			"the new card has another area, kind or group")
	case next.Birth != old.Birth:
		return next, a.refuse(110, "issue a card to the holder of the old one",
			"the new card has another day of birth")
	}
	filled := moved(&old, &next)
	filled.Counter++
	if err := filled.Check(); err != nil {
		return next, err
	}
	return filled, nil
}

// moved is what is on the old card, on the new one. Of the new one stays what makes it that
// card: whose number it is, how long it lasts, what it can, and its own counts.
func moved(old, next *cardlayout.Card) cardlayout.Card {
	c := *old
	c.Number, c.Issued, c.ValidUntil = next.Number, next.Issued, next.ValidUntil
	c.Generation, c.TransactionMAC = next.Generation, next.TransactionMAC
	c.Counter, c.Actions, c.Last = next.Counter, next.Actions, next.Last
	c.Blocked, c.Unblocking = next.Blocked, next.Unblocking
	c.Ticket, c.Record = next.Ticket, next.Record // of a tap, and never read
	return c
}

// BlockRefused tells whether a card cannot be blocked; nil means that it
// can.
func BlockRefused(k cardlayout.Kind) error {
	if k != cardlayout.Bearer {
		return nil
	}
	a := asking{asked: "blocking a card"}
	return a.refuse(108, "tell the customer that it is like cash",
		"a bearer card cannot be blocked")
}
