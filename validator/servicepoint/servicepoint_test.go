package servicepoint_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

var (
	uid   = [7]byte{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66}
	blank = desfire.Key{0: 0xB1, 15: 0xA7}
	now   = time.Date(2026, 3, 2, 12, 34, 56, 0, time.UTC)
	today = cardlayout.DayOf(now)
)

// blanks are the keys that the tests take for blank.
var blanks = append(servicepoint.BlankKeys(), blank)

// only is one key to be tried.
func only(key desfire.Key) []desfire.Authenticator { return []desfire.Authenticator{key} }

// random is a source that does not repeat itself and is the same in every run.
func random(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func blankCard() *emu.Card {
	return emu.New(emu.Config{UID: uid, Key: blank, Rand: random(1)})
}

// keyOf makes a key for the tests that no part of repeats in another.
func keyOf(seed byte) (k cardlayout.Key) {
	for i := range k {
		k[i] = seed<<4 | byte(i)
	}
	return k
}

func allKeys() oncard.Keys {
	holder := keyOf(8)
	return oncard.Keys{
		Keys: cardlayout.Keys{
			Scheme: cardlayout.Scheme{AID: [3]byte{0x00, 0x10, 0xAB}, System: "leima test"},
			Rights: [2]cardlayout.Key{keyOf(6), keyOf(7)},
			Holder: &holder,
		},
		PICC: keyOf(1), Master: keyOf(2), Transport: keyOf(3),
		HolderRead: keyOf(4), HolderWrite: keyOf(5), TMAC: keyOf(9), Version: 3,
	}
}

// busKeys are what is left on a bus.
func busKeys() oncard.Keys {
	all := allKeys()
	var k oncard.Keys
	k.Scheme, k.Rights, k.Transport = all.Scheme, all.Rights, all.Transport
	return k
}

// order is an order for a personal card that has been on the road: every file but
// the ticket's has something in it.
func order() servicepoint.Order {
	card := cardlayout.Card{
		Layout: 2, Number: cardlayout.WithCheckDigit(92469900010000001), Kind: cardlayout.Personal,
		Area: 227, Group: cardlayout.Adult, Birth: -3000, Issued: today, ValidUntil: today + 2922,
		Purse: 2000, Funded: 500, Counter: 3, Unblocking: 1, ActionCounter: 2,
		Last: cardlayout.EventID{Device: 9, Sequence: 12},
	}
	card.Seasons[0] = cardlayout.Season{Area: 227, Product: 30, Zones: 1, Days: 30, Price: 5700}
	return servicepoint.Order{Card: card, Holder: &cardlayout.Holder{
		Name: "Mäki Matti", IdentityCode: "010190-123A", Municipality: 491, Sex: 1,
		UserGroup: "adult",
	}}
}

// orders are one of every kind of order.
func orders() map[string]servicepoint.Order {
	list := map[string]servicepoint.Order{}
	for n := range 8 {
		o := order()
		o.Profile, o.Card.TransactionMAC, o.Card.Layout = servicepoint.Profile(n%2), n&2 != 0,
			uint8(1+n/4)
		name := fmt.Sprintf("%v, TMAC %v, layout %d", o.Profile, o.Card.TransactionMAC,
			o.Card.Layout)
		list[name+", personal"] = o
		o.Holder, o.Card.Birth, o.Card.Kind = nil, 0, cardlayout.Bearer
		list[name+", bearer"] = o
	}
	return list
}

// travelled is an order with a ticket and an event, as a test may want its cards.
func travelled() servicepoint.Order {
	o := order()
	o.Card.Ticket = cardlayout.Ticket{
		Area: 227, Product: 1, Group: cardlayout.Adult, SaleDay: today, Price: 251, Persons: 1,
	}
	o.Card.Record = cardlayout.Record{Debit: true, Fare: 251, Persons: 1, Remaining: 2000}
	return o
}

func issued(t testing.TB, o servicepoint.Order) *emu.Card {
	t.Helper()
	card := blankCard()
	require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), blanks, o, allKeys(), random(2)))
	return card
}

func inspect(t testing.TB, card *emu.Card, k oncard.Keys) servicepoint.Contents {
	t.Helper()
	c, err := servicepoint.Inspect(emu.Air{}.Present(card), k, random(3))
	require.NoError(t, err)
	return c
}

// holds says that the card is just what was ordered.
func holds(t testing.TB, card *emu.Card, o servicepoint.Order) {
	t.Helper()
	c := inspect(t, card, allKeys())
	want := o.Card
	want.Generation = generation(t, card)
	want.Record = cardlayout.Record{}
	require.Equal(t, want, c.Card)
	require.Equal(t, o.Holder, c.Holder)
	require.Equal(t, o.Profile, c.Profile)
	if o.Card.Record == (cardlayout.Record{}) {
		require.Empty(t, c.History)
	} else {
		require.Equal(t, []cardlayout.Record{o.Card.Record}, c.History)
	}
}

// generation is what the card itself says it is.
func generation(t testing.TB, card *emu.Card) uint8 {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	v, err := s.Version()
	require.NoError(t, err)
	return uint8(v.Generation())
}

// memory is everything a card keeps, for comparing.
func memory(t testing.TB, card *emu.Card) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, card.Save(&b))
	return b.String()
}

// tariff sells one season and any value.
func tariff() *fare.Tariff {
	t := &fare.Tariff{ID: "test", Area: 227, Location: time.UTC, FirstDayCounts: true}
	p := fare.SeasonProduct{Code: 30, Days: 30}
	p.Prices[cardlayout.Adult][1] = 5700
	t.Seasons = []fare.SeasonProduct{p}
	return t
}

func seller() sale.Sale { return sale.Sale{At: now, Organisation: 55, Device: 77, Again: true} }

func addTen(c cardlayout.Card) (cardlayout.Card, error) {
	return sale.LoadValue(c, seller(), tariff(), 1000)
}

func addSeason(c cardlayout.Card) (cardlayout.Card, error) {
	return sale.LoadSeason(c, seller(), tariff(), 30, 1)
}

// everything is a change that writes every file that travel knows.
func everything(c cardlayout.Card) (cardlayout.Card, error) {
	c.Counter++
	c.ActionCounter++
	c.Purse += 300
	c.Funded += 100
	c.Seasons[1] = c.Seasons[0]
	c.Ticket = cardlayout.Ticket{Area: 227, Product: 2, SaleDay: today, Price: 300, Persons: 1}
	c.Record = cardlayout.Record{Debit: true, Fare: 300, Persons: 1, Remaining: c.Purse}
	return c, nil
}
