package servicepoint

import (
	"fmt"

	"leima/cardlayout"
	"leima/hw"
)

// compare reports a difference between a finished card and the order: the last answer of its
// issuing may have been lost. A card that was used since differs.
func (i *issuing) compare(card hw.Card) error {
	held, err := Inspect(card, *i.keys, i.random)
	if err != nil {
		return fmt.Errorf("%w, but: %w", ErrIssued, err)
	}
	if !i.matches(held) {
		return fmt.Errorf("%w, as %v", ErrIssued, held.Card.Number.Short())
	}
	return nil
}

func (i *issuing) matches(held Contents) bool {
	card, event := i.order.Card, cardlayout.Record{}
	card.Record = cardlayout.Record{}
	if n := len(held.History); n > 0 {
		event = held.History[n-1]
	}
	return held.Card == card && event == i.order.Card.Record &&
		held.Profile == i.order.Profile && sameHolder(held.Holder, i.order.Holder)
}

func sameHolder(a, b *cardlayout.Holder) bool {
	return a == b || a != nil && b != nil && *a == *b
}
