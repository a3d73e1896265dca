package servicepoint_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/servicepoint"
)

// free is what the card says of its memory.
func free(t *testing.T, card *emu.Card) int {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	n, err := s.FreeMemory()
	require.NoError(t, err)
	return n
}

// leave fills a card with somebody else's files, until so many bytes are free.
func leave(t *testing.T, card *emu.Card, key desfire.Authenticator, want int) {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	require.NoError(t, s.Authenticate(0, key, random(7)))
	require.NoError(t, s.CreateApplication(desfire.AID{1, 2, 3}, 0x0F, 1))
	require.NoError(t, s.Select(desfire.AID{1, 2, 3}))
	require.NoError(t, s.Authenticate(0, desfire.Key{}, random(8)))
	if size := free(t, card) - want; size > 0 {
		s, err = desfire.Connect(emu.Air{}.Present(card))
		require.NoError(t, err)
		require.NoError(t, s.Select(desfire.AID{1, 2, 3}))
		require.NoError(t, s.Authenticate(0, desfire.Key{}, random(8)))
		require.NoError(t, s.CreateStandardFile(desfire.Layout{
			No: 1, Mode: desfire.Plain,
			Size: size,
		}))
	}
	require.Equal(t, want, free(t, card))
}

var figures = regexp.MustCompile(`(\d+) bytes are free, and (\d+) are needed`)

// Ensure that a card without room for all files is refused with both figures before anything is
// written, whatever make it is, and that one with just enough is issued.
func TestFullCard(t *testing.T) {
	for name, make := range makes {
		t.Run(name, func(t *testing.T) {
			make.Memory = 4096
			key := map[bool]desfire.Authenticator{true: desfire.DESKey{}, false: desfire.Key{}}[make.Blank]
			issue := func(left int) (*emu.Card, error) {
				card, o := makeCard(make)
				o.Holder = order().Holder
				leave(t, card, key, left)
				before := memory(t, card)
				err := servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2))
				if err != nil {
					require.Equal(t, before, memory(t, card), "nothing is written")
				}
				return card, err
			}
			_, err := issue(64)
			require.ErrorIs(t, err, servicepoint.ErrFull)
			said := figures.FindStringSubmatch(err.Error())
			require.NotNil(t, said, err)
			require.Equal(t, "64", said[1])
			need, err := strconv.Atoi(said[2])
			require.NoError(t, err)
			_, err = issue(need - 32)
			require.ErrorIs(t, err, servicepoint.ErrFull)
			require.ErrorContains(t, err, fmt.Sprintf("%d bytes are free, and %d", need-32, need))
			card, err := issue(need)
			require.NoError(t, err)
			require.Zero(t, free(t, card), "all of it is needed")
		})
	}
}

// Ensure that a card on which an issuing was torn is issued again in the room that this one had
// taken, and refused where other applications have taken it since.
func TestFullCardAfterATear(t *testing.T) {
	for _, taken := range []bool{false, true} {
		card, o := makeCard(emu.Config{UID: uid, Chip: emu.EV2, Memory: 2048})
		air := emu.Air{Tear: emu.Tear{Exchange: 10, Side: emu.After}}
		err := servicepoint.Issue(air.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2))
		require.ErrorIs(t, err, hw.ErrRemoved)
		if taken {
			leave(t, card, desfire.Key{}, 32)
		}
		err = servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(3))
		if !taken {
			require.NoError(t, err)
			holds(t, card, o)
			continue
		}
		require.ErrorIs(t, err, servicepoint.ErrFull)
	}
}
