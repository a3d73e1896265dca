package validator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim/simtest"
)

// Ensure that a list which arrives in the middle of a tap, at any of its exchanges, waits for
// its end: the tap is decided by one list, says which, and the next one goes by the new list.
func TestSwapInTheMiddleOfATap(t *testing.T) {
	for exchange := 1; ; exchange++ {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus,
			"card Leo  kind company, purse 50.00\nblock Leo\ncard Ella  kind company, purse 50.00")
		swapped := make(chan error, 1)
		done := false
		card := &between{
			card: emu.Air{}.Present(bus.Cards["Ella"]),
			change: func(n int, _, answer []byte) ([]byte, error) {
				if n != exchange {
					return answer, nil
				}
				done = true
				started := make(chan struct{})
				go func() {
					close(started)
					swapped <- bus.Validator.Do(func() error {
						return bus.Block(simtest.Held(t, bus, "Ella"))
					})
				}()
				<-started
				require.EqualValues(t, 1, bus.Lists.Version(), "in the middle of a tap")
				return answer, nil
			},
		}
		o := bus.Validator.Serve(card)
		if !done {
			require.Greater(t, exchange, 10)
			return
		}
		require.Equal(t, validator.Accepted, o.Ending)
		require.EqualValues(t, 1, o.Event.List)
		require.NoError(t, <-swapped)
		require.EqualValues(t, 2, bus.Lists.Version())
		simtest.Play(t, bus, "bus trip=2")
		o = bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Ella"]))
		require.Equal(t, fare.Blocked, o.Decision.Reason)
		require.EqualValues(t, 2, o.Event.List)
	}
}
