package servicepoint_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/servicepoint"
)

// makes are the blank cards that there are: from the factory, with a DES key of zeros,
// and with an AES key of zeros, of every generation.
var makes = map[string]emu.Config{
	"EV1, DES": {UID: uid, Chip: emu.EV1, Blank: true},
	"EV1, AES": {UID: uid, Chip: emu.EV1},
	"EV2, DES": {UID: uid, Chip: emu.EV2, Blank: true},
	"EV2, AES": {UID: uid, Chip: emu.EV2},
	"EV3, DES": {UID: uid, Chip: emu.EV3, Blank: true},
	"EV3, AES": {UID: uid, Chip: emu.EV3},
}

// makeCard makes the card, and an order for all that such a card can do.
func makeCard(c emu.Config) (*emu.Card, servicepoint.Order) {
	c.Rand = random(1)
	o := order()
	o.Card.TransactionMAC = c.Chip != emu.EV1
	o.Holder = nil // whose nonce differs in each issuing
	return emu.New(c), o
}

// Ensure that a card of ours can be made of every blank card, and be used.
func TestIssueEveryMake(t *testing.T) {
	for name, make := range makes {
		for _, profile := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
			t.Run(name, func(t *testing.T) {
				card, o := makeCard(make)
				o.Profile, o.Holder = profile, order().Holder
				visit := emu.Air{}.Present(card)
				require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(2)))
				holds(t, card, o)
				_, err := servicepoint.Load(emu.Air{}.Present(card), busKeys(), random(3), everything)
				require.NoError(t, err)
				c := inspect(t, card, allKeys())
				require.Equal(t, o.Card.Purse+300, c.Card.Purse)
				require.Equal(t, o.Holder, c.Holder)
				require.Len(t, c.History, 1)
				require.NotZero(t, c.Image)
				t.Logf("%d exchanges", visit.Stats().Exchanges)
			})
		}
	}
}

// Ensure that an issuing of any blank card torn anywhere can be repeated, and leaves
// the very card that one in peace leaves.
func TestTornIssueOfEveryMake(t *testing.T) {
	for name, make := range makes {
		card, o := makeCard(make)
		require.NoError(t,
			servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2)))
		want := memory(t, card)
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, air emu.Air) bool {
				card, _ := makeCard(make)
				err := servicepoint.Issue(air.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2))
				if err != nil {
					require.ErrorIs(t, err, hw.ErrRemoved)
					visit := emu.Air{}.Present(card)
					require.NoError(t, servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(9)))
				}
				holds(t, card, o)
				require.Equal(t, want, memory(t, card))
				return err != nil
			})
		})
	}
}

// Ensure that an EV1 is not issued with a signature that it cannot give.
func TestNoSignatureOnEV1(t *testing.T) {
	card, o := makeCard(makes["EV1, DES"])
	o.Card.TransactionMAC = true
	before := memory(t, card)
	err := servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2))
	require.ErrorIs(t, err, servicepoint.ErrOrder)
	require.Equal(t, before, memory(t, card))
}

// Ensure that the blanks are tried in their order and no other.
func TestBlanksInOrder(t *testing.T) {
	for name, make := range makes {
		for _, list := range [][]desfire.Authenticator{
			{desfire.DESKey{}}, {desfire.Key{}}, {desfire.Key{}, desfire.DESKey{}}, {blank}, nil,
		} {
			card, o := makeCard(make)
			before := memory(t, card)
			err := servicepoint.Issue(emu.Air{}.Present(card), list, o, allKeys(), random(2))
			opens := len(list) == 2
			if len(list) == 1 {
				_, des := list[0].(desfire.DESKey)
				opens = list[0] != desfire.Authenticator(blank) && des == make.Blank
			}
			if opens {
				require.NoError(t, err, name)
				continue
			}
			require.ErrorIs(t, err, servicepoint.ErrNotBlank, name)
			require.Equal(t, before, memory(t, card))
		}
	}
}

// stranger is an application of somebody else's.
var stranger = desfire.AID{0x01, 0x02, 0x03}

// share gives the card a second application with something in it.
func share(t *testing.T, card *emu.Card, key desfire.Authenticator) {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	require.NoError(t, s.Authenticate(0, key, random(7)))
	require.NoError(t, s.CreateApplication(stranger, 0x0F, 1))
	require.NoError(t, s.Select(stranger))
	require.NoError(t, s.Authenticate(0, desfire.Key{}, random(7)))
	require.NoError(t, s.CreateStandardFile(desfire.Layout{No: 1, Size: 6, Mode: desfire.Full}))
	require.NoError(t, s.Write(1, desfire.Full, 0, []byte("theirs")))
}

