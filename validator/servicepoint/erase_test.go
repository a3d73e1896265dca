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

// finished is a card of ours, shared with somebody.
func finished(t *testing.T, make emu.Config) (*emu.Card, servicepoint.Order) {
	t.Helper()
	card, o := makeCard(make)
	if make.Blank {
		share(t, card, desfire.DESKey{})
	} else {
		share(t, card, desfire.Key{})
	}
	require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2)))
	return card, o
}

// erased says that nothing of ours is left on the card, and something of theirs.
func erased(t *testing.T, card *emu.Card) {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	require.NoError(t, s.Authenticate(0, desfire.Key{}, random(7)))
	version, err := s.KeyVersion(0)
	require.NoError(t, err)
	require.Zero(t, version)
	all, err := s.ApplicationIDs()
	require.NoError(t, err)
	require.Equal(t, []desfire.AID{stranger}, all)
	shared(t, card)
}

// Ensure that a card is blank once it was erased, that it can be issued again, and that
// erasing it twice does nothing.
func TestErase(t *testing.T) {
	for name, make := range makes {
		t.Run(name, func(t *testing.T) {
			card, o := finished(t, make)
			require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(3)))
			erased(t, card)
			before := memory(t, card)
			require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(4)))
			require.Equal(t, before, memory(t, card))
			visit := emu.Air{}.Present(card)
			require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(5)))
			holds(t, card, o)
			shared(t, card)
		})
	}
}

// Ensure that an erasing torn anywhere can be repeated, and leaves nothing then.
func TestTornErase(t *testing.T) {
	for name, make := range makes {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, air emu.Air) bool {
				card, _ := finished(t, make)
				err := servicepoint.Erase(air.Present(card), allKeys(), random(3))
				if err != nil {
					require.ErrorIs(t, err, hw.ErrRemoved)
					require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(4)))
				}
				erased(t, card)
				return err != nil
			})
		})
	}
}

// Ensure that a card whose issuing was torn is erased too, where its key was AES zeros.
func TestEraseUnfinished(t *testing.T) {
	card, o := makeCard(makes["EV2, AES"])
	share(t, card, desfire.Key{})
	air := emu.Air{Tear: emu.Tear{Exchange: 40}}
	require.Error(t, servicepoint.Issue(air.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2)))
	require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(3)))
	erased(t, card)
}

// Ensure that a card from the factory is blank already, and stays as it is but for what a
// torn issuing has left on it.
func TestEraseFromTheFactory(t *testing.T) {
	for name, make := range makes {
		if !make.Blank {
			continue
		}
		card, o := makeCard(make)
		share(t, card, desfire.DESKey{})
		before := memory(t, card)
		require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(3)), name)
		require.Equal(t, before, memory(t, card))
		air := emu.Air{Tear: emu.Tear{Exchange: 40}}
		require.Error(t, servicepoint.Issue(air.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2)))
		require.NotEqual(t, before, memory(t, card))
		require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(3)), name)
		s, err := desfire.Connect(emu.Air{}.Present(card))
		require.NoError(t, err)
		require.NoError(t, s.Authenticate(0, desfire.DESKey{}, random(7)))
		all, err := s.ApplicationIDs()
		require.NoError(t, err)
		require.Equal(t, []desfire.AID{stranger}, all)
	}
}

// Ensure that a card that is not ours is not erased, nor any with keys that are none.
func TestEraseRefused(t *testing.T) {
	others := allKeys()
	others.PICC = keyOf(12)
	for name, row := range map[string]struct {
		card *emu.Card
		keys oncard.Keys
		text string
	}{
		"of another issuer":   {issued(t, order()), others, servicepoint.ErrNotBlank.Error()},
		"with a bus's keys":   {issued(t, order()), busKeys(), "the PICC key is not set"},
		"with no application": {issued(t, order()), oncard.Keys{PICC: keyOf(1)}, "no application"},
	} {
		before := memory(t, row.card)
		err := servicepoint.Erase(emu.Air{}.Present(row.card), row.keys, random(3))
		require.ErrorContains(t, err, "erasing the card: ", name)
		require.ErrorContains(t, err, row.text, name)
		require.Equal(t, before, memory(t, row.card))
	}
}

// Ensure that the card's own key is believed to be gone only when it has proved zeros.
func TestPretendedErase(t *testing.T) {
	card := issued(t, order())
	err := servicepoint.Erase(&pretender{emu.Air{}.Present(card), 0x80}, allKeys(), random(3))
	require.ErrorIs(t, err, desfire.AuthenticationError)
	require.NotErrorIs(t, err, cardlayout.ErrForged)
	require.NoError(t, servicepoint.Erase(emu.Air{}.Present(card), allKeys(), random(4)))
}
