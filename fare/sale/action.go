package sale

import (
	"errors"
	"fmt"

	"leima/cardlayout"
	"leima/fare"
)

// An Action waits for a card in an action list (toimintolista): a load that was bought elsewhere,
// or the end of a block. Any device of the area may carry it out at the card's next tap,
// and the card makes sure that only one does: the action states the action counter that it
// expects on the card and the one that it leaves. Both together identify it. If the counter is
// another, nothing is done.
type Action struct {
	_ struct{} `cbor:",toarray"`

	Expects uint32 // the card's action counter before
	Leaves  uint32 // and after: higher, and never given to two actions

	// First and Last are the service days on which it may be done. The issuer expects the same
	// counter of another action only when no device can still report this one as done: after
	// Last and the longest delay of an upload.
	First, Last cardlayout.Day

	Kind ActionKind

	// Amount is added to the purse, or was paid for the season.
	Amount cardlayout.Cents

	// The season. Its days are those that were bought, whatever the product has now.
	Product uint16
	Zones   cardlayout.Zones
	Days    uint16

	// The sale: who paid, and where.
	Funder       Funder
	Organisation uint16 // the seller, 14 bits
	Device       uint16 // the seller's, 14 bits; 13 of a season
}

// ActionKind is what an action does.
type ActionKind uint8

// The kinds of action.
const (
	ValueAction   ActionKind = 1 // adds value to the purse
	SeasonAction  ActionKind = 2 // puts a season onto the card
	UnblockAction ActionKind = 3 // unblocks, and raises the unblocking number
)

var actionKindNames = [...]string{
	ValueAction: "value", SeasonAction: "season", UnblockAction: "unblock",
}

func (k ActionKind) String() string {
	if int(k) < len(actionKindNames) && actionKindNames[k] != "" {
		return actionKindNames[k]
	}
	return fmt.Sprintf("action kind %d", uint8(k))
}

// ActionDays is for how many days an action waits, counting the first (R-195: a load from the web
// is picked up within 14 days).
const ActionDays = 14

// Check reports why no card can ever take the action.
func (a *Action) Check() error {
	switch {
	case a.Leaves <= a.Expects:
		return fmt.Errorf("it leaves the action counter at %d, which it expects at %d: "+
			"want a higher one", a.Leaves, a.Expects)
	case a.First < 0 || a.Last > cardlayout.MaxDay || a.Last < a.First:
		return fmt.Errorf("it waits from %v to %v", a.First, a.Last)
	case a.Funder > Benefit:
		return fmt.Errorf("its funder %d is none", a.Funder)
	case a.Organisation >= 1<<14 || a.Device >= 1<<14:
		return errors.New("its seller's numbers have more than 14 bits")
	}
	season := a.Product != 0 || a.Zones != 0 || a.Days != 0
	switch {
	case a.Kind == ValueAction && !season && a.Amount > 0 && a.Amount <= cardlayout.MaxPurse:
		return nil
	case a.Kind == SeasonAction && a.Zones != 0 && a.Zones <= cardlayout.MaxZones &&
		a.Days != 0 && a.Amount >= 0:
		return nil // whether its codes fit, the card says
	case a.Kind == UnblockAction && !season && a.Amount == 0 && a.Funder == Unfunded:
		return nil
	}
	return fmt.Errorf("its content is not that of kind %v", a.Kind)
}

// ActionStatus is why an action was left in the list; 0: it was done. The numbers are written to
// journals and never change.
type ActionStatus uint8

// The statuses, in order of precedence.
const (
	// the card expects another: this one was done, or an earlier one is due
	ActionCounterMismatch ActionStatus = 1
	ActionUnknown         ActionStatus = 2 // an unknown product, or content out of bounds
	ActionTooEarly        ActionStatus = 3 // its first day is still to come
	ActionTooLate         ActionStatus = 4 // its last day is over
	// the card is of another area or kind, blocked, or past its technical life
	ActionWrongCard ActionStatus = 5
	// the card has no room: the purse is full, or a season waits already
	ActionNoRoom ActionStatus = 6
)

var actionStatusNames = [...]string{
	0: "done", ActionCounterMismatch: "another counter", ActionUnknown: "not known here",
	ActionTooEarly: "too early", ActionTooLate: "too late", ActionWrongCard: "not for this card",
	ActionNoRoom: "no room",
}

func (l ActionStatus) String() string {
	if int(l) < len(actionStatusNames) {
		return actionStatusNames[l]
	}
	return fmt.Sprintf("left %d", uint8(l))
}

// An ActionResult is the result of an action at a tap.
type ActionResult struct {
	_ struct{} `cbor:",toarray"` // in a journal

	Expects, Leaves uint32 // identify the action on its card
	Kind            ActionKind
	Amount          cardlayout.Cents // added to the purse, or paid for the season
	Product         uint16           // of a season
	Status          ActionStatus
}

// String is the result in a few words, without the counters.
func (p ActionResult) String() string {
	what := p.Kind.String()
	if p.Kind == ValueAction {
		what += " " + p.Amount.String()
	}
	if p.Status != 0 {
		return fmt.Sprintf("%s waits: %v", what, p.Status)
	}
	return what + " picked up"
}

// ValueAdded is the value added to the purse at this tap, in cents.
func (p *ActionResult) ValueAdded() cardlayout.Cents {
	if p.Kind != ValueAction || p.Status != 0 {
		return 0
	}
	return p.Amount
}

