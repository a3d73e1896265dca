package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/journal"
)

// An Audit looks over the shoulder of a bus: it presents cards itself, knows what is
// really on them, and says when one of these is not so:
//
//  1. Money: what left a purse and what came into it is what the journal has settled for
//     the card, and what a commit left open did at most.
//  2. Once: a boarding is charged at most once: a card that comes back to the same
//     trip within a minute pays no more.
//  3. Truth: after green the card carries the event, or had carried it before, and
//     the journal has settled it.
//  4. Silence: a tap that is to be tried again, or that the device could not serve,
//     leaves every byte of the card as it was.
//  5. Order: an intent is open only after a tap whose commit was not answered, and the
//     journal's chain is whole.
//  6. Counters: the card's transaction counter rises by one with every event that
//     was committed, and with nothing else.
//  7. Blocks: a card that is blocked is not accepted, unless the tap itself unblocks it.
//  8. Signatures: a card with a Transaction MAC has signed every event that is
//     settled, and its signature proves it.
//  9. Actions: what was picked up from the list was done once: the settled events lead
//     from each action counter of the card to the next, and from none twice.
type Audit struct {
	*Bus
	cards map[cardlayout.Number]*account
}

// account is what the audit knows of one card.
type account struct {
	purse   cardlayout.Cents // when the audit began
	counter uint32
	actions uint32
	place   validator.Place // of the last acceptance
	at      cardlayout.Instant
}

// NewAudit begins an audit of all the bus's cards.
func NewAudit(b *Bus) (*Audit, error) {
	a := &Audit{Bus: b, cards: map[cardlayout.Number]*account{}}
	for _, name := range b.names() {
		contents, err := b.Inspect(name)
		if err != nil {
			return nil, err
		}
		a.Open(contents.Card)
	}
	return a, nil
}

// Open opens the books of a card that is none of the bus's own.
func (a *Audit) Open(c cardlayout.Card) {
	a.cards[c.Number] = &account{purse: c.Purse, counter: c.Counter, actions: c.Actions}
}

// Enter enters a load into the books of a card.
func (a *Audit) Enter(l desk.Loaded) {
	book := a.cards[l.After.Number]
	book.purse += l.After.Purse - l.Before.Purse
	book.counter += l.After.Counter - l.Before.Counter
}

// Tap presents a card and audits what came of it.
func (a *Audit) Tap(ctx context.Context, name string, tear emu.Tear) (validator.Outcome, error) {
	before, err := a.memory(name)
	if err != nil {
		return validator.Outcome{}, err
	}
	held, err := a.Inspect(name)
	if err != nil {
		return validator.Outcome{}, err
	}
	o, _, err := a.Present(ctx, a.Cards[name], tear)
	if err != nil {
		return o, err
	}
	after, err := a.memory(name)
	if err != nil {
		return o, err
	}
	contents, err := a.Inspect(name)
	if err != nil {
		return o, err
	}
	return o, a.Judge(o, held.Card, contents.Card, bytes.Equal(before, after))
}

// Judge compares a tap with the card before and after it. same says that not a byte of the
// card has changed.
func (a *Audit) Judge(o validator.Outcome, before, after cardlayout.Card, same bool) error {
	return errors.Join(
		silence(o, same), a.truth(o, after), a.once(o, after),
		blocks(o, before), a.order(o, after), a.Books(after),
	)
}

func (a *Audit) order(o validator.Outcome, held cardlayout.Card) error {
	if errors.Is(o.Err, desfire.ErrCommitUnknown) {
		return nil
	}
	for _, open := range a.Journal.Pending(held.Number) {
		if open.ID == o.Event.ID {
			return fmt.Errorf("order: a tap that was %v has left event %v open", o.Ending, open.ID)
		}
	}
	return nil
}

// memory is every byte of a card.
func (a *Audit) memory(name string) ([]byte, error) {
	var image bytes.Buffer
	err := a.Cards[name].Save(&image)
	return image.Bytes(), err
}

func silence(o validator.Outcome, same bool) error {
	if !same && (o.Ending == validator.TryAgain || o.Ending == validator.Fault) {
		return fmt.Errorf("silence: a tap that ended with %q changed the card", o.Ending)
	}
	return nil
}

