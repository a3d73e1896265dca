package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/servicepoint"
)

// An Audit watches a bus. It presents cards itself, knows their true content, and reports when one
// of these does not hold:
//
//  1. Money: the changes of a purse are those that the journal has settled for the card, at most
//     with those of an open commit.
//  2. Once: a boarding is charged once: a card that returns to the same trip within a minute pays
//     nothing more.
//  3. Truth: after green the card carries the event, or carried it before, and the journal has
//     settled it.
//  4. Silence: a tap that is to be repeated, or that the device could not serve, changes no byte of
//     the card.
//  5. Order: an intent is open only after a tap whose commit was not answered, and the journal's
//     chain is whole.
//  6. Counters: the card's transaction counter rises by one with each committed event, and with
//     nothing else.
//  7. Blocks: a blocked card is not accepted, unless the tap itself unblocks it.
//  8. Signatures: a card with a Transaction MAC has signed every settled event.
//  9. Actions: each action of the list was done once: the settled events lead from each action
//     counter of the card to the next, and from none twice.
type Audit struct {
	*Bus
	cards map[cardlayout.Number]*account
}

// account is what the audit knows about one card.
type account struct {
	purse   cardlayout.Cents // at the beginning of the audit
	counter uint32
	actions uint32
	place   validator.Place // of the last accepted tap
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
		a.AddCard(contents.Card)
	}
	return a, nil
}

// AddCard adds a card that is not one of the bus's own.
func (a *Audit) AddCard(c cardlayout.Card) {
	a.cards[c.Number] = &account{purse: c.Purse, counter: c.Counter, actions: c.ActionCounter}
}

// AddLoad adds a load to the account of a card.
func (a *Audit) AddLoad(l servicepoint.Loaded) {
	account := a.cards[l.After.Number]
	account.purse += l.After.Purse - l.Before.Purse
	account.counter += l.After.Counter - l.Before.Counter
}

// Tap presents a card and audits the tap.
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
	return o, a.CheckTap(o, held.Card, contents.Card, bytes.Equal(before, after))
}

// CheckTap compares a tap with the card before and after it. same means that no byte of the card
// has changed.
func (a *Audit) CheckTap(o validator.Outcome, before, after cardlayout.Card, same bool) error {
	return errors.Join(
		silence(o, same), a.truth(o, after), a.once(o, after),
		blocks(o, before), a.order(o, after), a.CheckCard(after),
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
	if o.Decision.Reason != fare.Recovered && held.Last != o.Event.ID {
		return fmt.Errorf("truth: green for event %v, and the card's last is %v",
			o.Event.ID, held.Last)
	}
	if _, found := settled[held.Last]; !found {
		return fmt.Errorf("truth: green, and the journal has not settled event %v", held.Last)
	}
	return nil
}

// soon is the time within which a passenger tries again, in seconds.
const soon = 60

func (a *Audit) once(o validator.Outcome, held cardlayout.Card) error {
	account := a.cards[held.Number]
	now := cardlayout.InstantOf(o.Event.At)
	if o.Ending != validator.Accepted {
		return nil
	}
	same := account.place.SameTrip(o.Event.Place) && account.at != 0 && now-account.at <= soon
	if same && o.Decision.Charge > 0 && o.Event.Command == "" {
		return fmt.Errorf("once: charged %v again on trip %d", o.Decision.Charge,
			account.place.Trip)
	}
	account.place, account.at = o.Event.Place, now
	return nil
}

func blocks(o validator.Outcome, held cardlayout.Card) error {
	unblocked := slices.ContainsFunc(o.Event.Actions, func(p sale.ActionResult) bool {
		return p.Kind == sale.UnblockAction && p.Status == 0
	})
	if held.Blocked && !unblocked && o.Ending == validator.Accepted &&
		held.Kind != cardlayout.Bearer {
		return errors.New("blocks: a blocked card was accepted")
	}
	return nil
}

// CheckCard compares a card with the journal: money, counters, order.
func (a *Audit) CheckCard(held cardlayout.Card) error {
	if err := a.Journal.Verify(nil); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	settled, err := a.settled(held.Number)
	if err != nil {
		return err
	}
	account := a.cards[held.Number]
	for _, open := range a.Journal.Pending(held.Number) {
		if open.ID == held.Last { // committed, and not confirmed yet
			settled[open.ID] = open
		}
	}
	spent, commits := cardlayout.Cents(0), uint32(len(settled))
	for _, event := range settled {
		spent += event.Charge - event.ValueAdded()
	}
	switch {
	case held.Purse != account.purse-spent:
		return fmt.Errorf("money: %s had %v and has %v, and the journal knows of %v",
			held.Number.Short(), account.purse, held.Purse, spent)
	case held.Counter != account.counter+commits:
		return fmt.Errorf("counters: %s had %d and has %d, and the journal knows of %d commits",
			held.Number.Short(), account.counter, held.Counter, commits)
	}
	return account.checkActions(held, settled)
}

// checkActions follows the card's action counter through the events that have moved it.
func (a *account) checkActions(
	held cardlayout.Card, settled map[cardlayout.EventID]validator.Event,
) error {
	leads := map[uint32]uint32{}
	for _, event := range settled {
		for _, p := range event.Actions {
			if _, twice := leads[p.Expects]; twice && p.Status == 0 {
				return fmt.Errorf("actions: %s was led on from action counter %d twice",
					held.Number.Short(), p.Expects)
			}
			if p.Status == 0 {
				leads[p.Expects] = p.Leaves
			}
		}
	}
	at := a.actions
	for range leads {
		at = leads[at]
	}
	if at != held.ActionCounter {
		return fmt.Errorf("actions: %s is at action counter %d, and the journal leads to %d",
			held.Number.Short(), held.ActionCounter, at)
	}
	return nil
}

// settled are the card's events that the journal has settled.
func (a *Audit) settled(number cardlayout.Number) (
	map[cardlayout.EventID]validator.Event, error,
) {
	intents := map[cardlayout.EventID]validator.Event{}
	settled := map[cardlayout.EventID]validator.Event{}
	err := a.Entries(0, func(e journal.Entry) error {
		switch e.Kind {
		case journal.Intent:
			intents[e.Event.ID] = e.Event
		case journal.Settle:
			event := intents[e.Of]
			if event.Card == number {
				settled[e.Of] = event
			}
			if len(event.TMI) > 0 && !servicepoint.VerifyTMAC(a.Keys)(event, e.TMAC) {
				return fmt.Errorf("signatures: the card has not signed event %v", e.Of)
			}
		}
		return nil
	})
	return settled, err
}

// Closed returns how many of a card's events are settled, and how many are open.
func (a *Audit) Closed(name string) (settled, open int, err error) {
	contents, err := a.Inspect(name)
	if err != nil {
		return 0, 0, err
	}
	all, err := a.settled(contents.Card.Number)
	return len(all), len(a.Journal.Pending(contents.Card.Number)), err
}
