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

// older is a card of layout 1.
func older(t *testing.T, make emu.Config, profile servicepoint.Profile) (*emu.Card, servicepoint.Order) {
	t.Helper()
	card, o := makeCard(make)
	o.Card.Layout, o.Profile = 1, profile
	visit := emu.Air{}.Present(card)
	require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(2)))
	return card, o
}

// Ensure that wherever a move is torn, the card keeps one purse and all that it holds, that a
// second run finishes it, and that a third changes nothing.
func TestTornMigrate(t *testing.T) {
	for name, make := range makes {
		for _, profile := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
			t.Run(name+", "+profile.String(), func(t *testing.T) {
				everywhere(t, func(t *testing.T, air emu.Air) bool {
					card, o := older(t, make, profile)
					moved := o.Card
					moved.Layout = cardlayout.NewestLayout
					moved.Counter++
					_, _, err := servicepoint.Migrate(air.Present(card), allKeys(), random(3))
					if err != nil {
						require.ErrorIs(t, err, hw.ErrRemoved)
						held := inspect(t, card, busKeys()).Card
						if held.Layout == cardlayout.NewestLayout {
							o.Card = moved
						}
						holds(t, card, o)
						_, did, err := servicepoint.Migrate(emu.Air{}.Present(card), allKeys(), random(4))
						require.NoError(t, err)
						require.Equal(t, held.Layout == 1, did)
					}
					o.Card = moved
					holds(t, card, o)
					onePurse(t, card)
					before := memory(t, card)
					c, did, again := servicepoint.Migrate(emu.Air{}.Present(card), allKeys(), random(5))
					require.NoError(t, again)
					require.False(t, did)
					require.Equal(t, o.Card.Purse, c.Card.Purse)
					require.Equal(t, before, memory(t, card))
					return err != nil
				})
			})
		}
	}
}

// onePurse says that a program which knows layout 1 alone refuses a moved card.
func onePurse(t *testing.T, card *emu.Card) {
	t.Helper()
	k := allKeys()
	s, err := desfire.Open(emu.Air{}.Present(card), k.App(), random(6))
	require.NoError(t, err)
	var version [2]byte
	require.NoError(t, s.Read(cardlayout.FileState, desfire.Full, 0, version[:]))
	require.EqualValues(t, cardlayout.NewestLayout, version[1])
}

// A full card has no room for another file.
type full struct{ hw.Card }

func (f full) Transmit(command []byte) ([]byte, error) {
	if command[1] == byte(desfire.CodeCreateBackupFile) {
		return []byte{0x91, byte(desfire.OutOfEEPROM)}, nil
	}
	return f.Card.Transmit(command)
}

// Ensure that a card which has no room for the file, or was made with stolen keys of a bus, stays
// as it is, and that the keys of a bus move none.
func TestMigrateRefuses(t *testing.T) {
	forged := allKeys()
	forged.Master, forged.PICC = keyOf(11), keyOf(12)
	o := order()
	o.Card.Layout = 1
	card := blankCard()
	require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), blanks, o, forged, random(2)))
	before := memory(t, card)
	for want, k := range map[error]oncard.Keys{
		cardlayout.ErrForged: allKeys(), nil: busKeys(),
	} {
		_, _, err := servicepoint.Migrate(emu.Air{}.Present(card), k, random(3))
		require.Error(t, err)
		if want != nil {
			require.ErrorIs(t, err, want)
		}
	}
	require.Equal(t, before, memory(t, card))
	_, _, err := servicepoint.Migrate(full{emu.Air{}.Present(issued(t, o))}, allKeys(), random(3))
	require.ErrorIs(t, err, servicepoint.ErrFull)
}

// Ensure that what the public files of a card say otherwise than file 7 is told, and not believed.
func TestOthersAreTold(t *testing.T) {
	card, k := issued(t, order()), allKeys()
	s, err := desfire.Open(emu.Air{}.Present(card), k.App(), random(6))
	require.NoError(t, err)
	require.NoError(t, s.Write(cardlayout.FileValue, desfire.Full, 0, []byte{0x7F}))
	_, err = s.Commit(false)
	require.NoError(t, err)
	c := inspect(t, card, busKeys())
	require.Equal(t, order().Card.Purse, c.Card.Purse)
	require.NotEqual(t, c.Card.Purse, c.Others.Purse)
	l, err := servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(7), addTen)
	require.NoError(t, err)
	require.Equal(t, c.Others, l.Others)
	c = inspect(t, card, busKeys())
	require.Equal(t, c.Card, c.Others)
}
