package sim_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/sim"
)

// A fleet is two buses that have the same action list, and one passenger.
type fleet [2]*sim.Bus

func aFleet(t *testing.T) (f fleet) {
	t.Helper()
	for n := range f {
		f[n] = openBus(t, sim.Setup{Device: uint16(9 + n)})
	}
	play(t, f[0], "card Aino  purse 1.00")
	f[1].Cards["Aino"] = f[0].Cards["Aino"]
	for n := range f {
		play(t, f[n], "action Aino value 20.00")
	}
	play(t, f[1], "bus vehicle=43 trip=2")
	return f
}

func (f fleet) close(t *testing.T) {
	t.Helper()
	for _, bus := range f {
		require.NoError(t, bus.Close())
	}
}

func (f fleet) tap(t *testing.T, bus int, tear emu.Tear) validator.Outcome {
	t.Helper()
	o, _, err := f[bus].Present(context.Background(), f[bus].Cards["Aino"], tear)
	require.NoError(t, err)
	return o
}

func (f fleet) held(t *testing.T) cardlayout.Card {
	t.Helper()
	contents, err := f[0].Inspect("Aino")
	require.NoError(t, err)
	return contents.Card
}

// pickups are what the journals of both buses add up to.
func (f fleet) pickups(t *testing.T) []ledger.Action {
	t.Helper()
	var l ledger.Ledger
	for _, bus := range f {
		require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
			l.Add(e)
			return nil
		}))
	}
	return l.Actions()
}

// Ensure that a load which waits in the lists of two buses comes onto the card once,
// wherever the card is torn away from the first, and whichever bus it meets then; that the
// journals of both know of one load; and that the passenger pays once.
func TestLoadedOnceOverTheFleet(t *testing.T) {
	t.Parallel()
	verdicts := map[ledger.Verdict]int{}
	for n := 1; ; n++ {
		for _, side := range []emu.Side{emu.Before, emu.After} {
			f := aFleet(t)
			first := f.tap(t, 0, emu.Tear{Exchange: n, Side: side})
			for _, bus := range []int{1, 0, 1} {
				o := f.tap(t, bus, emu.Tear{})
				require.LessOrEqual(t, o.Ending, validator.Refused)
			}
			held := f.held(t)
			require.EqualValues(t, 100+2000-251, held.Purse, "torn %v exchange %d", side, n)
			require.EqualValues(t, 1, held.ActionCounter)
			known := f.pickups(t)
			require.Len(t, known, 1, "torn %v exchange %d", side, n)
			require.EqualValues(t, 2000, known[0].Action.ValueAdded())
			require.Len(t, known[0].Events, 1)
			verdicts[known[0].Verdict]++
			f.close(t)
			if first.Ending == validator.Accepted {
				require.Len(t, verdicts, 2)
				require.Equal(t, 1, verdicts[ledger.InDoubt], "the one commit that nobody heard")
				t.Logf("%v", verdicts)
				return
			}
		}
	}
}

// Ensure that a bus which goes on with an older list, where the load is still to come, does
// nothing to a card that has had it, and neither does one on which it has expired.
func TestOlderListDoesNothing(t *testing.T) {
	t.Parallel()
	f := aFleet(t)
	defer f.close(t)
	require.Len(t, f.tap(t, 0, emu.Tear{}).Event.Actions, 1)
	play(t, f[0], "action Aino value 5.00")
	play(t, f[0], "at +2h\nbus trip=3")
	require.Len(t, f.tap(t, 0, emu.Tear{}).Event.Actions, 1)
	require.EqualValues(t, 2, f.held(t).ActionCounter)
	for _, later := range []string{"at +4h\nbus trip=4", "at 2026-04-02 08:00\nbus trip=5"} {
		play(t, f[1], later)
		require.Empty(t, f.tap(t, 1, emu.Tear{}).Event.Actions)
	}
	require.EqualValues(t, 2, f.held(t).ActionCounter)
	require.EqualValues(t, 100+2500-4*251, f.held(t).Purse)
}
