// Package ledger puts the journals of several devices together and says of every card
// what they add up to: which event owns each of its transactions, and what is missing,
// doubled, forged or in doubt.
//
// It is what the back office does with uploaded journals, and what the bench does with
// copies of them. It changes no journal and decides nothing about money. Its one rule:
// a transaction counter of a card can be owned by one event only.
package ledger

import (
	"cmp"
	"maps"
	"slices"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// A Ledger is the events of any number of journals.
type Ledger struct {
	// Genuine tells whether a card has signed an event; nil: nobody here has the key.
	Genuine func(validator.Event, desfire.Receipt) bool

	intents map[cardlayout.EventID]*claim
	cards   map[cardlayout.Number]*history
}

// A claim is an intent: it owns transaction Counter+1 of its card, if it was committed.
type claim struct {
	event   validator.Event
	receipt desfire.Receipt
	state   journal.Kind // Intent while it is open, then Settle, Void or Doubt
}

// A history is what the journals know of one card, by its counter.
type history struct {
	first, last uint32                      // that it was seen with
	seen        map[sighting]uint32         // the last event that read it so
	purse       map[uint32]cardlayout.Cents // that it had with the counter
	claims      map[uint32][]*claim         // to the transaction that led to the counter
}

// A sighting is a card with a counter, at one device. What a device has seen is in order by
// its event numbers; between devices only the card's counters tell what was first, for
// their clocks may differ.
type sighting struct {
	counter uint32
	device  uint16
}

// Add takes in one entry of a journal. The entries of a journal come in their order;
// the journals in any.
func (l *Ledger) Add(e journal.Entry) {
	if l.intents == nil {
		l.intents = map[cardlayout.EventID]*claim{}
		l.cards = map[cardlayout.Number]*history{}
	}
	switch e.Kind {
	case journal.Intent:
		c := &claim{event: e.Event, state: journal.Intent}
		h, next := l.see(e.Event), e.Event.Counter+1
		l.intents[e.Event.ID] = c
		h.claims[next] = append(h.claims[next], c)
	case journal.Record:
		if e.Event.Card != 0 {
			l.see(e.Event)
		}
	case journal.Settle, journal.Void, journal.Doubt:
		if c := l.intents[e.Of]; c != nil {
			c.state, c.receipt = e.Kind, e.Receipt
		}
	}
}

// see notes that a card was read.
func (l *Ledger) see(e validator.Event) *history {
	h := l.cards[e.Card]
	if h == nil {
		h = &history{first: e.Counter, last: e.Counter,
			seen: map[sighting]uint32{}, purse: map[uint32]cardlayout.Cents{},
			claims: map[uint32][]*claim{}}
		l.cards[e.Card] = h
	}
	h.first, h.last = min(h.first, e.Counter), max(h.last, e.Counter)
	h.purse[e.Counter] = before(&e)
	at := sighting{e.Counter, e.ID.Device}
	h.seen[at] = max(h.seen[at], e.ID.Sequence)
	return h
}

// before is what the purse held when the event read it.
func before(e *validator.Event) cardlayout.Cents { return e.Balance + e.Charge - e.Loaded() }

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

	// Presumed settles an event that its device has given up: nobody else claims the
	// transaction, and it has left the purse with what the event would have left.
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

// A Line is one transaction of a card.
type Line struct {
	Card    cardlayout.Number
	Counter uint32 // of the card, after the transaction
	Verdict Verdict
	Events  []validator.Event // who claims it
}

// Lines are all transactions that the journals know or miss, by card and counter.
func (l *Ledger) Lines() []Line {
	var lines []Line
	for _, card := range slices.Sorted(maps.Keys(l.cards)) {
		h := l.cards[card]
		for counter := h.first + 1; counter <= h.last+1; counter++ {
			lines = append(lines, l.judge(card, counter)...)
		}
	}
	return lines
}

// judge says who owns a transaction, and what became of those who do not.
func (l *Ledger) judge(card cardlayout.Number, counter uint32) (lines []Line) {
	h := l.cards[card]
	say := func(v Verdict, claims []*claim) {
		lines = append(lines, Line{card, counter, v, events(claims)})
	}
	owners, open := h.claimants(counter)
	happened := counter <= h.last
	switch {
	case len(owners) > 1:
		say(Doubled, owners)
	case len(owners) == 1:
		say(l.signed(h, owners[0]), owners)
	case happened && len(open) == 0:
		say(Missing, nil)
	case happened && h.denies(open):
		say(Missing, nil)
		say(Undone, open)
		return lines
	case happened:
		say(h.presume(open), open)
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
func (h *history) claimants(counter uint32) (owners, open []*claim) {
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

// given tells whether the only claim to a transaction is of an event that its device has
// given up, and that cost something: then the purse tells what became of it.
func (h *history) given(open []*claim) (c *claim, purse cardlayout.Cents, told bool) {
	if len(open) != 1 || open[0].state != journal.Doubt || open[0].event.Charge == 0 {
		return nil, 0, false
	}
	c = open[0]
	purse, told = h.purse[c.event.Counter+1]
	return c, purse, told
}

// denies tells whether the transaction has taken nothing of the purse, and so was another.
func (h *history) denies(open []*claim) bool {
	c, purse, told := h.given(open)
	return told && purse == before(&c.event)
}

// presume is the verdict on a transaction that happened and that nobody says he has made.
func (h *history) presume(open []*claim) Verdict {
	if c, purse, told := h.given(open); told && purse == c.event.Balance {
		return Presumed
	}
	return InDoubt
}

// met tells whether the device of an event has read the card after it, as it was before.
func (h *history) met(e *validator.Event) bool {
	return h.seen[sighting{e.Counter, e.ID.Device}] > e.ID.Sequence
}

// signed is the verdict on an event that alone owns its transaction. A device settles
// without a signature only what a load has followed, which no journal owns: one that is
// followed by somebody's event would have been in doubt.
func (l *Ledger) signed(h *history, c *claim) Verdict {
	switch next, _ := h.claimants(c.event.Counter + 2); {
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
	slices.SortFunc(all, func(a, b validator.Event) int {
		return cmp.Or(cmp.Compare(a.ID.Device, b.ID.Device),
			cmp.Compare(a.ID.Sequence, b.ID.Sequence))
	})
	return all
}