func (a *Audit) truth(o validator.Outcome, held cardlayout.Card) error {
	if o.Ending != validator.Accepted {
		return nil
	}
	settled, err := a.settled(held.Number)
	if err != nil {
		return err
	}
	if o.Decision.Reason != fare.Unheard && held.Last != o.Event.ID {
		return fmt.Errorf("truth: green for event %v, and the card's last is %v",
			o.Event.ID, held.Last)
	}
	if _, found := settled[held.Last]; !found {
		return fmt.Errorf("truth: green, and the journal has not settled event %v", held.Last)
	}
	return nil
}

// soon is how long a passenger stands at the reader and tries again, in seconds.
const soon = 60

func (a *Audit) once(o validator.Outcome, held cardlayout.Card) error {
	book := a.cards[held.Number]
	now := cardlayout.InstantOf(o.Event.At)
	if o.Ending != validator.Accepted {
		return nil
	}
	same := book.place.SameTrip(o.Event.Place) && book.at != 0 && now-book.at <= soon
	if same && o.Decision.Charge > 0 && o.Event.Driver == "" {
		return fmt.Errorf("once: charged %v again on trip %d", o.Decision.Charge, book.place.Trip)
	}
	book.place, book.at = o.Event.Place, now
	return nil
}

func blocks(o validator.Outcome, held cardlayout.Card) error {
	unblocked := slices.ContainsFunc(o.Event.Actions, func(p fare.Pickup) bool {
		return p.Kind == fare.UnblockAction && p.Left == 0
	})
	if held.Blocked && !unblocked && o.Ending == validator.Accepted &&
		held.Kind != cardlayout.Bearer {
		return errors.New("blocks: a blocked card was accepted")
	}
	return nil
}

// Books compares a card with the journal: money, counters, order.
func (a *Audit) Books(held cardlayout.Card) error {
	if err := a.Journal.Verify(nil); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	settled, err := a.settled(held.Number)
	if err != nil {
		return err
	}
	book := a.cards[held.Number]
	for _, open := range a.Journal.Pending(held.Number) {
		if open.ID == held.Last { // committed, and not heard of yet
			settled[open.ID] = open
		}
	}
	spent, commits := cardlayout.Cents(0), uint32(len(settled))
	for _, event := range settled {
		spent += event.Charge - event.Loaded()
	}
	switch {
	case held.Purse != book.purse-spent:
		return fmt.Errorf("money: %s had %v and has %v, and the journal knows of %v",
			held.Number.Short(), book.purse, held.Purse, spent)
	case held.Counter != book.counter+commits:
		return fmt.Errorf("counters: %s had %d and has %d, and the journal knows of %d commits",
			held.Number.Short(), book.counter, held.Counter, commits)
	}
	return book.pickedUp(held, settled)
}

// pickedUp follows the card's action counter through the events that have moved it.
func (book *account) pickedUp(
	held cardlayout.Card, settled map[cardlayout.EventID]validator.Event,
) error {
	leads := map[uint32]uint32{}
	for _, event := range settled {
		for _, p := range event.Actions {
			if _, twice := leads[p.Expects]; twice && p.Left == 0 {
				return fmt.Errorf("actions: %s was led on from action counter %d twice",
					held.Number.Short(), p.Expects)
			}
			if p.Left == 0 {
				leads[p.Expects] = p.Leaves
			}
		}
	}
	at := book.actions
	for range leads {
		at = leads[at]
	}
	if at != held.Actions {
		return fmt.Errorf("actions: %s is at action counter %d, and the journal leads to %d",
			held.Number.Short(), held.Actions, at)
	}
	return nil
}

// settled are the card's events that the journal has settled.
func (a *Audit) settled(number cardlayout.Number) (
	map[cardlayout.EventID]validator.Event, error,
) {
	intents := map[cardlayout.EventID]validator.Event{}
	settled := map[cardlayout.EventID]validator.Event{}
	err := a.Journal.Entries(0, func(e journal.Entry) error {
		switch e.Kind {
		case journal.Intent:
			intents[e.Event.ID] = e.Event
		case journal.Settle:
			event := intents[e.Of]
			if event.Card == number {
				settled[e.Of] = event
			}
			if len(event.Signed) > 0 && !a.Keys.Genuine(event, e.Receipt) {
				return fmt.Errorf("signatures: the card has not signed event %v", e.Of)
			}
		}
		return nil
	})
	return settled, err
}

// Closed tells how many of a card's events are settled, and how many are open.
func (a *Audit) Closed(name string) (settled, open int, err error) {
	contents, err := a.Inspect(name)
	if err != nil {
		return 0, 0, err
	}
	all, err := a.settled(contents.Card.Number)
	return len(all), len(a.Journal.Pending(contents.Card.Number)), err
}
