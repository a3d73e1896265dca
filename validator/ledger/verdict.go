package ledger

import (
	"maps"
	"slices"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// A Verdict is the state of knowledge about one transaction of a card.
type Verdict uint8

// The verdicts.
const (
	Settled Verdict = 1 // one event owns it
	Forged  Verdict = 2 // one event owns it, but the card has not signed it
	Doubled Verdict = 3 // several own it, and no signature tells: a copied card, or a false journal
	InDoubt Verdict = 4 // it happened, and this open event may own it
	Missing Verdict = 5 // it happened, and no journal at hand holds it
	Undone  Verdict = 6 // this event was open, and the card has not committed it
	Open    Verdict = 7 // this event is open, and its result is unknown

	// Presumed settles an event whose answer was lost: no other event claims the transaction, and
	// the purse holds what the event would have left. It is a charge or an action that the device
	// has given up; or a driver's load that was paid for.
	Presumed Verdict = 8

	// Unproved settles an event whose answer was lost, and with it the card's signature: a load
	// replaced the signature before the device met the card again.
	Unproved Verdict = 9
)

var verdictNames = [...]string{
	Settled: "settled", Forged: "forged", Doubled: "doubled", InDoubt: "in doubt",
	Missing: "missing", Undone: "undone", Open: "open",
	Presumed: "presumed", Unproved: "unproved",
}

func (v Verdict) String() string {
	if int(v) >= len(verdictNames) {
		return "unknown verdict"
	}
	return verdictNames[v]
}

// A Line is one transaction of a card, or a run of missing ones.
type Line struct {
	Card    cardlayout.Number
	Counter uint32 // of the card after the transaction; 0 after the last that 32 bits hold
	Last    uint32 // the end of the run that begins at Counter; otherwise equal
	Verdict Verdict
	Events  []validator.Event // that claim it
}

// Transactions is the number of transactions in the line.
func (l *Line) Transactions() uint64 { return uint64(l.Last-l.Counter) + 1 }

// Lines are all transactions that the journals hold or lack, by card and counter.
func (l *Ledger) Lines() []Line {
	var lines []Line
	for _, card := range slices.Sorted(maps.Keys(l.cards)) {
		lines = append(lines, l.linesOf(card)...)
	}
	return lines
}

// linesOf goes from claim to claim; the transactions between them are missing.
func (l *Ledger) linesOf(card cardlayout.Number) (lines []Line) {
	h := l.cards[card]
	h.signs = l.signs(h)
	add := func(line Line) {
		if n := len(lines) - 1; n >= 0 && line.Verdict == Missing &&
			lines[n].Verdict == Missing && lines[n].Last+1 == line.Counter {
			lines[n].Last = line.Last
			return
		}
		lines = append(lines, line)
	}
	missing := func(first, last uint64) {
		if first <= last {
			add(Line{Card: card, Counter: uint32(first), Last: uint32(last), Verdict: Missing})
		}
	}
	next := uint64(h.first) + 1
	for _, counter := range slices.Sorted(maps.Keys(h.claims)) {
		missing(next, counter-1)
		for _, line := range l.verdictsAt(card, counter) {
			add(line)
		}
		next = counter + 1
	}
	missing(next, uint64(h.last))
	return lines
}

// verdictsAt determines the owner of a transaction, and the verdicts on its other claims.
func (l *Ledger) verdictsAt(card cardlayout.Number, counter uint64) (lines []Line) {
	h := l.cards[card]
	say := func(v Verdict, claims []*claim) {
		lines = append(lines, Line{card, uint32(counter), uint32(counter), v, events(claims)})
	}
	owners, open := h.claimants(counter)
	happened := counter <= uint64(h.last)
	switch {
	case len(owners) > 1:
		forged, others := l.parted(h, owners)
		for _, c := range forged {
			say(Forged, []*claim{c})
		}
		if len(others) > 1 {
			say(Doubled, others)
		} else {
			say(l.signed(h, others[0]), others)
		}
	case len(owners) == 1:
		say(l.signed(h, owners[0]), owners)
	case happened && len(open) == 0:
		say(Missing, nil)
	case happened:
		v := h.presume(open)
		if v == Undone {
			say(Missing, nil)
		}
		say(v, open)
		return lines
	}
	for _, c := range open {
		v := Open
		if len(owners) > 0 || h.knows(&c.event) {
			v = Undone // another event owns it, or its own device has met the card without it
		}
		say(v, []*claim{c})
	}
	return lines
}

// parted are the owners of one transaction that are forged, and the others. A card has signed for
// one of them, and what somebody else makes up does not put that in question. If all are forged,
// all are others.
func (l *Ledger) parted(h *history, owners []*claim) (forged, others []*claim) {
	for _, c := range owners {
		if l.signed(h, c) == Forged {
			forged = append(forged, c)
		} else {
			others = append(others, c)
		}
	}
	if len(others) == 0 {
		return nil, owners
	}
	return forged, others
}

// claimants are the claims that own a transaction, and the open ones that may.
func (h *history) claimants(counter uint64) (owners, open []*claim) {
	for _, c := range h.claims[counter] {
		switch c.state {
		case journal.Settle:
			owners = append(owners, c)
		case journal.Intent, journal.InDoubt:
			open = append(open, c)
		}
	}
	return owners, open
}

// presume is the verdict on a transaction that happened and that no event owns. If only one event
// may have made it, the purse decides: it holds what the event would have left, or as much as
// before. An event without money would leave the purse as any other; unless it is a season that was
// paid for, it decides nothing.
func (h *history) presume(open []*claim) Verdict {
	c := open[0]
	if len(open) > 1 || c.state != journal.InDoubt && !c.sold() {
		return InDoubt
	}
	before := h.purse[c.event.Counter]
	after, told := h.purse[c.event.Counter+1]
	switch {
	case c.event.BalanceUnknown || !told || before.differs || after.differs:
		return InDoubt
	case purseChange(&c.event) == 0 && !c.sold():
		return InDoubt
	case after.cents == int64(c.event.Balance):
		return Presumed
	case after.cents == before.cents:
		return Undone
	}
	return InDoubt
}

// sold reports whether a driver has taken or paid back money for it.
func (c *claim) sold() bool { return c.event.Added != 0 || len(c.event.Receipt) > 0 }

// knows reports whether the device of an event has later read the card in the state before it.
func (h *history) knows(e *validator.Event) bool {
	return h.seen[sighting{e.Counter, e.ID.Device}] > e.ID.Sequence
}

// signed is the verdict on the only owner of a transaction. A device settles without a signature
// only if a load followed, which no journal owns: if another event followed, the transaction would
// be in doubt. What a device says that a card was not asked to sign is forged if the card has ever
// signed.
func (l *Ledger) signed(h *history, c *claim) Verdict {
	switch next, _ := h.claimants(c.nextCounter() + 1); {
	case l.Genuine == nil:
		return Settled
	case len(c.event.TMI) == 0:
		if h.signs {
			return Forged
		}
		return Settled
	case c.tmac == desfire.TMAC{} && len(next) == 0:
		return Unproved
	case !l.Genuine(c.event, c.tmac):
		return Forged
	}
	return Settled
}

// signs reports whether a card has signed anything; false without the key.
func (l *Ledger) signs(h *history) bool {
	if l.Genuine == nil {
		return false
	}
	for _, claims := range h.claims {
		for _, c := range claims {
			if len(c.event.TMI) > 0 && c.tmac != (desfire.TMAC{}) && l.Genuine(c.event, c.tmac) {
				return true
			}
		}
	}
	return false
}

func events(claims []*claim) (all []validator.Event) {
	for _, c := range claims {
		all = append(all, c.event)
	}
	slices.SortFunc(all, func(a, b validator.Event) int { return byEvent(&a, &b) })
	return all
}
