package desk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
)

// Errors of a visit after a commit that was not heard.
var (
	// ErrAnother says that the card is not the one that was not heard.
	ErrAnother = errors.New("this is another card")

	// ErrUsed says that the card was used since: what it holds does not tell any more
	// whether it had committed.
	ErrUsed = errors.New("the card holds neither what it held before the load nor what it " +
		"was to hold after it: it was used since")
)

// A Visit waits for a card and activates it. Its first call comes with nil; any further
// one says why the same card is asked for once more, and begins when the card before has
// left.
type Visit func(ctx context.Context, again error) (hw.Card, error)

// LoadHeard is Load for a card that may leave before it has answered: as long as it is
// not known whether its commit has come to pass, the same card is asked for again, and is
// loaded once. Any other card is left as it is meanwhile.
//
// An error that wraps desfire.ErrCommitUnknown means that the card was not heard of again:
// visit has failed, or the card was used since. After any other error it is as it was.
func LoadHeard(
	ctx context.Context, visit Visit, k Keys, random io.Reader, change Change,
) (Loaded, error) {
	card, err := visit(ctx, nil)
	if err != nil {
		return Loaded{}, err
	}
	first, err := Load(card, k, random, change)
	if !errors.Is(err, desfire.ErrCommitUnknown) {
		return first, err
	}
	for unheard := err; ; {
		if card, err = visit(ctx, err); err != nil {
			return first, fmt.Errorf("%w; %w", unheard, err)
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
			return first, fmt.Errorf("%w; %w", unheard, refused)
		case refused != nil && !errors.Is(refused, ErrAnother):
			return Loaded{}, refused // of the card as it was
		}
	}
}
