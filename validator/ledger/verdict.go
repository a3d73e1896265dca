package ledger

import (
	"maps"
	"slices"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// A Verdict is what is known of one transaction of a card.
type Verdict uint8

// The verdicts.
const (
	Settled Verdict = 1 // one event owns it
	Forged  Verdict = 2 // one event owns it, and the card has not signed it
	Doubled Verdict = 3 // several events own it: a copied card, or a journal that lies
	InDoubt Verdict = 4 // it happened, and may have been this open event
	Missing Verdict = 5 // it happened, and no journal here knows of it
	Undone  Verdict = 6 // this event was open, and the card has not committed it
	Open    Verdict = 7 // this event is open, and nothing tells what became of it

	// Presumed settles an event whose answer was lost: nobody else claims the transaction, and
	// it has left the purse with what the event would have left. It is a charge or an action
	// that the device has given up; or a driver's load, for which somebody has paid and waits.
	Presumed Verdict = 8

	// Unproved settles an event whose answer was lost, and with it the card's signature: a
	// load took its place on the card before the device met the card again.
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

// A Line is one transaction of a card, or a run of those that are missing.
type Line struct {
	Card    cardlayout.Number
	Counter uint32 // of the card, after the transaction; 0 after the last that 32 bits hold
	Last    uint32 // of the run that begins at Counter; otherwise the same
	Verdict Verdict
	Events  []validator.Event // who claims it
}

// Transactions is how many there are in the line.
func (l *Line) Transactions() uint64 { return uint64(l.Last-l.Counter) + 1 }

// Lines are all transactions that the journals know or miss, by card and counter.
func (l *Ledger) Lines() []Line {
	var lines []Line
	for _, card := range slices.Sorted(maps.Keys(l.cards)) {
		lines = append(lines, l.linesOf(card)...)
	}
	return lines
}

// linesOf goes from claim to claim: what lies between them is missing.
func (l *Ledger) linesOf(card cardlayout.Number) (lines []Line) {
	h := l.cards[card]
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
		for _, line := range l.judge(card, counter) {
			add(line)
		}
		next = counter + 1
	}
	missing(next, uint64(h.last))
	return lines
}

// judge says who owns a transaction, and what became of those who do not.
func (l *Ledger) judge(card cardlayout.Number, counter uint64) (lines []Line) {
	h := l.cards[card]
	say := func(v Verdict, claims []*claim) {
		lines = append(lines, Line{card, uint32(counter), uint32(counter), v, events(claims)})
	}
	owners, open := h.claimants(counter)
	happened := counter <= uint64(h.last)
	switch {
	case len(owners) > 1:
		say(Doubled, owners)
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
		if len(owners) > 0 || h.met(&c.event) {
			v = Undone // somebody else owns it, or its own device has met the card without it
		}
		say(v, []*claim{c})
	}
	return lines
}

// claimants are those who own a transaction, and those of whom it is not known.
func (h *history) claimants(counter uint64) (owners, open []*claim) {
	for _, c := range h.claims[counter] {
		switch c.state {
		case journal.Settle:
			owners = append(owners, c)
		case journal.Intent, journal.Doubt:
			open = append(open, c)
		}
	}
	return owners, open
}

// presume is the verdict on a transaction that happened and that nobody says he has made. The
// purse tells, where one event alone may have been it: it holds what the event would have left,
// or as much as before. A tap that moved no money left it as any other would have; a season
// that was paid for is no such tap.
func (h *history) presume(open []*claim) Verdict {
	c := open[0]
	if len(open) > 1 || c.state != journal.Doubt && !c.sold() {
		return InDoubt
	}
	before := h.purse[c.event.Counter]
	after, told := h.purse[c.event.Counter+1]
	switch {
	case c.event.Unread || !told || before.differs || after.differs:
		return InDoubt
	case moved(&c.event) == 0 && !c.sold():
		return InDoubt
	case after.cents == int64(c.event.Balance):
		return Presumed
	case after.cents == before.cents:
		return Undone
	}
	return InDoubt
}

// sold reports whether a driver has taken money for it, or has given it back.
func (c *claim) sold() bool { return c.event.Added != 0 || len(c.event.Receipt) > 0 }

// met tells whether the device of an event has read the card after it, as it was before.
func (h *history) met(e *validator.Event) bool {
	return h.seen[sighting{e.Counter, e.ID.Device}] > e.ID.Sequence
}

// signed is the verdict on an event that alone owns its transaction. A device settles
// without a signature only what a load has followed, which no journal owns: one that is
// followed by somebody's event would have been in doubt.
func (l *Ledger) signed(h *history, c *claim) Verdict {
	switch next, _ := h.claimants(c.leads() + 1); {
	case l.Genuine == nil || len(c.event.Signed) == 0:
		return Settled
	case c.receipt == desfire.Receipt{} && len(next) == 0:
		return Unproved
	case !l.Genuine(c.event, c.receipt):
		return Forged
	}
	return Settled
}

func events(claims []*claim) (all []validator.Event) {
	for _, c := range claims {
		all = append(all, c.event)
	}
	slices.SortFunc(all, func(a, b validator.Event) int { return byEvent(&a, &b) })
	return all
}
