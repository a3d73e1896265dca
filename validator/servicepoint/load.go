package servicepoint

import (
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// A Change turns the content of the card into its next content. An error refuses the load. It must
// count itself as one of the card's transactions, as the loads of package fare do; an unchanged
// card is not written.
type Change func(cardlayout.Card) (cardlayout.Card, error)

// Loaded is the result of a change.
type Loaded struct {
	Before, After cardlayout.Card
	TMAC          desfire.TMAC // the card's signature, if it gives one

	// Others is Before as the card's other files told it (Contents).
	Others cardlayout.Card
}

// Load changes the content of a card in one commit. An error of the change is returned as it is.
//
// After an error that wraps desfire.ErrCommitUnknown the card holds either Before or After;
// Loaded.Again finds out which. After any other error it is unchanged.
func Load(card hw.Card, k oncard.Keys, random io.Reader, change Change) (Loaded, error) {
	v, err := open(card, &k, random)
	if err != nil {
		return Loaded{}, fmt.Errorf("loading the card: %w", err)
	}
	next, err := change(v.Card)
	if err != nil {
		return Loaded{}, err
	}
	l := Loaded{Before: v.Card, After: next, Others: v.Others}
	if l.TMAC, err = v.rewrite(next, &k); err == nil {
		return l, nil
	}
	err = fmt.Errorf("loading the card: %w", err)
	if errors.Is(err, desfire.ErrCommitUnknown) {
		return l, err
	}
	return Loaded{}, err
}

// Again is the change for the card's next presentation after an unconfirmed commit. A card that
// holds After is left alone: it was loaded. One that holds Before is changed. ErrAnother, ErrUsed:
// it holds neither.
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

// asRead is the card without the fields that are written but never read.
func asRead(c cardlayout.Card) cardlayout.Card {
	c.Ticket, c.Record = cardlayout.Ticket{}, cardlayout.Record{}
	return c
}

// rewrite writes the differences and commits them. It seals the rights of a written card with the
// newest keys.
func (s *cardSession) rewrite(next cardlayout.Card, k *oncard.Keys) (desfire.TMAC, error) {
	if next != s.Card && next.Counter != s.Card.Counter+1 {
		return desfire.TMAC{}, fmt.Errorf(
			"the change leads from transaction %d to %d: it must be the next one",
			s.Card.Counter, next.Counter)
	}
	if next == s.Card {
		return desfire.TMAC{}, nil
	}
	writes, err := s.Image.Reseal(s.Card, next, k.Keys)
	if err != nil {
		return desfire.TMAC{}, err
	}
	return s.commit(writes)
}

// commit writes and commits.
func (s *cardSession) commit(writes []cardlayout.Write) (desfire.TMAC, error) {
	return oncard.Commit(s.session, s.Profile.mode(cardlayout.FileControl), writes,
		s.Card.TransactionMAC, nil)
}
