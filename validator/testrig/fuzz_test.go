package testrig_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim"
)

// A liar is a card between which and the reader something stands that lies as a script of
// bytes has it, two for each exchange: how, and with what.
type liar struct {
	t      testing.TB
	card   *emu.Card
	honest hw.Card
	script []byte
	last   []byte // the answer before, for who repeats it
	n      int
}

// most is more than any tap asks of a card.
const most = 300

func (l *liar) Transmit(command []byte) ([]byte, error) {
	l.n++
	require.Less(l.t, l.n, most, "it does not end")
	how, with := byte(0), byte(0)
	if len(l.script) > 1 {
		how, with, l.script = l.script[0], l.script[1], l.script[2:]
	}
	switch how % 16 {
	case 1: // it left before it heard the command
		return nil, hw.ErrRemoved
	case 2: // it acts, and its answer says something else
		l.ask(command)
		return []byte{0x91, with}, nil
	case 3: // it does not act, and says something
		return []byte{0x91, with}, nil
	case 4: // it says as much as it should, and nothing of it is so
		answer := l.ask(command)
		for n := range max(0, len(answer)-2) {
			answer[n] = with + byte(n)
		}
		return answer, nil
	case 5: // a bit of its answer is turned
		answer := l.ask(command)
		answer[int(with)/8%len(answer)] ^= 1 << (with % 8)
		return answer, nil
	case 6: // a piece of its answer is lost, down to nothing
		answer := l.ask(command)
		return answer[:int(with)%(len(answer)+1)], nil
	case 7: // it says too much
		return append(bytes.Repeat([]byte{with}, int(with)), l.ask(command)...), nil
	case 8: // it says what it said before
		before := l.last
		l.ask(command)
		if len(before) > 0 {
			return before, nil
		}
	case 9: // it loses its power unseen, and goes on
		l.honest = emu.Air{}.Present(l.card)
	case 10: // it hears another command
		other := bytes.Clone(command)
		other[int(with)%len(other)] ^= 1 + with
		return l.ask(other), nil
	case 11: // it hears the command twice
		l.ask(command)
	case 12: // words of the reader in its place
		return []byte{0x63, 0x00}, nil
	case 13: // it always wants to say more
		return []byte{with, 0x91, 0xAF}, nil
	}
	return l.ask(command), nil
}

func (l *liar) ask(command []byte) []byte {
	answer, err := l.honest.Transmit(command)
	require.NoError(l.t, err)
	l.last = bytes.Clone(answer)
	return bytes.Clone(answer)
}

// FuzzTap lets a card lie at every step of a whole tap: whatever it says, no tap panics or
// goes on for ever, the card has paid what the journal says, and when it comes back as it
// is it pays once.
func FuzzTap(f *testing.F) {
	f.Add(byte(0), []byte{})
	for n := range byte(18) {
		quiet := bytes.Repeat([]byte{0, 0}, int(n))
		for how := range byte(14) {
			f.Add(n, append(bytes.Clone(quiet), how, 0xAF))
		}
	}
	chips := []string{"EV1", "EV2", "EV3, profile readable"}
	f.Fuzz(func(t *testing.T, chip byte, script []byte) {
		bus := aBus(t, sim.Setup{}, "purse 50.00, chip "+chips[int(chip)%len(chips)])
		card := bus.Cards["Aino"]
		s := on(t, bus, card, bus.Clock.Now())
		o, err := s.Try(context.Background(), func(honest hw.Card) hw.Card {
			return &liar{t: t, card: card, honest: honest, script: script}
		})
		require.NoError(t, err)
		again, err := s.Again(context.Background())
		require.NoError(t, err)
		if o.Ending == validator.Accepted {
			require.Equal(t, fare.AlreadyStamped, again.Decision.Reason)
		} else {
			require.Equal(t, validator.Accepted, again.Ending, "after %v: %v", o.Ending, again.Err)
		}
		held, err := s.Inspect(context.Background())
		require.NoError(t, err)
		require.EqualValues(t, 5000-251, held.Card.Purse)
	})
}
