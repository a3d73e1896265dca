package servicepoint

import (
	"context"
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// Errors of a presentation after an unconfirmed commit.
var (
	// ErrAnother means that this is not the card of the unconfirmed commit.
	ErrAnother = errors.New("this is another card")

	// ErrUsed means that the card was used since, so that its content no longer reports whether it
	// had committed.
	ErrUsed = errors.New("the card holds neither what it held before the load nor what it " +
		"was to hold after it: it was used since")
)

// A Presenter waits for a card and activates it. again is nil at first; later it is the reason why
// the same card is needed once more, and the call begins when the card before has left.
type Presenter func(ctx context.Context, again error) (hw.Card, error)

// LoadConfirmed is Load for a card that may leave before it has answered: while its commit is
// unconfirmed, the same card is requested again, and is loaded once. Other cards are left alone.
//
// An error that wraps desfire.ErrCommitUnknown means that the result stayed unknown: present
// failed, or the card was used since. After any other error the card is unchanged.
func LoadConfirmed(
	ctx context.Context, visit Presenter, k oncard.Keys, random io.Reader, change Change,
) (Loaded, error) {
	card, err := visit(ctx, nil)
	if err != nil {
		return Loaded{}, err
	}
	first, err := Load(card, k, random, change)
	if !errors.Is(err, desfire.ErrCommitUnknown) {
		return first, err
	}
	for unconfirmed := err; ; {
		if card, err = visit(ctx, err); err != nil {
			return first, fmt.Errorf("%w; %w", unconfirmed, err)
		}
		var refused error
		var loaded Loaded
		loaded, err = Load(card, k, random, func(held cardlayout.Card) (cardlayout.Card, error) {
			next, err := first.Again(change)(held)
			refused = err
			return next, err
		})
		switch {
		case err == nil:
			loaded.Before = first.Before
			return loaded, nil
		case errors.Is(refused, ErrUsed):
			return first, fmt.Errorf("%w; %w", unconfirmed, refused)
		case refused != nil && !errors.Is(refused, ErrAnother):
			return Loaded{}, refused // of the unchanged card
		}
	}
}
