package desk

import (
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// A Change makes the card's next content out of the one it holds. What it refuses
// it answers with an error. It must count itself as one of the card's transactions,
// as the loads of package fare do; a card that it returns as it was is not written.
type Change func(cardlayout.Card) (cardlayout.Card, error)

// Loaded is what a change did.
type Loaded struct {
	Before, After cardlayout.Card
	Receipt       desfire.Receipt // the card's signature, where it gives one
}

// Load changes the content of a card in one commit. The change's own error comes
// back as it is.
//
// After an error that wraps desfire.ErrCommitUnknown the card holds either Before or
// After, and nothing between; Loaded.Again finds out which. After any other error it
// is as it was.
func Load(card hw.Card, k Keys, random io.Reader, change Change) (Loaded, error) {
	v, err := open(card, &k, random)
	if err != nil {
		return Loaded{}, fmt.Errorf("loading the card: %w", err)
	}
	next, err := change(v.Card)
	if err != nil {
		return Loaded{}, err
	}
	l := Loaded{Before: v.Card, After: next}
	if l.Receipt, err = v.rewrite(next, &k); err == nil {
		return l, nil
	}
	err = fmt.Errorf("loading the card: %w", err)
	if errors.Is(err, desfire.ErrCommitUnknown) {
		return l, err
	}
	return Loaded{}, err
}

// Again is the change for the card's next visit after a commit that was not heard.
// A card that holds After is left alone: it has what it was sold. One that holds
// Before is changed. ErrAnother, ErrUsed: it holds neither.
func (l Loaded) Again(change Change) Change {
	before, after := asRead(l.Before), asRead(l.After)
	return func(held cardlayout.Card) (cardlayout.Card, error) {
		switch asRead(held) {
		case after:
			return held, nil
		case before:
			return change(held)
		}
		if held.Number != before.Number {
			return held, ErrAnother
		}
		return held, ErrUsed
	}
}

// asRead is the card without what is written and never read again.
func asRead(c cardlayout.Card) cardlayout.Card {
	c.Ticket, c.Record = cardlayout.Ticket{}, cardlayout.Record{}
	return c
}

// rewrite writes what differs and commits it.
func (v *visit) rewrite(next cardlayout.Card, k *Keys) (desfire.Receipt, error) {
	if next != v.Card && next.Counter != v.Card.Counter+1 {
		return desfire.Receipt{}, fmt.Errorf(
			"the change leads from transaction %d to %d: it must be the next one",
			v.Card.Counter, next.Counter)
	}
	writes, err := v.Image.Rewrite(v.Card, next, k.Keys)
	if err != nil || len(writes) == 0 {
		return desfire.Receipt{}, err
	}
	for _, w := range writes {
		if err := validator.Write(v.session, v.Profile.mode(w.File), w); err != nil {
			return desfire.Receipt{}, err
		}
	}
	return v.session.Commit(v.Card.TransactionMAC)
}
