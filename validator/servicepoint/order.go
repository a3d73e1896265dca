package servicepoint

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// An Order is a card to be issued.
type Order struct {
	// Card is the content of the card. Generation 0 means that of the card at hand,
	// layout 0 the one that new cards get.
	Card cardlayout.Card

	// Holder is the card's holder, nil if unknown. A bearer card has none.
	Holder *cardlayout.Holder

	Profile Profile
}

// Errors of an issuing that leave the card unchanged.
var (
	// ErrOrder means that no card can be issued to this order.
	ErrOrder = errors.New("the order cannot be issued")

	// ErrNotBlank means that the card is neither blank nor one of ours.
	ErrNotBlank = errors.New("the card has neither the key of a blank card nor ours")

	// ErrFull means that the card lacks the memory for our application.
	ErrFull = errors.New("there is no room on the card")

	// ErrIssued means that the card is finished and differs from the order.
	ErrIssued = errors.New("the card has already been issued")
)

// check finds errors of an order before there is a card.
func (o *Order) check(k *oncard.Keys) error {
	c := &o.Card
	switch {
	case o.Profile > Readable:
		return fmt.Errorf("%w: %v is not known", ErrOrder, o.Profile)
	case c.Number == 0:
		return fmt.Errorf("%w: the card has no number", ErrOrder)
	case c.Kind == cardlayout.Bearer && (o.Holder != nil || c.Birth != 0):
		return fmt.Errorf("%w: a bearer card carries nothing of a person (R-015)", ErrOrder)
	case o.Holder != nil && k.Holder == nil:
		return fmt.Errorf("%w: %w", ErrOrder, cardlayout.ErrNoHolderKey)
	}
	if err := c.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrOrder, err)
	}
	if err := checkKeys(k, c.TransactionMAC); err != nil {
		return fmt.Errorf("%w: %w", ErrOrder, err)
	}
	return nil
}

// content is the content of an order for one card.
type content struct {
	order       Order
	image       cardlayout.Image
	application [cardlayout.ApplicationSize]byte
	holder      [cardlayout.HolderSize]byte // zero without a holder
}

// fill makes the content for the card of a session. All refusals are here, before the card is
// touched.
func (o Order) fill(s *desfire.Session, k *oncard.Keys, random io.Reader) (content, error) {
	c := content{order: o}
	v, err := s.Version()
	if err != nil {
		return c, err
	}
	if c.order.Card.Generation, err = o.generation(v, s.UID()); err != nil {
		return c, err
	}
	c.order.Card.Layout = cmp.Or(o.Card.Layout, cardlayout.NewestLayout)
	uid := cardlayout.UID(s.UID())
	c.image, err = cardlayout.Encode(c.order.Card, uid, o.Profile == Readable, k.Keys)
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	c.application, err = packApplication(k.Version, o.Card.Number)
	if err == nil && o.Holder != nil {
		c.holder, err = cardlayout.SealHolder(*o.Holder, uid, o.Card.Number, k.Keys, random)
	}
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrOrder, err)
	}
	return c, nil
}

// applicationVersion is that of the public structure's file 8 (HSL Matkakortin kuvaus v1.11).
const applicationVersion = 1

// packApplication is file 8 of a card with the keys of a generation.
func packApplication(version uint8, n cardlayout.Number) ([cardlayout.ApplicationSize]byte, error) {
	return cardlayout.PackApplication(cardlayout.Application{
		Version: applicationVersion, KeyVersion: version, Number: n, MACed: true,
	})
}

// generation is the card's generation, if the order is for such a card. A card with another
// generation in its content would be taken for a forged one at its first tap.
func (o *Order) generation(v desfire.Version, uid desfire.UID) (uint8, error) {
	is, ordered := v.Generation(), int(o.Card.Generation)
	switch {
	case v.UID != uid:
		return 0, fmt.Errorf("%w: the card and the reader name different serial numbers", ErrOrder)
	case is == 0:
		return 0, fmt.Errorf("%w: the card is of no generation that is known", ErrOrder)
	case ordered != 0 && ordered != is:
		return 0, fmt.Errorf("%w: it is for an EV%d and the card is an EV%d", ErrOrder, ordered, is)
	case o.Card.TransactionMAC && is < 2:
		return 0, fmt.Errorf("%w: an EV%d signs no transactions", ErrOrder, is)
	}
	return uint8(is), nil
}