// Apply does the actions that the card expects, in order, and returns the result of each. It is
// total: an action that cannot be done waits for another tap, and the card stays without it. The
// returned card is the one to decide about; Decision.Stamp then makes it all one transaction.
//
// The conditions of a sale are not checked again: it was made elsewhere, under the terms of its
// day.
//
// A blocked card takes no load, unless the same tap unblocks it; an older list that still names it
// then no longer counts. No passenger is refused because of an action: if the card can hold only
// the fare or the load, the load waits.
func Apply(card cardlayout.Card, waiting []Action, tap fare.Tap, t *fare.Tariff) (
	cardlayout.Card, []ActionResult,
) {
	if len(waiting) == 0 {
		return card, nil
	}
	p := actionApplier{tap: &tap, tariff: t, waiting: waiting, ignoreBlock: true}
	after, results := p.applyAll(card)
	if tap.Listing.Blocks(&after) {
		p.ignoreBlock = false
		after, results = p.applyAll(card)
	}
	if after == card || !refused(after, tap, t) || refused(card, tap, t) {
		return after, results
	}
	for n := range results {
		if results[n].Status == 0 {
			results[n].Status = ActionNoRoom
		}
	}
	return card, results
}

func refused(card cardlayout.Card, tap fare.Tap, t *fare.Tariff) bool {
	d := fare.Decide(card, tap, t)
	return !d.Accept()
}

// An actionApplier does the actions of a card.
type actionApplier struct {
	tap         *fare.Tap
	tariff      *fare.Tariff
	waiting     []Action // for the card, in the list's order
	ignoreBlock bool     // loads the card although it is blocked
}

func (p *actionApplier) applyAll(card cardlayout.Card) (cardlayout.Card, []ActionResult) {
	results := make([]ActionResult, len(p.waiting))
	for n := range results {
		a := &p.waiting[n]
		next, left := p.apply(card, a)
		if left == 0 {
			card = next
		}
		results[n] = ActionResult{
			Expects: a.Expects, Leaves: a.Leaves, Kind: a.Kind,
			Amount: a.Amount, Product: a.Product, Status: left,
		}
	}
	return card, results
}

// apply returns the card after an action, or the reason why it is not done.
func (p *actionApplier) apply(card cardlayout.Card, a *Action) (cardlayout.Card, ActionStatus) {
	day := p.tariff.ServiceDay(p.tap.At)
	switch {
	case a.Expects != card.ActionCounter:
		return card, ActionCounterMismatch
	case a.Check() != nil:
		return card, ActionUnknown
	case day < a.First:
		return card, ActionTooEarly
	case day > a.Last:
		return card, ActionTooLate
	case card.Area != p.tariff.Area:
		return card, ActionWrongCard // another area's action counters are not ours
	}
	after, left := p.perform(card, a)
	if left != 0 {
		return card, left
	}
	after.ActionCounter = a.Leaves
	stamped := after
	stamped.Stamp(p.tap.Event)
	if stamped.Check() != nil { // the purse may be full
		return card, ActionNoRoom
	}
	return after, 0
}

func (p *actionApplier) perform(card cardlayout.Card, a *Action) (cardlayout.Card, ActionStatus) {
	switch {
	case a.Kind == UnblockAction && p.tariff.Terms.Lifetime.BlockedForGood:
		return card, ActionWrongCard // it has been out of use since the block
	case a.Kind == UnblockAction && card.Unblocking == 255:
		return card, ActionNoRoom // the number could not tell it from a blocked card any more
	case a.Kind == UnblockAction:
		card.Blocked = false
		card.Unblocking++
		return card, 0
	case !p.ignoreBlock && p.tap.Listing.Blocks(&card):
		return card, ActionWrongCard
	}
	l := newLoad(card, a.sale(p.tap), p.tariff, &fare.SaleRule{}, fare.Phrase{})
	switch {
	case l.expired():
		return card, ActionWrongCard
	case a.Kind == ValueAction:
		return l.withValue(a.Amount), 0
	}
	return a.season(l)
}

// sale is the sale of the action, done now.
func (a *Action) sale(tap *fare.Tap) Sale {
	return Sale{
		At: tap.At, Organisation: a.Organisation, Device: a.Device, Channel: fare.WebShop,
		Funding: Funding{By: a.Funder},
	}
}

// season adds a season, behind the one in use. A loaded season that has not begun must
// begin before another comes.
func (a *Action) season(l *loading) (cardlayout.Card, ActionStatus) {
	product, known := l.tariff.Season(a.Product)
	switch {
	case !known:
		return l.card, ActionUnknown
	case product.Personal && l.card.Kind != cardlayout.Personal:
		return l.card, ActionWrongCard
	case l.notBegun(0) || l.notBegun(1):
		return l.card, ActionNoRoom
	}
	product.Days = a.Days
	season := l.newSeason(&product, a.Zones, a.Amount)
	after, err := l.withSeason(season)
	if err != nil {
		return l.card, ActionNoRoom
	}
	return after, 0
}

// notBegun reports whether a slot, 0 or 1, holds a season that has not begun.
func (l *loading) notBegun(slot int) bool {
	s := &l.card.Seasons[slot]
	return s.First == 0 && s.Days != 0
}
