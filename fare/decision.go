package fare

import (
	"time"

	"leima/cardlayout"
)

// A Tap holds the circumstances of a tap: everything that a decision needs besides the card and
// the tariff. Nothing is looked up later.
type Tap struct {
	At        time.Time
	Certainty Certainty          // of At
	Event     cardlayout.EventID // the number this tap's event will have
	Vehicle   uint16             // 14 bits
	Direction uint8              // 0 or 1
	Trip      uint16             // the departure's number
	Zone      uint8              // of the stop, 1 to 10

	// OtherTrip: as the device knows, the card was last stamped on another vehicle, line or
	// direction, whatever the departure's number. LastBoarding is that of the card's value
	// ticket, if it was read.
	OtherTrip    bool
	LastBoarding cardlayout.Boarding

	// Also are the zones of which a right for one is enough as well: the next stop's if the bus is
	// between two zones, and the others of a stop that lies in several. Unsure: it is not known in
	// which of them, or in Zone, the bus is, and the cheapest is charged.
	Also   cardlayout.ZoneSet
	Unsure bool

	// Zones is the run of zones that a passenger pays for by default. Chosen is the driver's
	// choice for this tap instead; 0 if none.
	Zones, Chosen cardlayout.Zones

	// Persons is the party that the driver has announced. Index 0 counts persons of the holder's
	// group. If it is empty, the party of the running journey travels, or else the holder.
	Persons cardlayout.Persons

	// Lent: the driver saw that the card is not its owner's; personal products and prices do
	// not count.
	Lent bool

	Listing     Listing
	Unconfirmed Unconfirmed
}

// A Listing is what the block list says of the card.
type Listing struct {
	Listed bool

	// Unblocking is the card's unblocking number that the entry is for. A card with a higher
	// number was unblocked since.
	Unblocking uint8

	// Provisional: the list may name the card by mistake, as when it suddenly names very many.
	// The card is refused but not marked.
	Provisional bool
}

// matches reports whether the list means the card as it is now.
func (l Listing) matches(c *cardlayout.Card) bool {
	return l.Listed && c.Unblocking <= l.Unblocking
}

// Blocks reports whether the card is blocked, on itself or on the list. A bearer card cannot
// be blocked.
func (l Listing) Blocks(c *cardlayout.Card) bool {
	return c.Kind != cardlayout.Bearer && (c.Blocked || l.matches(c))
}

// Unconfirmed is an acceptance whose commit was not answered and which the card holds: the event
// of the card's last tap here. It is zero if there is none.
type Unconfirmed struct {
	Event  cardlayout.EventID
	At     cardlayout.Instant
	Trip   uint16
	Charge cardlayout.Cents

	// Elsewhere: it was on another vehicle, line or direction than this tap.
	Elsewhere bool
}

// A Decision is the result of a tap. It holds the card as it should become: to charge, stamp,
// block or begin a season is a difference between After and the card that was read.
type Decision struct {
	Reason Reason
	Charge cardlayout.Cents // taken from the purse by this tap

	// Paid is the price that the passenger is shown: Charge, the charge of an unconfirmed tap, or
	// the fare that the purse does not hold.
	Paid cardlayout.Cents

	Persons uint8             // boarding
	Zones   cardlayout.Zones  // to be travelled
	Product uint16            // that pays, in the area's codes
	Source  cardlayout.Source // the product's kind
	Until   cardlayout.Stamp  // end of the transfer right, or last day of the season

	// ListError: the list names a bearer card, which cannot be blocked. The passenger
	// travels and the event says so.
	ListError bool

	// Why holds the rules that decided, in order, up to the first zero.
	Why [8]RuleID

	After cardlayout.Card
}

// Accept reports whether the passenger may travel.
func (d *Decision) Accept() bool { return d.Reason.Accept() }

// Because adds rules to Why. If Why is full, the rest is left out.
func (d *Decision) Because(rules ...RuleID) {
	n := 0
	for n < len(d.Why) && d.Why[n] != 0 {
		n++
	}
	copy(d.Why[n:], rules)
}

// Rules are the rules that decided, in order.
func (d *Decision) Rules() []RuleID {
	for n, rule := range d.Why {
		if rule == 0 {
			return d.Why[:n]
		}
	}
	return d.Why[:]
}

// Stamp completes a decision about a card that waiting actions have changed from the one held. The
// change is written even if nobody travels, in one transaction with the decision's own.
func (d *Decision) Stamp(held *cardlayout.Card, event cardlayout.EventID) {
	if d.After.ActionCounter == held.ActionCounter {
		return
	}
	d.Because(RuleWaitingActions)
	if d.After.Counter == held.Counter {
		d.After.Stamp(event)
	}
}