// shared says that the second application is as it was.
func shared(t *testing.T, card *emu.Card) {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	require.NoError(t, s.Select(stranger))
	require.NoError(t, s.Authenticate(0, desfire.Key{}, random(7)))
	var p [6]byte
	require.NoError(t, s.Read(1, desfire.Full, 0, p[:]))
	require.Equal(t, "theirs", string(p[:]))
}

// codes notes the commands that a card is given.
type codes struct {
	hw.Card
	heard [256]int
}

func (c *codes) Transmit(command []byte) ([]byte, error) {
	c.heard[command[1]]++
	return c.Card.Transmit(command)
}

const (
	deleteApplication = 0xDA
	formatPICC        = 0xFC
)

// Ensure that beginning again deletes our application and nobody else's; a card with
// ours alone is formatted, since only that gives an EV1 its memory back.
func TestBeginningAgainLeavesOthersAlone(t *testing.T) {
	for name, make := range makes {
		for _, alone := range []bool{true, false} {
			card, o := makeCard(make)
			if !alone && make.Blank {
				share(t, card, desfire.DESKey{})
			} else if !alone {
				share(t, card, desfire.Key{})
			}
			air := emu.Air{Tear: emu.Tear{Exchange: 40, Side: emu.After}}
			err := servicepoint.Issue(air.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2))
			require.ErrorIs(t, err, hw.ErrRemoved, name)
			again := &codes{Card: emu.Air{}.Present(card)}
			require.NoError(t, servicepoint.Issue(again, servicepoint.BlankKeys(), o, allKeys(), random(3)), name)
			holds(t, card, o)
			if alone {
				require.Equal(t, 1, again.heard[formatPICC])
				continue
			}
			require.Zero(t, again.heard[formatPICC])
			require.Equal(t, 1, again.heard[deleteApplication])
			shared(t, card)
		}
	}
}

// An unformattable card refuses to be formatted.
type unformattable struct{ hw.Card }

func (u unformattable) Transmit(command []byte) ([]byte, error) {
	if command[1] == formatPICC {
		return []byte{0x91, byte(desfire.PermissionDenied)}, nil
	}
	return u.Card.Transmit(command)
}

// Ensure that an issuing can begin again on a card that cannot be formatted.
func TestBeginningAgainWithoutFormat(t *testing.T) {
	for name, make := range makes {
		card, o := makeCard(make)
		air := emu.Air{Tear: emu.Tear{Exchange: 40, Side: emu.After}}
		require.Error(t, servicepoint.Issue(air.Present(card), servicepoint.BlankKeys(), o, allKeys(), random(2)))
		again := unformattable{emu.Air{}.Present(card)}
		require.NoError(t, servicepoint.Issue(again, servicepoint.BlankKeys(), o, allKeys(), random(3)), name)
		holds(t, card, o)
	}
}

// An aged card pretends that it does not know EV2.
type aged struct{ hw.Card }

func (a aged) Transmit(command []byte) ([]byte, error) {
	if command[1] == byte(desfire.EV2First) {
		return []byte{0x91, byte(desfire.IllegalCommand)}, nil
	}
	return a.Card.Transmit(command)
}

// Ensure that a card that says it is an EV2 and speaks EV1 is taken for forged: when it
// is issued, loaded and inspected.
func TestOlderThanItSays(t *testing.T) {
	for _, name := range []string{"EV2, DES", "EV2, AES", "EV3, DES"} {
		card, o := makeCard(makes[name])
		visit := aged{emu.Air{}.Present(card)}
		err := servicepoint.Issue(visit, servicepoint.BlankKeys(), o, allKeys(), random(2))
		require.ErrorIs(t, err, cardlayout.ErrForged)

		visit = aged{emu.Air{}.Present(issued(t, order()))}
		_, err = servicepoint.Load(visit, allKeys(), random(2), addTen)
		require.ErrorIs(t, err, cardlayout.ErrForged)
		_, err = servicepoint.Inspect(visit, allKeys(), random(2))
		require.ErrorIs(t, err, cardlayout.ErrForged)
		err = servicepoint.Issue(visit, blanks, order(), allKeys(), random(2))
		require.ErrorIs(t, err, servicepoint.ErrIssued)
		require.ErrorIs(t, err, cardlayout.ErrForged)
	}
}
