package servicepoint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// rolled are keys of which those of a bus are of the next generation.
func rolled(k oncard.Keys) oncard.Keys {
	k.Former, k.FormerRights = []cardlayout.Key{k.Transport}, [][2]cardlayout.Key{k.Rights}
	k.Version++
	k.Rights = [2]cardlayout.Key{{1, k.Version}, {2, k.Version}}
	k.Transport = cardlayout.Key{3, k.Version}
	return k
}

// newest are the keys without the former ones.
func newest(k oncard.Keys) oncard.Keys {
	k.Former, k.FormerRights = nil, nil
	return k
}

// opens reports whether a card is read with keys, and with what it is refused.
func opens(card *emu.Card, k oncard.Keys) error {
	_, err := servicepoint.Inspect(emu.Air{}.Present(card), k, random(8))
	return err
}

// Ensure that a card of every make and profile is given the newest keys and nothing else; that
// those of the generation before open it no more; and that a second time does nothing.
func TestRekey(t *testing.T) {
	for name, make := range makes {
		for _, profile := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
			t.Run(name+", "+profile.String(), func(t *testing.T) {
				card, o := makeCard(make)
				o.Profile, o.Holder = profile, order().Holder
				visit := emu.Air{}.Present(card)
				require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(2)))
				next := rolled(allKeys())
				done, err := servicepoint.Rekey(emu.Air{}.Present(card), next, random(3))
				require.NoError(t, err)
				want := servicepoint.RekeyResult{
					Number: o.Card.Number, Rights: true, Transport: true,
					Card: done.Card, Others: done.Card,
				}
				require.Equal(t, want, done)
				renewed(t, card, o, next)
				before := memory(t, card)
				done, err = servicepoint.Rekey(emu.Air{}.Present(card), next, random(4))
				require.NoError(t, err)
				want.Rights, want.Transport = false, false
				want.Card.Counter++
				want.Others = want.Card
				require.Equal(t, want, done)
				require.Equal(t, before, memory(t, card))
			})
		}
	}
}

// renewed says that a card has the newest keys alone, and all that was ordered, in one transaction.
func renewed(t *testing.T, card *emu.Card, o servicepoint.Order, k oncard.Keys) {
	t.Helper()
	held := inspect(t, card, newest(k))
	want := o.Card
	want.Generation = generation(t, card)
	want.Counter++
	require.Equal(t, want, held.Card)
	require.Equal(t, o.Holder, held.Holder)
	require.Equal(t, k.Version, held.Application.KeyVersion)
	require.ErrorIs(t, opens(card, allKeys()), cardlayout.ErrForged)
	s, err := desfire.Open(emu.Air{}.Present(card), k.App(), random(5))
	require.NoError(t, err)
	version, err := s.KeyVersion(1)
	require.NoError(t, err)
	require.Equal(t, k.Version, version)
}

// Ensure that wherever a card is torn while it is given new keys, a bus with both generations
// opens it all the same, and a second run finishes it.
func TestTornRekey(t *testing.T) {
	for name, make := range makes {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, air emu.Air) bool {
				card, o := makeCard(make)
				visit := emu.Air{}.Present(card)
				require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(2)))
				next := rolled(allKeys())
				_, err := servicepoint.Rekey(air.Present(card), next, random(3))
				if err != nil {
					require.ErrorIs(t, err, hw.ErrRemoved)
					bus := busKeys()
					bus.Transport, bus.Former = next.Transport, next.Former
					bus.Rights, bus.FormerRights = next.Rights, next.FormerRights
					require.NoError(t, opens(card, bus))
					_, err := servicepoint.Rekey(emu.Air{}.Present(card), next, random(4))
					require.NoError(t, err)
				}
				renewed(t, card, o, next)
				return err != nil
			})
		})
	}
}

// Ensure that a card of two generations back is refused and stays as it is, that keys without
// the issuer's part change nothing, and that nobody else's card is given keys of ours: one
// that was made with stolen keys of a bus has another master.
func TestRekeyRefuses(t *testing.T) {
	next := rolled(allKeys())
	forged := allKeys()
	forged.Master, forged.PICC = keyOf(11), keyOf(12)
	made := blankCard()
	require.NoError(t, servicepoint.Issue(emu.Air{}.Present(made), blanks, order(), forged, random(2)))
	bus := busKeys()
	for name, c := range map[string]struct {
		card *emu.Card
		keys oncard.Keys
		want string
	}{
		"two generations": {issued(t, order()), rolled(next), "not authentic"},
		"keys of a bus":   {issued(t, order()), bus, "PICC key is not set"},
		"a made card":     {made, next, "not authentic"},
	} {
		t.Run(name, func(t *testing.T) {
			before := memory(t, c.card)
			_, err := servicepoint.Rekey(emu.Air{}.Present(c.card), c.keys, random(3))
			require.Equal(t, before, memory(t, c.card))
			require.ErrorContains(t, err, "giving the card new keys: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

// Ensure that a service point seals the rights anew at its next writing of a card, and at no
// reading.
func TestResealedAtTheNextVisit(t *testing.T) {
	next := rolled(allKeys())
	next.Transport, next.Former = allKeys().Transport, nil // these are another matter
	for name, o := range orders() {
		t.Run(name, func(t *testing.T) {
			card := issued(t, o)
			before := inspect(t, card, next)
			require.ErrorIs(t, opens(card, newest(next)), cardlayout.ErrForged, "read alone")
			_, err := servicepoint.Load(emu.Air{}.Present(card), next, random(4), addTen)
			require.NoError(t, err)
			after := inspect(t, card, newest(next)).Card
			require.Equal(t, before.Card.Purse+1000, after.Purse)
			require.Equal(t, before.Card.Birth, after.Birth)
			require.ErrorIs(t, opens(card, allKeys()), cardlayout.ErrForged)
		})
	}
}
