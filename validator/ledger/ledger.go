// Package ledger puts the journals of several devices together and says of every card
// what they add up to: which event owns each of its transactions, and what is missing,
// doubled, forged or in doubt.
//
// It is what the back office does with uploaded journals, and what the bench does with
// copies of them. It changes no journal and decides nothing about money. Its one rule:
// a transaction counter of a card can be owned by one event only.
package ledger

import (
	"reflect"

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

// A claim is an intent: it owns the transaction after Counter of its card, if it was committed.
type claim struct {
	event   validator.Event
	receipt desfire.Receipt
	state   journal.Kind // Intent while it is open, then Settle, Void or Doubt
}

// A history is what the journals know of one card, by its counter. It grows with what they
// hold, and not with what they claim: a counter may be anything. Transactions are counted in
// 64 bits, for the one after the last counter is one more than 32 hold.
type history struct {
	first, last uint32              // that it was seen with
	seen        map[sighting]uint32 // the last event that read it so
	purse       map[uint32]purse    // that it had with the counter
	claims      map[uint64][]*claim // to the transaction that led to the counter
}

// A purse is what the events say that the card had. It tells nothing where they differ.
type purse struct {
	cents   int64
	differs bool
}

// A sighting is a card with a counter, at one device. What a device has seen is in order by
// its event numbers; between devices only the card's counters tell what was first, for
// their clocks may differ.
type sighting struct {
	counter uint32
	device  uint16
}

// Add takes in one entry of a journal. The entries of a journal come in their order;
// the journals in any, and one that comes twice says nothing new.
func (l *Ledger) Add(e journal.Entry) {
	if l.intents == nil {
		l.intents = map[cardlayout.EventID]*claim{}
		l.cards = map[cardlayout.Number]*history{}
	}
	switch e.Kind {
	case journal.Intent:
		if c := l.intents[e.Event.ID]; c != nil && reflect.DeepEqual(c.event, e.Event) {
			return
		}
		c := &claim{event: e.Event, state: journal.Intent}
		h := l.see(&e.Event)
		l.intents[e.Event.ID] = c
		h.claims[c.leads()] = append(h.claims[c.leads()], c)
	case journal.Record:
		if e.Event.Card != 0 {
			l.see(&e.Event)
		}
	case journal.Settle, journal.Void, journal.Doubt:
		if c := l.intents[e.Of]; c != nil {
			c.state, c.receipt = e.Kind, e.Receipt
		}
	}
}

// leads is the counter that the transaction leads to.
func (c *claim) leads() uint64 { return uint64(c.event.Counter) + 1 }

// see notes that a card was read.
func (l *Ledger) see(e *validator.Event) *history {
	h := l.cards[e.Card]
	if h == nil {
		h = &history{first: e.Counter, last: e.Counter, seen: map[sighting]uint32{},
			purse: map[uint32]purse{}, claims: map[uint64][]*claim{}}
		l.cards[e.Card] = h
	}
	h.first, h.last = min(h.first, e.Counter), max(h.last, e.Counter)
	if !e.Unread {
		p, known := h.purse[e.Counter]
		held := int64(e.Balance) - moved(e)
		h.purse[e.Counter] = purse{held, p.differs || known && p.cents != held}
	}
	at := sighting{e.Counter, e.ID.Device}
	h.seen[at] = max(h.seen[at], e.ID.Sequence)
	return h
}

// moved is what an event has put into the purse, less what it has taken. What a journal
// claims may be more than an amount holds.
func moved(e *validator.Event) int64 {
	sum := int64(e.Added) - int64(e.Charge)
	for n := range e.Actions {
		sum += int64(e.Actions[n].Loaded())
	}
	return sum
}
