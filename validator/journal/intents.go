package journal

import (
	"slices"

	"leima/cardlayout"
	"leima/validator"
)

// An intent is one that is open.
type intent struct {
	event *event
	value []byte // in the log
}

// intents are all that are open, in memory: a tap asks for those of its card, and a
// tap does not wait for a disk that it need not write to.
type intents struct {
	numbered map[uint32]intent
	ofCard   map[cardlayout.Number][]uint32 // oldest first
}

func newIntents() intents {
	return intents{make(map[uint32]intent), make(map[cardlayout.Number][]uint32)}
}

// add adds an intent that is newer than all others.
func (i intents) add(e *event, value []byte) {
	i.numbered[e.Sequence] = intent{e, value}
	i.ofCard[e.Card] = append(i.ofCard[e.Card], e.Sequence)
}

func (i intents) remove(sequence uint32) {
	card := i.numbered[sequence].event.Card
	delete(i.numbered, sequence)
	at := slices.Index(i.ofCard[card], sequence)
	i.ofCard[card] = slices.Delete(i.ofCard[card], at, at+1)
	if len(i.ofCard[card]) == 0 {
		delete(i.ofCard, card)
	}
}

func (i intents) of(card cardlayout.Number) []validator.Event {
	var events []validator.Event
	for _, sequence := range i.ofCard[card] {
		events = append(events, i.numbered[sequence].event.exported())
	}
	return events
}
