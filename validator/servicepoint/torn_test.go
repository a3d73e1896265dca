package servicepoint_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/servicepoint"
)

// everywhere runs a test with the card torn away at every exchange, on either side,
// until an exchange is one too many and nothing is torn.
func everywhere(t *testing.T, test func(t *testing.T, air emu.Air) (torn bool)) {
	t.Helper()
	for exchange := 1; ; exchange++ {
		for _, side := range []emu.Side{emu.Before, emu.After} {
			air, torn := emu.Air{Tear: emu.Tear{Exchange: exchange, Side: side}}, false
			if !t.Run(fmt.Sprintf("%v %d", side, exchange), func(t *testing.T) {
				torn = test(t, air)
			}) {
				return
			}
			if !torn {
				require.Greater(t, exchange, 7, "something was torn")
				return
			}
		}
	}
}

// Ensure that an issuing torn anywhere can be repeated, and leaves the very card that
// one in peace leaves.
func TestTornIssue(t *testing.T) {
	for name, o := range orders() {
		want := memory(t, issued(t, o))
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, air emu.Air) bool {
				card := blankCard()
				err := servicepoint.Issue(air.Present(card), blanks, o, allKeys(), random(2))
				if err != nil {
					require.ErrorIs(t, err, hw.ErrRemoved)
					require.NoError(t,
						servicepoint.Issue(emu.Air{}.Present(card), blanks, o, allKeys(), random(9)))
				}
				holds(t, card, o)
				if o.Holder == nil { // else its nonce differs
					require.Equal(t, want, memory(t, card))
				}
				return err != nil
			})
		})
	}
}

// Ensure that it does not matter how often an issuing is torn, nor what was ordered
// before it was.
func TestTornAgainAndAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := slices.Sorted(maps.Keys(makes))
	for round := range 60 {
		make := makes[names[round%len(names)]]
		card, _ := makeCard(make)
		for n := range 6 {
			air := emu.Air{Tear: emu.Tear{Exchange: 1 + r.IntN(60), Side: emu.Side(r.IntN(2))}}
			o := order()
			o.Profile = servicepoint.Profile(r.IntN(2))
			o.Card.TransactionMAC = make.Chip != emu.EV1 && r.IntN(2) == 0
			err := servicepoint.Issue(air.Present(card), blanks, o, allKeys(), random(byte(6*round+n)))
			require.ErrorIs(t, err, hw.ErrRemoved)
		}
		o := order()
		require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), blanks, o, allKeys(), random(9)))
		holds(t, card, o)
	}
}

// A faulty card answers one command with an error status of its own, without having
// acted on it.
type faulty struct {
	hw.Card
	left   int
	status desfire.Status
}

func (f *faulty) Transmit(command []byte) ([]byte, error) {
	if f.left--; f.left == 0 {
		return []byte{0x91, byte(f.status)}, nil
	}
	return f.Card.Transmit(command)
}

// Ensure that a card which refuses any one command can be issued later on, and that
// the error names what it refused.
func TestRefusedCommand(t *testing.T) {
	o := ordered(servicepoint.Enciphered)
	for n := 2; ; n++ {
		card := blankCard()
		f := &faulty{Card: emu.Air{}.Present(card), left: n, status: desfire.OutOfEEPROM}
		err := servicepoint.Issue(f, blanks, o, allKeys(), random(2))
		if f.left > 0 {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, desfire.OutOfEEPROM)
		require.Regexp(t, "^issuing the card: [a-z]+ing:? ", err.Error())
		require.NoError(t, servicepoint.Issue(emu.Air{}.Present(card), blanks, o, allKeys(), random(2)))
		holds(t, card, o)
	}
}

