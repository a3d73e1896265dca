package validator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim/simtest"
)

// A flickering card loses its power for a moment before an exchange, and its reader does
// not notice: it has forgotten everything, and goes on answering.
type flickering struct {
	card *emu.Card
	at   int
	hw.Card
	n int
}

func (f *flickering) Transmit(command []byte) ([]byte, error) {
	if f.n++; f.n == f.at {
		f.Card = emu.Air{}.Present(f.card)
	}
	return f.Card.Transmit(command)
}

// Ensure that a card that loses its power unseen at any exchange is never refused for it:
// it has paid, or is asked for again and then pays, once.
func TestPowerless(t *testing.T) {
	t.Parallel()
	for _, chip := range []string{
		"EV1", "EV2", "EV3", "EV1, profile readable",
		"EV2, profile readable",
	} {
		for at, over := 1, false; !over; at++ {
			bus := simtest.NewBus(t)
			simtest.Play(t, bus, "card Leo  purse 10.00, chip "+chip)
			card := bus.Cards["Leo"]
			f := &flickering{card: card, at: at, Card: emu.Air{}.Present(card)}
			o := bus.Validator.Serve(f)
			over = f.n < at
			if o.Ending != validator.Accepted {
				require.Contains(t, []validator.Ending{validator.TryAgain, validator.Uncertain},
					o.Ending, "%s, exchange %d: %v %v", chip, at, o.Decision.Reason, o.Err)
				o = bus.Validator.Serve(emu.Air{}.Present(card))
			}
			require.Equal(t, validator.Accepted, o.Ending, "%s, exchange %d", chip, at)
			require.EqualValues(t, 749, simtest.Held(t, bus, "Leo").Purse, "%s, exchange %d", chip,
				at)
		}
	}
}
