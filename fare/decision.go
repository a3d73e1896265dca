package fare

import (
	"time"

	"leima/cardlayout"
)

// A Tap is the circumstances of a tap: everything a decision needs to know
// besides the card and the tariff. It is gathered before and nothing is looked
// up later.
type Tap struct {
	At        time.Time
	Certainty Certainty          // how far At is known
	Event     cardlayout.EventID // the number this tap's event will have
	Vehicle   uint16             // 14 bits
	Direction uint8              // 0 or 1
	Trip      uint16             // the departure's number
	Zone      uint8              // of the stop, 1 to 10

	// Elsewhere says that the card was stamped last on another vehicle, line or direction,
	// whatever the departure's number: the device knows it. Stamped is the boarding of the
	// card's value ticket, where it was read.
	Elsewhere bool
	Stamped   cardlayout.Boarding

	// NextZone is that of the next stop, where the bus is between two zones: a right for
	// either is enough. 0 if it is not.
	NextZone uint8

	// Zones is the run of zones a passenger pays for who says nothing. Chosen is
	// what the driver has set instead for this tap; 0 if nothing.
	Zones, Chosen cardlayout.Zones

	// Persons is the party the driver has announced. Index 0 counts persons of
	// the holder's group. None at all means nothing was said: whoever travelled on
	// the running journey, or else the holder alone.
	Persons cardlayout.Persons

	// Lent says that the driver saw somebody else use the card: what is for its owner
	// alone does not count.
	Lent bool

	// Errand is what the card is presented for instead of a trip; nil: it is to travel.
	Errand *Errand

	// Check says that the card is only looked at: nothing is decided about it.
	Check bool

	Listing Listing
	Unheard Earlier

	// Waiting are the card's actions in the list, in their order. Apply does them before
	// anything is decided; Decide itself knows nothing of them.
	Waiting []Action
}

// A Listing is what the block list says of the card.
type Listing struct {
	Listed bool

	// Unblocking is the card's unblocking number the entry was made for. A card
	// with a higher one has been unblocked since.
	Unblocking uint8

	// Held says that the list may name the card by mistake, as one that suddenly names
	// very many: the card is refused and not marked.
	Held bool
}

// names tells whether the list means the card as it now is.
func (l Listing) names(c *cardlayout.Card) bool {
	return l.Listed && c.Unblocking <= l.Unblocking
}

// blocks tells whether the card may not be used, for what is on it or on the list. A bearer
// card cannot be blocked.
func (l Listing) blocks(c *cardlayout.Card) bool {
	return c.Kind != cardlayout.Bearer && (c.Blocked || l.names(c))
}

// Earlier is an acceptance that the card has committed and we have not heard: the
// event of the card's last tap here. It is zero if there is none.
type Earlier struct {
	Event  cardlayout.EventID
	At     cardlayout.Instant
	Trip   uint16
	Charge cardlayout.Cents

	// Elsewhere says that it was on another vehicle, line or direction than this tap.
	Elsewhere bool

	// Loaded says that it was a load at the driver's and no trip; Asked, that it was made
	// for the errand that stands. Doubt says that nobody can tell whether it was made.
	Loaded, Asked, Doubt bool
}

// A Decision is what a tap comes to. It holds the card as it should become:
// charging, stamping, blocking and starting a season are all differences between
// After and the card that was read.
type Decision struct {
	Reason Reason
	Charge cardlayout.Cents // taken from the purse by this tap

	// Paid is what the passenger is told the trip costs: Charge; what was charged
	// by the tap that went unheard; or the fare that the purse does not hold.
	Paid cardlayout.Cents

	Persons uint8             // who board
	Zones   cardlayout.Zones  // to be travelled
	Product uint16            // the product that pays, in the area's codes
	Source  cardlayout.Source // its kind
	Until   cardlayout.Stamp  // end of the transfer right, or last day of the season

	// ListError says that the list names a bearer card, which cannot be blocked
	// the passenger travels, the event tells.
	ListError bool

	// Loaded is the errand that was done, with its receipt; nil: there was none. Refused is
	// why it was not, a *Refusal for every refusal.
	Loaded  *Loaded
	Refused error

	// Why holds the rules that decided, in order, up to the first zero.
	Why [8]RuleID

	After cardlayout.Card
}

// Accept tells whether the passenger may travel.
func (d *Decision) Accept() bool { return d.Reason.Accept() }

// because adds rules to Why; what finds no room is the least important.
func (d *Decision) because(rules ...RuleID) {
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
