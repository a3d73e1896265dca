package keyring_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// A theft is a bus's key file in the hands of a thief, at some time after: what card they have
// before them, and what keys the buses have by then.
type theft struct {
	stolen, bus oncard.Keys
	issuer      oncard.Keys // today's
	card        *emu.Card
}

// When is what was done since a device was stolen.
type when int

const (
	before  when = iota // a roll
	rekeyed             // after a roll, a card that was given the new keys
	rolled              // after a roll, a card that was not
	twice               // after two rolls, a card that was never given new keys
	whens
)

func keysOf(t *testing.T, text []byte) oncard.Keys {
	t.Helper()
	keys, err := keyring.Source{Keys: written(t, string(text)), RealReader: true}.Read()
	require.NoError(t, err)
	return keys
}

// busOf is what a bus has of a key file.
func busOf(t *testing.T, text []byte) oncard.Keys {
	t.Helper()
	part, err := keyfile.Bus("keys", text)
	require.NoError(t, err)
	return keysOf(t, part)
}

func roll(t *testing.T, text []byte) []byte {
	t.Helper()
	text, err := keyfile.Roll("keys", text, rand.Reader)
	require.NoError(t, err)
	return text
}

// anOrder is a personal card with 5 € on it.
func anOrder() servicepoint.Order {
	return servicepoint.Order{
		Card: cardlayout.Card{
			Number: cardlayout.WithCheckDigit(92469900000009999),
			Kind:   cardlayout.Personal, Group: cardlayout.Adult, Area: 227, Purse: 500, Birth: -3000,
			Issued: 100, ValidUntil: 9000, TransactionMAC: true,
		},
		Holder: &cardlayout.Holder{Name: "Mäki Matti"},
	}
}

func issuedWith(t *testing.T, keys oncard.Keys, o servicepoint.Order) *emu.Card {
	t.Helper()
	card := emu.New(emu.Config{UID: [7]byte{4, 9, 9, 9, 9, 9, 9}})
	require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), o, keys, rand.Reader))
	return card
}

// stolenAt is the theft at a time.
func stolenAt(t *testing.T, at when) theft {
	t.Helper()
	var template bytes.Buffer
	require.NoError(t, keyfile.Template(&template, rand.Reader))
	text := template.Bytes()
	c := theft{stolen: busOf(t, text), card: issuedWith(t, keysOf(t, text), anOrder())}
	if at != before {
		text = roll(t, text)
	}
	if at == rekeyed {
		_, err := servicepoint.Rekey(emu.Air{}.Present(c.card), keysOf(t, text), rand.Reader)
		require.NoError(t, err)
	}
	if at == twice {
		text = roll(t, text)
	}
	c.bus, c.issuer = busOf(t, text), keysOf(t, text)
	return c
}

// accepted reports whether a bus reads a card, and what it takes it for.
func (c *theft) accepted(card *emu.Card) (held cardlayout.Card, is bool) {
	contents, err := servicepoint.Inspect(emu.Air{}.Present(card), c.bus, rand.Reader)
	return contents.Card, err == nil
}

// everyTime does the same at every time, and wants what SECURITY.md says of it.
func everyTime(t *testing.T, want [whens]bool, try func(t *testing.T, c theft) bool) {
	t.Helper()
	for at := range whens {
		require.Equal(t, want[at], try(t, stolenAt(t, at)), "%d", at)
	}
}

// Ensure that who has stolen a bus's keys reads every card that has them still, and no other.
func TestStolenKeysReadCards(t *testing.T) {
	everyTime(t, [whens]bool{true, false, true, true}, func(t *testing.T, c theft) bool {
		contents, err := servicepoint.Inspect(emu.Air{}.Present(c.card), c.stolen, rand.Reader)
		return err == nil && contents.Card.Birth == anOrder().Card.Birth
	})
}

