package fare

import (
	"errors"
	"fmt"

	"leima/cardlayout"
)

// An Action is what waits for a card in an action list (toimintolista): a load that was
// bought elsewhere, or the end of a block. Any device of the area may do it, at
// the card's next tap, and the card itself sees to it that only one does: the action
// states the action counter that it expects on the card and the one that it leaves, which
// together name it, and nothing is done unless the counter is the expected one.
type Action struct {
	_ struct{} `cbor:",toarray"`

	Expects uint32 // the card's action counter before it
	Leaves  uint32 // and after it: higher, and never given to two actions

	// First and Last are the service days on which it may be done. The issuer may expect
	// the same counter of another action only when no device can still report that this one
	// was done: after Last and the longest delay of an upload.
	First, Last cardlayout.Day

	Kind ActionKind

	// Amount is what is added to the purse, or the price that was paid for the season.
	Amount cardlayout.Cents

	// The season. Its days are those that were bought, whatever the product has today.
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

var actionNames = [...]string{
	ValueAction: "value", SeasonAction: "season", UnblockAction: "unblock",
}

func (k ActionKind) String() string {
	if int(k) < len(actionNames) && actionNames[k] != "" {
		return actionNames[k]
	}
	return fmt.Sprintf("action kind %d", uint8(k))
}

// ActionDays is for how many days an action waits, its first day included (R-195: a load
// from the web is picked up within 14 days).
const ActionDays = 14

// Check tells why no card can ever have the action done.
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
	case a.Kind == UnblockAction && !season && a.Amount == 0 && a.Funder == Nobody:
		return nil
	}
	return fmt.Errorf("its content is not that of kind %v", a.Kind)
}

// Left is why an action was left in the list; 0: it was done. The numbers are written to
// logs for ever.
type Left uint8

// The reasons, in order of precedence.
const (
	LeftCounter Left = 1 // the card expects another: it has had this one, or an earlier one is due
	LeftUnknown Left = 2 // what it asks for, or the product, is not known here
	LeftEarly   Left = 3 // its first day is still to come
	LeftLate    Left = 4 // its last day is over
	LeftCard    Left = 5 // the card is of another area or kind, blocked, or past its technical life
	LeftRoom    Left = 6 // the card has no room: the purse is full, or a season waits already
)

var leftNames = [...]string{
	0: "done", LeftCounter: "another counter", LeftUnknown: "not known here",
	LeftEarly: "too early", LeftLate: "too late", LeftCard: "not for this card",
	LeftRoom: "no room",
}

func (l Left) String() string {
	if int(l) < len(leftNames) {
		return leftNames[l]
	}
	return fmt.Sprintf("left %d", uint8(l))
}

// A Pickup is what became of an action at a tap.
type Pickup struct {
	Expects, Leaves uint32 // its name, on its card
	Kind            ActionKind
	Amount          cardlayout.Cents // added to the purse, or paid for the season
	Product         uint16           // of a season
	Left            Left
}

// String says it in a few words, without its name.
func (p Pickup) String() string {
	what := p.Kind.String()
	if p.Kind == ValueAction {
		what += " " + p.Amount.String()
	}
	if p.Left != 0 {
		return fmt.Sprintf("%s waits: %v", what, p.Left)
	}
	return what + " picked up"
}

// Loaded is what the action has added to the purse at this tap.
func (p *Pickup) Loaded() cardlayout.Cents {
	if p.Kind != ValueAction || p.Left != 0 {
		return 0
	}
	return p.Amount
}

// Apply does, in order, the actions that the card expects, and tells what became of each.
// It is total: what cannot be done is left for another tap, and the card without it is as
// it was. The card that it returns is the one to decide about; Decision.Stamp then makes
// the whole one transaction.
//
// Nothing of a sale is judged again: it was made elsewhere, under the terms of its day.
//
// A blocked card gets no load, unless it is unblocked in the same tap; an older list that
// still names it counts no more then. And no passenger is ever refused for an action: where
// the card holds either the fare or the load, the load waits. So it does while the card is
// at the driver's for another.
func Apply(card cardlayout.Card, tap Tap, t *Tariff) (cardlayout.Card, []Pickup) {
	if len(tap.Waiting) == 0 || tap.Errand != nil || tap.Check {
		return card, nil
	}
	p := picking{tap: &tap, tariff: t, unblocked: true}
	after, picked := p.all(card)
	if tap.Listing.blocks(&after) {
		p.unblocked = false
		after, picked = p.all(card)
	}
	if after == card || !refuses(after, tap, t) || refuses(card, tap, t) {
		return after, picked
	}
	for n := range picked {
		if picked[n].Left == 0 {
			picked[n].Left = LeftRoom
		}
	}
	return card, picked
}

