// Package ledger combines the journals of several devices and determines for every card which event
// owns each of its transactions, and what is missing, doubled, forged or in doubt.
//
// The back office uses it for uploaded journals, and bench for copies of them. It changes no
// journal and decides nothing about money. Its one rule: a transaction counter of a card belongs to
// one event only.
package ledger

import (
	"reflect"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// A Ledger is the events of any number of journals.
type Ledger struct {
	// Genuine reports whether a card has signed an event; nil if the key is not at hand.
	Genuine func(validator.Event, desfire.TMAC) bool

	intents map[cardlayout.EventID]*claim
	cards   map[cardlayout.Number]*history
	on      map[uint16]validator.Shift // by device, as far as its journal was read
}

// A claim is an intent: it owns the transaction after Counter of its card, if it was committed.
type claim struct {
	event validator.Event
	tmac  desfire.TMAC
	state journal.Kind // Intent while it is open, then Settle, Void or Doubt
	late  bool         // its device settled or voided it after its shift
}

// A history is what the journals hold about one card, by its counter. Its size depends on the
// number of entries and not on the counters, which may have any value. Transactions are counted in
// 64 bits, since the one after the last counter does not fit into 32.
type history struct {
	first, last uint32              // the lowest and highest counter that was read
	seen        map[sighting]uint32 // the last event that read it
	purse       map[uint32]purse    // with the counter
	claims      map[uint64][]*claim // by the counter after the transaction
	signs       bool                // something of it is genuine, as far as Lines has seen
}

// A purse is the content of the card's purse according to the events. It is void if they differ.
type purse struct {
	cents   int64
	differs bool
}

// A sighting is a card with a counter, read by one device. A device's events are ordered by their
// numbers; between devices only the card's counter gives an order, since their clocks may differ.
type sighting struct {
	counter uint32
	device  uint16
}

// Add adds one entry of a journal. The entries of one journal come in their order; journals may
// come in any order, and one that comes twice changes nothing.
func (l *Ledger) Add(e journal.Entry) {
	if l.intents == nil {
		l.intents = map[cardlayout.EventID]*claim{}
		l.cards = map[cardlayout.Number]*history{}
		l.on = map[uint16]validator.Shift{}
	}
	l.follow(&e)
	switch e.Kind {
	case journal.Intent:
		if c := l.intents[e.Event.ID]; c != nil && reflect.DeepEqual(c.event, e.Event) {
			return
		}
		c := &claim{event: e.Event, state: journal.Intent}
		h := l.see(&e.Event)
		l.intents[e.Event.ID] = c
		h.claims[c.nextCounter()] = append(h.claims[c.nextCounter()], c)
	case journal.Record:
		if e.Event.Card != 0 {
			l.see(&e.Event)
		}
	case journal.Settle, journal.Void, journal.InDoubt:
		if c := l.intents[e.Of]; c != nil {
			c.late = c.late || c.state == journal.Intent && l.on[e.Of.Device] != c.event.Shift
			c.state, c.tmac = e.Kind, e.TMAC
		}
	}
}

// follow keeps the current shift of a device.
func (l *Ledger) follow(e *journal.Entry) {
	switch {
	case e.Kind != journal.Intent && e.Kind != journal.Record:
	case e.Event.Reason == fare.ShiftEnded:
		l.on[e.Event.ID.Device] = validator.Shift{}
	default:
		l.on[e.Event.ID.Device] = e.Event.Shift
	}
}

// nextCounter is the counter that the transaction leads to.
func (c *claim) nextCounter() uint64 { return uint64(c.event.Counter) + 1 }

// see notes that a card was read.
func (l *Ledger) see(e *validator.Event) *history {
	h := l.cards[e.Card]
	if h == nil {
		h = &history{
			first: e.Counter, last: e.Counter, seen: map[sighting]uint32{},
			purse: map[uint32]purse{}, claims: map[uint64][]*claim{},
		}
		l.cards[e.Card] = h
	}
	h.first, h.last = min(h.first, e.Counter), max(h.last, e.Counter)
	if !e.BalanceUnknown {
		p, known := h.purse[e.Counter]
		held := int64(e.Balance) - purseChange(e)
		h.purse[e.Counter] = purse{held, p.differs || known && p.cents != held}
	}
	at := sighting{e.Counter, e.ID.Device}
	h.seen[at] = max(h.seen[at], e.ID.Sequence)
	return h
}

// purseChange is what an event has added to the purse, less what it has taken. The amounts of a
// journal may overflow a Cents.
func purseChange(e *validator.Event) int64 {
	sum := int64(e.Added) - int64(e.Charge)
	for n := range e.Actions {
		sum += int64(e.Actions[n].ValueAdded())
	}
	return sum
}
