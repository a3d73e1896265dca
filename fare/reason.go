package fare

import (
	"errors"
	"fmt"

	"leima/cardlayout"
)

// A Reason is why a decision is what it is. The numbers are written to logs for
// ever: they are never changed, and they stand in order of precedence, so that
// where several reasons apply the lowest number is given. The gaps are for the
// rules to come.
type Reason uint8

// The reasons.
const (
	// The card cannot be read as one of ours.
	NotOurs        Reason = 10 // no application of ours, or no DESFire card
	Forged         Reason = 14 // without our keys, or changed by someone without
	Malformed      Reason = 18 // damaged content
	UnknownVersion Reason = 22 // a newer layout than this program knows

	// The card may not be used at all.
	Blocked Reason = 30 // on the card or on the list
	Expired Reason = 34 // past its technical life

	// The card has just been here.
	Unheard        Reason = 40 // committed, and we did not hear it: let in, not charged again
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

	// Without a card, on the driver's word: no decision, but an event for the count.
	FreeDevices Reason = 120 // neither reader nor the driver's device works
	FreeCard    Reason = 124 // the card is faulty
	FreeTicket  Reason = 128 // a paper ticket whose transfer right runs was shown
	FreeVeteran Reason = 132 // a veteran's ticket was shown
	FreePram    Reason = 136 // a pram is pushed

	// What a card was presented to the driver for: nobody travels by it.
	Checked       Reason = 140 // it was looked at
	ValueLoaded   Reason = 144
	SeasonLoaded  Reason = 148
	LoadTakenBack Reason = 152
	LoadUnheard   Reason = 156 // committed, and we did not hear it: not loaded again
	NotLoaded     Reason = 160 // refused; the card is as it was

	// What a driver did without a card at the reader.
	SingleSold  Reason = 164 // a single ticket
	Misused     Reason = 168 // a card in the wrong hands
	CardTaken   Reason = 172 // … which the driver keeps
	ErrorMarked Reason = 176 // on a card's history, for a claim
	ShiftBegun  Reason = 180 // a driver has signed on
	ShiftEnded  Reason = 184 // … or off
	Told        Reason = 188 // anything else a driver has told the device, in words
)

// FreeRule is the rule by which a driver lets somebody travel without a card; 0 for what
// is no such reason.
func (r Reason) FreeRule() RuleID {
	switch r {
	case FreeDevices:
		return 57
	case FreeCard:
		return 58
	case FreeTicket:
		return 50
	case FreeVeteran:
		return 156
	case FreePram:
		return 160
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
	Unheard:        "unheard",
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
	LoadUnheard:    "load unheard",
	NotLoaded:      "not loaded",
	SingleSold:     "single sold",
	Misused:        "misused",
	CardTaken:      "card taken",
	ErrorMarked:    "error marked",
	ShiftBegun:     "shift begun",
	ShiftEnded:     "shift ended",
	Told:           "told",
}

func (r Reason) String() string {
	if name, known := reasonNames[r]; known {
		return name
	}
	return fmt.Sprintf("reason %d", uint8(r))
}

// Accept tells whether the passenger may travel on the card for this reason.
func (r Reason) Accept() bool {
	return r == Unheard || r >= Transfer && r < NoFare || r.FreeRule() != 0
}

// Loads tells whether the reason is that of a change a driver has made to what is on a card.
func (r Reason) Loads() bool {
	return r == ValueLoaded || r == SeasonLoaded || r == LoadTakenBack
}

// Done tells whether a card has had what it was presented for: its holder may travel, or
// the driver's errand is done.
func (r Reason) Done() bool {
	return r.Accept() || r.Loads() || r == LoadUnheard || r == Checked
}

// RuleID is the number of a rule of travel, R-001 to R-207.
type RuleID uint16

func (r RuleID) String() string { return fmt.Sprintf("R-%03d", uint16(r)) }

// Unreadable is the decision about a card whose content could not be read. An
// error that says nothing of the card itself is not for it.
func Unreadable(err error) (d Decision, known bool) {
	switch {
	case errors.Is(err, cardlayout.ErrNotOurs):
		d.Reason = NotOurs
	case errors.Is(err, cardlayout.ErrForged):
		d.Reason = Forged
		d.because(34) // a copied or changed card is misuse
	case errors.Is(err, cardlayout.ErrVersion):
		d.Reason = UnknownVersion
	case errors.Is(err, cardlayout.ErrMalformed):
		d.Reason = Malformed
		d.because(58)
	default:
		return d, false
	}
	return d, true
}
