package servicepoint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// Ensure that an issued card holds what was ordered, and says so in every file that
// tells of it.
func TestIssue(t *testing.T) {
	for name, o := range orders() {
		t.Run(name, func(t *testing.T) {
			card := issued(t, o)
			holds(t, card, o)
			c := inspect(t, card, allKeys())
			require.Equal(t, cardlayout.UID(uid), c.UID)
			require.Equal(t, cardlayout.Application{
				Version: 1, KeyVersion: 3, Number: o.Card.Number, MACed: true,
			}, c.Application)
			want, err := cardlayout.Encode(c.Card, uid,
				o.Profile == servicepoint.Readable, allKeys().Keys)
			require.NoError(t, err)
			require.Equal(t, want, c.Image)
			require.Zero(t, c.TMAC, "the counter begins with the first load")
		})
	}
	t.Run("with a ticket and an event", func(t *testing.T) {
		holds(t, issued(t, travelled()), travelled())
	})
}

// Ensure that the generation is the card's own, and that an order for another is
// refused.
func TestGeneration(t *testing.T) {
	o := order()
	o.Card.Generation = 2
	holds(t, issued(t, o), o)
	for _, generation := range []uint8{1, 3} {
		o.Card.Generation = generation
		refused(t, o, blank, allKeys(), servicepoint.ErrOrder, "the card is an EV2")
	}
}

// refused says that the card is left as it was, and why.
func refused(t *testing.T, o servicepoint.Order, key desfire.Key, k oncard.Keys, why error, text string) {
	t.Helper()
	card := blankCard()
	before := memory(t, card)
	err := servicepoint.Issue(emu.Air{}.Present(card), only(key), o, k, random(2))
	require.ErrorIs(t, err, why)
	require.ErrorContains(t, err, "issuing the card: ")
	require.ErrorContains(t, err, text)
	require.Equal(t, before, memory(t, card))
}

// Ensure that an order that no card should be issued to is refused before the card is
// touched.
func TestOrderRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*servicepoint.Order)
		text   string
	}{
		{"R-015 a bearer card with a holder", func(o *servicepoint.Order) {
			o.Card.Kind, o.Card.Birth = cardlayout.Bearer, 0
		}, "R-015"},
		{"R-015 a bearer card with a birth date", func(o *servicepoint.Order) {
			o.Card.Kind, o.Holder = cardlayout.Bearer, nil
		}, "R-015"},
		{"no number", func(o *servicepoint.Order) { o.Card.Number = 0 }, "number"},
		{"a mistyped number", func(o *servicepoint.Order) { o.Card.Number++ }, "card number"},
		{"a card that does not fit", func(o *servicepoint.Order) { o.Card.Purse = -1 }, "purse"},
		{"an unknown profile", func(o *servicepoint.Order) { o.Profile = 2 }, "profile 2"},
		{"a holder that does not fit", func(o *servicepoint.Order) {
			o.Holder.Name = string(make([]byte, 300))
		}, "file 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := order()
			c.change(&o)
			refused(t, o, blank, allKeys(), servicepoint.ErrOrder, c.text)
		})
	}
}