func refuses(card cardlayout.Card, tap Tap, t *Tariff) bool {
	d := Decide(card, tap, t)
	return !d.Accept()
}

// Stamp completes a decision about the card that Apply has made of the one held. What the
// actions have changed is written, also where nobody travels: as one transaction, with
// what the decision itself has changed.
func (d *Decision) Stamp(held *cardlayout.Card, event cardlayout.EventID) {
	if d.After.Actions == held.Actions {
		return
	}
	d.because(195)
	if d.After.Counter == held.Counter {
		stamp(&d.After, event)
	}
}

// A picking is the actions of a card being done.
type picking struct {
	tap       *Tap
	tariff    *Tariff
	unblocked bool // whether a block of the card stands in no load's way
}

func (p *picking) all(card cardlayout.Card) (cardlayout.Card, []Pickup) {
	picked := make([]Pickup, len(p.tap.Waiting))
	for n := range picked {
		a := &p.tap.Waiting[n]
		next, left := p.one(card, a)
		if left == 0 {
			card = next
		}
		picked[n] = Pickup{Expects: a.Expects, Leaves: a.Leaves, Kind: a.Kind,
			Amount: a.Amount, Product: a.Product, Left: left}
	}
	return card, picked
}

// one is the card with an action done, or why it is not.
func (p *picking) one(card cardlayout.Card, a *Action) (cardlayout.Card, Left) {
	day := p.tariff.ServiceDay(p.tap.At)
	switch {
	case a.Expects != card.Actions:
		return card, LeftCounter
	case a.Check() != nil:
		return card, LeftUnknown
	case day < a.First:
		return card, LeftEarly
	case day > a.Last:
		return card, LeftLate
	case card.Area != p.tariff.Area:
		return card, LeftCard // another area's action counters are not ours
	}
	after, left := p.done(card, a)
	if left != 0 {
		return card, left
	}
	after.Actions = a.Leaves
	stamped := after
	stamp(&stamped, p.tap.Event)
	if stamped.Check() != nil { // the purse, too, has an end
		return card, LeftRoom
	}
	return after, 0
}

func (p *picking) done(card cardlayout.Card, a *Action) (cardlayout.Card, Left) {
	switch {
	case a.Kind == UnblockAction && p.tariff.Office.Lifetime.BlockedForGood:
		return card, LeftCard // it is out of use since it was blocked
	case a.Kind == UnblockAction && card.Unblocking == 255:
		return card, LeftRoom // it could no longer be told from one that is blocked
	case a.Kind == UnblockAction:
		card.Blocked = false
		card.Unblocking++
		return card, 0
	case !p.unblocked && p.tap.Listing.blocks(&card):
		return card, LeftCard
	}
	l := newLoad(card, a.sale(p.tap), p.tariff, &SaleRule{}, a.Kind.String())
	switch {
	case l.pastItsLife():
		return card, LeftCard
	case a.Kind == ValueAction:
		return l.withValue(a.Amount), 0
	}
	return a.season(l)
}

// sale is the action's, done now.
func (a *Action) sale(tap *Tap) Sale {
	return Sale{At: tap.At, Organisation: a.Organisation, Device: a.Device, Channel: WebShop,
		Funding: Funding{By: a.Funder}}
}

// season: one that was loaded and is not yet begun must begin before another comes
// it goes behind the one in use.
func (a *Action) season(l *load) (cardlayout.Card, Left) {
	product, known := l.tariff.Season(a.Product)
	switch {
	case !known:
		return l.card, LeftUnknown
	case product.Personal && l.card.Kind != cardlayout.Personal:
		return l.card, LeftCard
	case l.waits(0) || l.waits(1):
		return l.card, LeftRoom
	}
	product.Days = a.Days
	season := l.asBought(&product, a.Zones, a.Amount)
	after, err := l.withSeason(season)
	if err != nil {
		return l.card, LeftRoom
	}
	return after, 0
}

// waits tells whether a slot holds a season that has not begun.
func (l *load) waits(slot int) bool {
	s := &l.card.Seasons[slot]
	return s.First == 0 && s.Days != 0
}