// Ensure that they load 50 € that a bus takes for paid, until the card has new keys, or two
// rolls are over.
func TestStolenKeysLoadValue(t *testing.T) {
	everyTime(t, [whens]bool{true, false, true, false}, func(t *testing.T, c theft) bool {
		_, _ = servicepoint.Load(emu.Air{}.Present(c.card), c.stolen, rand.Reader,
			func(held cardlayout.Card) (cardlayout.Card, error) {
				held.Purse += 5000
				held.Counter++
				return held, nil
			})
		held, is := c.accepted(c.card)
		return is && held.Purse == 5500
	})
}

// Ensure the same of rights: a child's, on an adult's card.
func TestStolenKeysForgeRights(t *testing.T) {
	everyTime(t, [whens]bool{true, false, true, false}, func(t *testing.T, c theft) bool {
		_, _ = servicepoint.Load(emu.Air{}.Present(c.card), c.stolen, rand.Reader,
			func(held cardlayout.Card) (cardlayout.Card, error) {
				held.Group = cardlayout.Child
				held.Counter++
				return held, nil
			})
		held, is := c.accepted(c.card)
		return is && held.Group == cardlayout.Child
	})
}

// aMadeCard is a card that a thief has made of a blank one: what a bus asks for is right, and
// the rest is the thief's own.
func aMadeCard(t *testing.T, c theft) *emu.Card {
	t.Helper()
	var template bytes.Buffer
	require.NoError(t, keyfile.Template(&template, rand.Reader))
	own := keysOf(t, template.Bytes())
	own.Scheme, own.Transport, own.Rights = c.stolen.Scheme, c.stolen.Transport, c.stolen.Rights
	o := anOrder()
	o.Card.Purse = 9999
	return issuedWith(t, own, o)
}

// Ensure that they make cards that buses accept until two rolls are over, whatever was done to
// other cards; and that none of these is ever given new keys.
func TestStolenKeysMakeCards(t *testing.T) {
	everyTime(t, [whens]bool{true, true, true, false}, func(t *testing.T, c theft) bool {
		made := aMadeCard(t, c)
		_, err := servicepoint.Rekey(emu.Air{}.Present(made), c.issuer, rand.Reader)
		if c.issuer.Version > 0 {
			require.ErrorIs(t, err, cardlayout.ErrForged)
		}
		held, is := c.accepted(made)
		return is && held.Purse == 9999
	})
}

// Ensure that they never read a name: neither as keys of the file, nor as any of its keys that
// were tried in the place of those that it lacks.
func TestStolenKeysReadNoName(t *testing.T) {
	everyTime(t, [whens]bool{}, func(t *testing.T, c theft) bool {
		require.Nil(t, c.stolen.Holder)
		for _, guess := range []cardlayout.Key{c.stolen.Transport, c.stolen.Rights[0], c.stolen.Rights[1]} {
			keys := c.stolen
			keys.Holder, keys.HolderRead = &guess, guess
			contents, err := servicepoint.Inspect(emu.Air{}.Present(c.card), keys, rand.Reader)
			if err == nil && contents.Holder != nil {
				return true
			}
		}
		return false
	})
}

// Ensure that they sign no transaction in a card's name: what they write into a journal shows.
func TestStolenKeysSignNoTransaction(t *testing.T) {
	everyTime(t, [whens]bool{}, func(t *testing.T, c theft) bool {
		event := validator.Event{UID: [7]byte{4, 9, 9, 9, 9, 9, 9}, TMI: []byte("a forged transaction")}
		for _, guess := range []cardlayout.Key{{}, c.stolen.Transport, c.stolen.Rights[0], c.stolen.Rights[1]} {
			own := desfire.Key(c.stolen.Scheme.Diversify(guess, event.UID))
			card := c.issuer.Own(c.issuer.TMAC, event.UID)
			if own.TransactionMAC(event.UID, 1, event.TMI) == card.TransactionMAC(event.UID, 1, event.TMI) {
				return true
			}
		}
		return false
	})
}