// Ensure that no card gets a key that is missing or the key of another role.
func TestKeysRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*oncard.Keys)
		text   string
	}{
		{
			"no transport key", func(k *oncard.Keys) { k.Transport = cardlayout.Key{} },
			"the transport key is not set",
		},
		{"no PICC key", func(k *oncard.Keys) { k.PICC = cardlayout.Key{} }, "PICC key is not set"},
		{"no rights key", func(k *oncard.Keys) { k.Rights[1] = cardlayout.Key{} }, "second rights"},
		{
			"no Transaction MAC key", func(k *oncard.Keys) { k.TMAC = cardlayout.Key{} },
			"the Transaction MAC key is not set",
		},
		{
			"one key in two roles", func(k *oncard.Keys) { k.HolderRead = k.Transport },
			"the transport key is also the holder read key",
		},
		{"no holder key", func(k *oncard.Keys) { k.Holder = nil }, "holder key"},
		{"no application", func(k *oncard.Keys) { k.Scheme.AID = [3]byte{} }, "no application"},
		{"a long system identifier", func(k *oncard.Keys) {
			k.Scheme.System = string(make([]byte, cardlayout.MaxSystem+1))
		}, "22 bytes"},
		{"a version that does not fit", func(k *oncard.Keys) { k.Version = 16 }, "version 16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, k := order(), allKeys()
			o.Card.TransactionMAC = true
			c.change(&k)
			refused(t, o, blank, k, servicepoint.ErrOrder, c.text)
		})
	}
	t.Run("the Transaction MAC key is not needed", func(t *testing.T) {
		k := allKeys()
		k.TMAC = cardlayout.Key{}
		require.NoError(t, servicepoint.Issue(emu.Air{}.Present(blankCard()), blanks, order(), k, random(2)))
	})
}

// Ensure that a card with an unknown key of its own is left alone.
func TestNotBlank(t *testing.T) {
	refused(t, order(), desfire.Key{1}, allKeys(), servicepoint.ErrNotBlank, "neither the key of a blank")
}

// Ensure that a finished card is never erased, not even by one who offers its own key
// as the blank one, and that issuing it just as it is does nothing.
func TestFinishedIsFinished(t *testing.T) {
	k := allKeys()
	own := desfire.Key(k.Scheme.Diversify(k.PICC, uid))
	for _, o := range []servicepoint.Order{order(), travelled()} {
		card := issued(t, o)
		before := memory(t, card)
		for _, key := range []desfire.Key{blank, own, {1}} {
			require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), only(key), o, k, random(4)))
			require.Equal(t, before, memory(t, card))
			for _, change := range []func(*servicepoint.Order){
				func(o *servicepoint.Order) { o.Card.Purse++ },
				func(o *servicepoint.Order) { o.Card.Record.Fare++ },
				func(o *servicepoint.Order) { o.Card.Number = cardlayout.WithCheckDigit(2) },
				func(o *servicepoint.Order) { o.Holder = nil },
				func(o *servicepoint.Order) { o.Holder = &cardlayout.Holder{Name: "Toinen"} },
				func(o *servicepoint.Order) { o.Profile = servicepoint.Readable },
			} {
				other := o
				change(&other)
				err := servicepoint.Issue(emu.Air{}.Present(card), only(key), other, k, random(4))
				require.ErrorIs(t, err, servicepoint.ErrIssued)
				require.ErrorContains(t, err, o.Card.Number.Short())
				require.Equal(t, before, memory(t, card))
			}
		}
	}
}

// Ensure that a finished card that was loaded since is not issued again.
func TestLoadedIsNotIssuedAgain(t *testing.T) {
	card := issued(t, order())
	_, err := servicepoint.Load(emu.Air{}.Present(card), allKeys(), random(5), addTen)
	require.NoError(t, err)
	before := memory(t, card)
	err = servicepoint.Issue(emu.Air{}.Present(card), blanks, order(), allKeys(), random(4))
	require.ErrorIs(t, err, servicepoint.ErrIssued)
	require.Equal(t, before, memory(t, card))
}

// BenchmarkIssue also tells how many exchanges an issuing takes on the air.
func BenchmarkIssue(b *testing.B) {
	o := order()
	o.Card.TransactionMAC = true
	var tally emu.Stats
	for b.Loop() {
		visit := emu.Air{}.Present(blankCard())
		require.NoError(b, servicepoint.Issue(visit, blanks, o, allKeys(), random(2)))
		tally = visit.Stats()
	}
	b.ReportMetric(float64(tally.Exchanges), "exchanges/op")
	b.Logf("%d commands in %d exchanges, %v at 106 kbit/s",
		tally.Commands, tally.Exchanges, tally.Times[emu.Rate106])
}