// Ensure that a card of whose issuing only the last answers were lost is finished, and
// is found to be: the key was changed, and was to be proved in two steps.
func TestTornAtTheEnd(t *testing.T) {
	whole := emu.Air{}.Present(blankCard())
	require.NoError(t, servicepoint.Issue(whole, blanks, order(), allKeys(), random(2)))
	for lost := range 3 {
		card := blankCard()
		air := emu.Air{Tear: emu.Tear{Exchange: whole.Stats().Exchanges - lost, Side: emu.After}}
		require.Error(t, servicepoint.Issue(air.Present(card), blanks, order(), allKeys(), random(2)))
		before := memory(t, card)
		again := emu.Air{}.Present(card)
		require.NoError(t, servicepoint.Issue(again, blanks, order(), allKeys(), random(2)))
		require.Equal(t, before, memory(t, card))
	}
}

// A pretender says that it has changed its session's own key, and has not.
type pretender struct {
	hw.Card
	keyNo byte
}

func (p *pretender) Transmit(command []byte) ([]byte, error) {
	if command[1] == 0xC4 && command[5] == p.keyNo {
		return []byte{0x91, 0x00}, nil
	}
	return p.Card.Transmit(command)
}

// Ensure that a key is believed only when it was proved: the answer to changing it
// carries no MAC.
func TestPretendedKey(t *testing.T) {
	for _, keyNo := range []byte{0x00, 0x80} {
		card := blankCard()
		p := &pretender{emu.Air{}.Present(card), keyNo}
		err := servicepoint.Issue(p, blanks, order(), allKeys(), random(2))
		require.ErrorIs(t, err, desfire.AuthenticationError)
		again := emu.Air{}.Present(card)
		require.NoError(t, servicepoint.Issue(again, blanks, order(), allKeys(), random(2)))
		holds(t, card, order())
	}
}

// Ensure that a load torn anywhere leaves the old content or the new one and nothing
// between; that only an unheard commit may leave the new one; and that asking again
// then makes the change once.
func TestTornLoad(t *testing.T) {
	for name, o := range orders() {
		for what, change := range map[string]servicepoint.Change{
			"value": addTen, "season": addSeason, "everything": everything,
		} {
			fresh := issued(t, o)
			before := content(inspect(t, fresh, allKeys()))
			_, err := servicepoint.Load(emu.Air{}.Present(fresh), busKeys(), random(4), change)
			require.NoError(t, err)
			after := content(inspect(t, fresh, allKeys()))
			t.Run(name+", "+what, func(t *testing.T) {
				everywhere(t, func(t *testing.T, air emu.Air) bool {
					card := issued(t, o)
					return tornLoad(t, card, air, change, before, after)
				})
			})
		}
	}
}

// Ensure the same of an EV1, whose commit nobody signs.
func TestTornLoadOfEV1(t *testing.T) {
	fresh := func() *emu.Card {
		card, o := makeCard(makes["EV1, DES"])
		visit := emu.Air{}.Present(card)
		require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(2)))
		return card
	}
	card := fresh()
	before := content(inspect(t, card, allKeys()))
	_, err := servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(4), everything)
	require.NoError(t, err)
	after := content(inspect(t, card, allKeys()))
	everywhere(t, func(t *testing.T, air emu.Air) bool {
		return tornLoad(t, fresh(), air, everything, before, after)
	})
}

func tornLoad(
	t *testing.T, card *emu.Card, air emu.Air, change servicepoint.Change, before, after servicepoint.Contents,
) (torn bool) {
	l, err := servicepoint.Load(air.Present(card), busKeys(), random(4), change)
	held := content(inspect(t, card, allKeys()))
	switch {
	case err == nil:
		require.Equal(t, after, held)
		return false
	case errors.Is(err, desfire.ErrCommitUnknown):
		require.Contains(t, []servicepoint.Contents{before, after}, held)
	default:
		require.Equal(t, before, held)
		require.Zero(t, l)
	}
	require.ErrorIs(t, err, hw.ErrRemoved)
	if l != (servicepoint.Loaded{}) {
		change = l.Again(change)
	}
	_, err = servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(5), change)
	require.NoError(t, err)
	require.Equal(t, after, content(inspect(t, card, allKeys())))
	return true
}

// content is what a card says, without the signature, which counts commits.
func content(c servicepoint.Contents) servicepoint.Contents {
	c.TMAC = desfire.TMAC{}
	return c
}
