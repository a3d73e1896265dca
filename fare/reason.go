package fare

import (
	"errors"
	"fmt"

	"leima/cardlayout"
)

// A Reason is why a decision is as it is. The numbers are written to journals and never change.
// They are in order of precedence: if several reasons apply, the lowest is given. The gaps are
// for future rules.
type Reason uint8

// The reasons.
const (
	// The card cannot be read as one of ours.
	NotOurs        Reason = 10 // no application of ours, or no DESFire card
	Forged         Reason = 14 // without our keys, or changed without them
	Malformed      Reason = 18 // damaged content
	UnknownVersion Reason = 22 // a newer layout than this program's

	// The card may not be used at all.
	Blocked Reason = 30 // on the card or on the list
	Expired Reason = 34 // past its technical life

	// The card has just been here.
	Recovered      Reason = 40 // committed without an answer: accepted, not charged again
	AlreadyStamped Reason = 44 // again on the same trip: nothing is charged or written

	// The party may not travel on this card.
	PartyRefused Reason = 50

	// A right to travel, in the order of R-168.
	Transfer      Reason = 60 // the transfer right is still running
	School        Reason = 64 // a trip of a school ticket
	Season        Reason = 68 // an active season covers the zones
	SeasonStarted Reason = 72 // a season begins with this validation
	SeasonFollows Reason = 76 // the waiting season takes over
	Value         Reason = 80 // value was taken

	// Nothing on the card pays for the trip.
	NoFare     Reason = 100 // no price for these zones and this group
	TooMany    Reason = 104 // more than the card's fields hold
	BalanceLow Reason = 108 // the purse holds less than the fare

	// Without a card, on the driver's word: an event to count, no decision.
	FreeDevices Reason = 120 // neither the reader nor the driver's device works
	FreeCard    Reason = 124 // the card is faulty
	FreeTicket  Reason = 128 // a paper ticket with a running transfer right
	FreeVeteran Reason = 132 // a veteran's ticket
	FreePram    Reason = 136 // with a pram

	// The card was presented for the driver, not to travel.
	Checked       Reason = 140 // read
	ValueLoaded   Reason = 144
	SeasonLoaded  Reason = 148
	LoadTakenBack Reason = 152
	LoadRecovered Reason = 156 // committed without an answer: not loaded again
	NotLoaded     Reason = 160 // refused; the card is as it was

	// The driver's actions without a card at the reader.
	SingleSold   Reason = 164 // a single ticket
	Misused      Reason = 168 // a card in the wrong hands
	CardTaken    Reason = 172 // … which the driver keeps
	ErrorMarked  Reason = 176 // on a card's history, for a claim
	ShiftBegun   Reason = 180 // a driver has signed on
	ShiftEnded   Reason = 184 // … or off
	CommandGiven Reason = 188 // any other command to the device
)

// FreeRule is the rule by which a driver lets a passenger travel without a card; 0 if the reason
// is another.
func (r Reason) FreeRule() RuleID {
	switch r {
	case FreeDevices:
		return RuleDeviceFault
	case FreeCard:
		return RuleFaultyCard
	case FreeTicket:
		return RulePaperTransfer
	case FreeVeteran:
		return RuleVeteranTicket
	case FreePram:
		return RulePram
	}
	return 0
}

var reasonNames = map[Reason]string{
	NotOurs:        "not ours",
	Forged:         "forged",
	Malformed:      "malformed",
	UnknownVersion: "unknown version",
	Blocked:        "blocked",
	Expired:        "expired",
	Recovered:      "unheard",
	AlreadyStamped: "already stamped",
	PartyRefused:   "party refused",
	Transfer:       "transfer",
	School:         "school",
	Season:         "season",
	SeasonStarted:  "season started",
	SeasonFollows:  "season follows",
	Value:          "value",
	NoFare:         "no fare",
	TooMany:        "too many",
	BalanceLow:     "balance low",
	FreeDevices:    "devices out of order",
	FreeCard:       "card faulty",
	FreeTicket:     "ticket shown",
	FreeVeteran:    "veteran",
	FreePram:       "pram",
	Checked:        "checked",
	ValueLoaded:    "value loaded",
	SeasonLoaded:   "season loaded",
	LoadTakenBack:  "load taken back",
	LoadRecovered:  "load unheard",
	NotLoaded:      "not loaded",
	SingleSold:     "single sold",
	Misused:        "misused",
	CardTaken:      "card taken",
	ErrorMarked:    "error marked",
	ShiftBegun:     "shift begun",
	ShiftEnded:     "shift ended",
	CommandGiven:   "told",
}

func (r Reason) String() string {
	if name, known := reasonNames[r]; known {
		return name
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// Accept reports whether the passenger may travel for this reason.
func (r Reason) Accept() bool {
	return r == Recovered || r >= Transfer && r < NoFare || r.FreeRule() != 0
}

// Loads reports whether the reason is a driver's change to the card's contents.
func (r Reason) Loads() bool {
	return r == ValueLoaded || r == SeasonLoaded || r == LoadTakenBack
}

// ConcernsLoad reports whether the card was presented for such a change, not to travel.
func (r Reason) ConcernsLoad() bool { return r.Loads() || r == LoadRecovered || r == NotLoaded }

// Done reports whether the card's purpose was met: its holder may travel, or the driver's order
// is carried out.
func (r Reason) Done() bool {
	return r.Accept() || r.Loads() || r == LoadRecovered || r == Checked
}

// Unreadable is the decision about a card that could not be read. known is false for an error
// that does not concern the card.
func Unreadable(err error) (d Decision, known bool) {
	switch {
	case errors.Is(err, cardlayout.ErrNotOurs):
		d.Reason = NotOurs
	case errors.Is(err, cardlayout.ErrForged):
		d.Reason = Forged
		d.Because(RuleNoAlteration) // a copied or changed card is misuse
	case errors.Is(err, cardlayout.ErrVersion):
		d.Reason = UnknownVersion
	case errors.Is(err, cardlayout.ErrMalformed):
		d.Reason = Malformed
		d.Because(RuleFaultyCard)
	default:
		return d, false
	}
	return d, true
}
