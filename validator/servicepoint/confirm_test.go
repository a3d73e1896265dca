package servicepoint_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/servicepoint"
)

// visits are what comes to the reader, one after the other; then nobody comes any more.
func visits(came ...hw.Card) servicepoint.Presenter {
	return func(context.Context, error) (hw.Card, error) {
		if len(came) == 0 {
			return nil, errLeft
		}
		card := came[0]
		came = came[1:]
		return card, nil
	}
}

var errLeft = errors.New("nobody comes any more")

// torn is a visit whose commit is not heard.
func torn(card *emu.Card, side emu.Side) hw.Card {
	return emu.Air{Tear: emu.Tear{Code: 0xC7, Side: side}}.Present(card)
}

// Ensure that a load that is not heard is made once, wherever the card leaves at its next
// visit and whatever other card comes in between.
func TestLoadHeard(t *testing.T) {
	for _, side := range []emu.Side{emu.Before, emu.After} {
		everywhere(t, func(t *testing.T, air emu.Air) bool {
			card, stranger := issued(t, order()), issued(t, another())
			before := inspect(t, card, allKeys()).Card
			first, third := torn(card, side), emu.Air{}
			second := &late{air: air, card: card}
			loaded, err := servicepoint.LoadConfirmed(context.Background(),
				visits(first, second, emu.Air{}.Present(stranger), &late{air: third, card: card}),
				busKeys(), random(4), addTen)
			require.NoError(t, err)
			require.Equal(t, before.Purse, loaded.Before.Purse)
			require.Equal(t, before.Purse+1000, loaded.After.Purse)
			require.Equal(t, before.Purse+1000, inspect(t, card, allKeys()).Card.Purse)
			require.Equal(t, another().Card.Purse, inspect(t, stranger, allKeys()).Card.Purse)
			return second.failed
		})
	}
}

// another is the card of somebody else.
func another() servicepoint.Order {
	o := order()
	o.Card.Number = cardlayout.WithCheckDigit(92469900010000002)
	return o
}

// A late card comes only when it is spoken to.
type late struct {
	air    emu.Air
	card   *emu.Card
	visit  *emu.Contact
	failed bool
}

func (l *late) Transmit(command []byte) ([]byte, error) {
	if l.visit == nil {
		l.visit = l.air.Present(l.card)
	}
	answer, err := l.visit.Transmit(command)
	l.failed = l.failed || err != nil
	return answer, err
}

// Ensure that a load stays in doubt when nobody comes again, or when the card was used
// since, and that a refusal at the next visit is one of a card that is as it was.
func TestLoadUnconfirmed(t *testing.T) {
	card := issued(t, order())
	_, err := servicepoint.LoadConfirmed(context.Background(), visits(torn(card, emu.After)), busKeys(),
		random(4), addTen)
	require.ErrorIs(t, err, desfire.ErrCommitUnknown)
	require.ErrorIs(t, err, errLeft)

	_, err = servicepoint.LoadConfirmed(context.Background(),
		visits(torn(card, emu.After), &used{card: card}), busKeys(), random(5), addTen)
	require.ErrorIs(t, err, desfire.ErrCommitUnknown)
	require.ErrorIs(t, err, servicepoint.ErrUsed)

	before, asked, no := memory(t, card), 0, errors.New("no")
	_, err = servicepoint.LoadConfirmed(context.Background(),
		visits(torn(card, emu.Before), &late{card: card}), busKeys(), random(6),
		func(c cardlayout.Card) (cardlayout.Card, error) {
			if asked++; asked > 1 {
				return c, no
			}
			return addTen(c)
		})
	require.Equal(t, no, err)
	require.Equal(t, before, memory(t, card))
}

// A used card was loaded elsewhere before it comes again.
type used struct {
	card  *emu.Card
	visit *emu.Contact
}

func (u *used) Transmit(command []byte) ([]byte, error) {
	if u.visit == nil {
		if _, err := servicepoint.Load(emu.Air{}.Present(u.card), busKeys(), random(9), addTen); err != nil {
			return nil, err
		}
		u.visit = emu.Air{}.Present(u.card)
	}
	return u.visit.Transmit(command)
}
