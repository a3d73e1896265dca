package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
	"leima/validator/desk"
	"leima/validator/sim"
)

// budgets are the most exchanges a tap may take at each frame size.
var budgets = map[string]map[int]int{
	"value":     {64: 14, 128: 12, 256: 12},
	"season":    {64: 13, 128: 11, 256: 11},
	"first use": {64: 13, 128: 11, 256: 11},
	"transfer":  {64: 14, 128: 12, 256: 12},
}

func measure(t testing.TB, tap string, profile desk.Profile, frame int) sim.Figures {
	t.Helper()
	f, err := sim.Measure(t.TempDir(), sim.Setup{Prices: published, Frame: frame}, tap, profile)
	require.NoError(t, err)
	return f
}

// Ensure that a tap keeps to its exchanges, and is instant at the slowest bit rate.
func TestExchangeBudgets(t *testing.T) {
	for _, tap := range sim.Taps {
		for _, profile := range []desk.Profile{desk.Enciphered, desk.Readable} {
			for _, frame := range []int{64, 128, 256} {
				tally := measure(t, tap, profile, frame).Tally
				require.LessOrEqual(t, tally.Exchanges, budgets[tap][frame],
					"%s, %v, frames of %d", tap, profile, frame)
				require.Less(t, tally.Times[emu.Rate106], 150*time.Millisecond,
					"%s, %v, frames of %d", tap, profile, frame)
			}
		}
	}
}

// loadBudget is that of a value tap that picks up a load besides: it writes the control
// file, too, where the counter of the actions stands for the public.
var loadBudget = map[int]int{64: 15, 128: 13, 256: 13}

// Ensure that a tap which picks up a load keeps to its exchanges, and is instant as well.
func TestExchangeBudgetOfALoad(t *testing.T) {
	for _, profile := range []desk.Profile{desk.Enciphered, desk.Readable} {
		for _, frame := range []int{64, 128, 256} {
			f := measure(t, "load", profile, frame)
			require.NoError(t, f.Repeat())
			require.LessOrEqual(t, f.Tally.Exchanges, loadBudget[frame], "%v, frames of %d", profile, frame)
			require.Greater(t, f.Tally.Exchanges, measure(t, "value", profile, frame).Tally.Exchanges,
				"nothing was picked up")
			require.Less(t, f.Tally.Times[emu.Rate106], 160*time.Millisecond)
			t.Logf("%v, frames of %d: %d exchanges, %v at 106 kbit/s", profile, frame,
				f.Tally.Exchanges, f.Tally.Times[emu.Rate106])
		}
	}
}

// oldBudget is that of an EV1, which is asked in vain for EV2 first.
const oldBudget = 15

// Ensure that a tap with an EV1 keeps to its exchanges, too.
func TestExchangeBudgetsOfEV1(t *testing.T) {
	for _, tap := range sim.Taps {
		for _, profile := range []desk.Profile{desk.Enciphered, desk.Readable} {
			setup := sim.Setup{Prices: published, Chip: emu.EV1}
			f, err := sim.Measure(t.TempDir(), setup, tap, profile)
			require.NoError(t, err)
			require.NoError(t, f.Repeat())
			require.LessOrEqual(t, f.Tally.Exchanges, oldBudget, "%s, %v", tap, profile)
			require.Less(t, f.Tally.Times[emu.Rate106], 150*time.Millisecond, "%s, %v", tap, profile)
			t.Logf("%s, %v: %d exchanges, %v at 106 kbit/s", tap, profile, f.Tally.Exchanges,
				f.Tally.Times[emu.Rate106])
		}
	}
}

// BenchmarkTap is our side of a tap alone.
func BenchmarkTap(b *testing.B) {
	for _, tap := range sim.Taps {
		b.Run(tap, func(b *testing.B) {
			f := measure(b, tap, desk.Enciphered, 64)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, f.Repeat())
			}
		})
	}
}
