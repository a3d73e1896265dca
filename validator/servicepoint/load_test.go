package servicepoint_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/hw/emu"
	"leima/validator/servicepoint"
)

// Ensure that a load leaves the card as the change said, in every file, and that the
// card signs it where it can.
func TestLoad(t *testing.T) {
	for name, o := range orders() {
		t.Run(name, func(t *testing.T) {
			card := issued(t, o)
			first := inspect(t, card, allKeys())
			before := first.Card
			for n, change := range []servicepoint.Change{addTen, addSeason, everything} {
				l, err := servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(byte(4+n)), change)
				require.NoError(t, err)
				want, err := change(before)
				require.NoError(t, err)
				require.Equal(t, servicepoint.Loaded{
					Before: before, After: want, TMAC: l.TMAC,
					Others: before,
				}, l)
				require.Equal(t, o.Card.TransactionMAC, l.TMAC.TMC == uint32(n+1))

				c := inspect(t, card, busKeys())
				require.Equal(t, l.TMAC, c.TMAC)
				require.Equal(t, o.Profile, c.Profile)
				require.Equal(t, first.Application, c.Application)
				if want.Record != (cardlayout.Record{}) {
					require.Equal(t, []cardlayout.Record{want.Record}, c.History)
				}
				before = c.Card
				before.Ticket = cardlayout.Ticket{} // not read at a load
				want.Ticket, want.Record = before.Ticket, cardlayout.Record{}
				require.Equal(t, want, before)
			}
			require.Equal(t, o.Holder, inspect(t, card, allKeys()).Holder)
		})
	}
}

// Ensure that the history keeps the newest seven events, the newest last.
func TestHistory(t *testing.T) {
	card, want := issued(t, order()), []cardlayout.Record(nil)
	for n := range cardlayout.Cents(9) {
		l, err := servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(byte(n)),
			func(c cardlayout.Card) (cardlayout.Card, error) {
				c.Counter++
				c.Record = cardlayout.Record{Debit: true, Fare: 100 + n}
				return c, nil
			})
		require.NoError(t, err)
		want = append(want, l.After.Record)
		want = want[max(0, len(want)-7):]
		require.Equal(t, want, inspect(t, card, busKeys()).History)
	}
}

// Ensure that what is refused, or changes nothing, writes nothing, and that a refusal
// comes back as it is.
func TestLoadWritesNothing(t *testing.T) {
	card := issued(t, order())
	held, before := inspect(t, card, busKeys()).Card, memory(t, card)
	load := func(change servicepoint.Change) (servicepoint.Loaded, error) {
		l, err := servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(4), change)
		require.Equal(t, before, memory(t, card))
		return l, err
	}
	_, err := load(func(c cardlayout.Card) (cardlayout.Card, error) {
		return sale.LoadValue(c, seller(), tariff(), -1)
	})
	_, is := err.(*sale.Refusal)
	require.True(t, is, "%v", err)

	l, err := load(func(c cardlayout.Card) (cardlayout.Card, error) { return c, nil })
	require.NoError(t, err)
	require.Equal(t, servicepoint.Loaded{Before: held, After: held, Others: held}, l)

	_, err = load(func(c cardlayout.Card) (cardlayout.Card, error) {
		c.Purse = -1
		c.Counter++
		return c, nil
	})
	require.ErrorIs(t, err, cardlayout.ErrRange)
	require.ErrorContains(t, err, "loading the card: ")
	for _, steps := range []uint32{0, 2, 1<<32 - 1} {
		_, err = load(func(c cardlayout.Card) (cardlayout.Card, error) {
			c.Purse++
			c.Counter += steps
			return c, nil
		})
		require.ErrorContains(t, err, "transaction 3 to")
	}
}

// Ensure that a card which is not ours, or not readable with our keys, is an error
// that says so.
func TestLoadNotOurs(t *testing.T) {
	visit := emu.Air{}.Present(blankCard())
	_, err := servicepoint.Load(visit, busKeys(), random(4), addTen)
	require.ErrorIs(t, err, cardlayout.ErrNotOurs)
	_, err = servicepoint.Inspect(visit, busKeys(), random(4))
	require.ErrorIs(t, err, cardlayout.ErrNotOurs)
	k := busKeys()
	k.Rights[0] = keyOf(12)
	_, err = servicepoint.Inspect(emu.Air{}.Present(issued(t, order())), k, random(4))
	require.ErrorIs(t, err, cardlayout.ErrForged)
	k.Scheme.System = string(make([]byte, 30))
	_, err = servicepoint.Inspect(emu.Air{}.Present(issued(t, order())), k, random(4))
	require.ErrorContains(t, err, "system identifier")
}

// Ensure that a change which was not heard is not made twice, nor to a card that is
// another one by now.
func TestAgain(t *testing.T) {
	before := order().Card
	after, err := addTen(before)
	require.NoError(t, err)
	again := servicepoint.Loaded{Before: before, After: after}.Again(addTen)

	held, err := again(after)
	require.NoError(t, err)
	require.Equal(t, after, held)
	held, err = again(before)
	require.NoError(t, err)
	require.Equal(t, after, held)
	other := before
	other.Counter++
	held, err = again(other)
	require.ErrorIs(t, err, servicepoint.ErrUsed)
	require.Equal(t, other, held)
	other.Number++
	_, err = again(other)
	require.ErrorIs(t, err, servicepoint.ErrAnother)

	failing := errors.New("no")
	_, err = servicepoint.Loaded{Before: before, After: after}.Again(
		func(c cardlayout.Card) (cardlayout.Card, error) { return c, failing })(before)
	require.Equal(t, failing, err)
}
