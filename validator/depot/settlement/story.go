package settlement

import (
	"bytes"
	"cmp"
	"slices"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
	"leima/validator"
	"leima/validator/journal"
)

// An Act is an event of a card, or transactions that no journal holds.
type Act struct {
	Event validator.Event // without a number: no journal holds one
	Kind  journal.Kind    // of its last entry: an intent is open
	Row   *Row            // that counts; nil: it comes to nothing, or is open
}

// order is where an act stands: by the counter of the card after it. What only read the card comes
// after the transaction that it saw.
func (a *Act) order() (after uint64, read int) {
	switch {
	case a.Event.ID.Sequence == 0:
		return uint64(a.Row.Counter), 0
	case a.Kind == journal.Record:
		return uint64(a.Event.Counter), 1
	}
	return uint64(a.Event.Counter) + 1, 0
}

// Story is all that is known of a card, in its order.
func (l *Ledger) Story(card cardlayout.Number) (acts []Act, err error) {
	of := l.Pseudonym(card)
	err = l.db.View(func(tx *bbolt.Tx) error {
		facts, err := allFacts(tx, of)
		if err != nil {
			return err
		}
		at := map[cardlayout.EventID]int{}
		acts = actsOf(facts, card, at)
		acts, err = withRows(tx, of, acts, at)
		return err
	})
	slices.SortStableFunc(acts, func(a, b Act) int {
		one, read := a.order()
		other, seen := b.order()
		return cmp.Or(cmp.Compare(one, other), cmp.Compare(read, seen),
			cmp.Compare(a.Event.ID.Device, b.Event.ID.Device),
			cmp.Compare(a.Event.ID.Sequence, b.Event.ID.Sequence))
	})
	return acts, err
}

// Whose is the card that a pseudonym stands for; 0 if nothing is known of it.
func (l *Ledger) Whose(card Pseudonym) (of cardlayout.Number, err error) {
	return of, l.db.View(func(tx *bbolt.Tx) error {
		facts, err := allFacts(tx, card)
		if err != nil {
			return err
		}
		for n := range facts {
			item, _, err := journal.ReadItem(facts[n].Item)
			if err != nil {
				return err
			}
			if e, err := item.Entry(); err != nil {
				return err
			} else if facts[n].event() {
				err = l.open(&e)
				of = e.Event.Card
				return err
			}
		}
		return nil
	})
}

// allFacts are the facts about a card, also those that were put away.
func allFacts(tx *bbolt.Tx, card Pseudonym) (all []fact, err error) {
	c := tx.Bucket(folded).Cursor()
	for k, _ := c.Seek(card[:]); bytes.HasPrefix(k, card[:]); k, _ = c.Next() {
		var some []fact
		if err := get(tx.Bucket(folded), k, &some); err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	var s cardState
	if err := get(tx.Bucket(cards), card[:], &s); err != nil {
		return nil, err
	}
	all = append(all, s.Facts...)
	return all, read(all)
}

// actsOf are the events of facts, each with its end; at is where each event is.
func actsOf(facts []fact, card cardlayout.Number, at map[cardlayout.EventID]int) (acts []Act) {
	for n := range facts {
		e := &facts[n].entry
		if facts[n].event() {
			at[e.Event.ID] = len(acts)
			acts = append(acts, Act{Event: e.Event, Kind: e.Kind})
			acts[len(acts)-1].Event.Card = card
		} else if of, known := at[e.Of]; known {
			acts[of].Kind = e.Kind
		}
	}
	return acts
}

// withRows adds the rows of a card that count to its acts.
func withRows(tx *bbolt.Tx, card Pseudonym, acts []Act, at map[cardlayout.EventID]int) (
	[]Act, error,
) {
	c := tx.Bucket(current).Cursor()
	for k, v := c.Seek(card[:]); bytes.HasPrefix(k, card[:]); k, v = c.Next() {
		var row Row
		if err := get(tx.Bucket(rows), v, &row); err != nil {
			return nil, err
		}
		if of, known := at[cardlayout.EventID{Device: row.Device, Sequence: row.Event}]; known {
			acts[of].Row = &row
		} else {
			acts = append(acts, Act{Row: &row})
		}
	}
	return acts, nil
}
