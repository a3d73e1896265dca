package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare/faretest"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// budgets are the most exchanges a tap may take at each frame size, and times the longest it may
// take at the slowest bit rate in frames of 128 or 256.
var (
	budgets = map[string]map[int]int{
		"value":     {64: 10, 128: 9, 256: 9},
		"season":    {64: 9, 128: 8, 256: 8},
		"first use": {64: 10, 128: 9, 256: 9},
		"transfer":  {64: 9, 128: 8, 256: 8},
	}
	times = map[string]time.Duration{
		"value": 86 * time.Millisecond, "season": 76 * time.Millisecond,
		"first use": 86 * time.Millisecond, "transfer": 76 * time.Millisecond,
	}
)

func measure(t testing.TB, tap string, profile servicepoint.Profile, frame int) sim.Figures {
	t.Helper()
	f, err := sim.Measure(t.TempDir(), sim.Setup{Prices: faretest.Source, Frame: frame}, tap, profile)
	require.NoError(t, err)
	return f
}

// Ensure that a tap keeps to its exchanges, and is instant at the slowest bit rate.
func TestExchangeBudgets(t *testing.T) {
	t.Parallel()
	for _, tap := range sim.Taps {
		for _, profile := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
			for _, frame := range []int{64, 128, 256} {
				tally := measure(t, tap, profile, frame).Stats
				require.LessOrEqual(t, tally.Exchanges, budgets[tap][frame],
					"%s, %v, frames of %d", tap, profile, frame)
				if frame > 64 {
					require.LessOrEqual(t, tally.Times[emu.Rate106], times[tap],
						"%s, %v, frames of %d", tap, profile, frame)
				}
				t.Logf("%s, %v, frames of %d: %d exchanges, %v at 106 kbit/s", tap, profile, frame,
					tally.Exchanges, tally.Times[emu.Rate106])
			}
		}
	}
}

// loadBudget is that of a value tap that picks up a load besides: it writes the control
// file, too, where the counter of the actions stands for the public.
var loadBudget = map[int]int{64: 16, 128: 13, 256: 13}

// Ensure that a tap which picks up a load keeps to its exchanges, and is instant as well.
func TestExchangeBudgetOfALoad(t *testing.T) {
	t.Parallel()
	for _, profile := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
		for _, frame := range []int{64, 128, 256} {
			f := measure(t, "load", profile, frame)
			require.NoError(t, f.Repeat())
			require.LessOrEqual(t, f.Stats.Exchanges, loadBudget[frame], "%v, frames of %d", profile, frame)
			require.Greater(t, f.Stats.Exchanges, measure(t, "value", profile, frame).Stats.Exchanges,
				"nothing was picked up")
			require.Less(t, f.Stats.Times[emu.Rate106], 160*time.Millisecond)
			t.Logf("%v, frames of %d: %d exchanges, %v at 106 kbit/s", profile, frame,
				f.Stats.Exchanges, f.Stats.Times[emu.Rate106])
		}
	}
}

// oldBudgets are those of an EV1, which is asked in vain for EV2 first.
var oldBudgets = map[string]int{"value": 12, "season": 11, "first use": 12, "transfer": 11}

// Ensure that a tap with an EV1 keeps to its exchanges, too.
func TestExchangeBudgetsOfEV1(t *testing.T) {
	t.Parallel()
	for _, tap := range sim.Taps {
		for _, profile := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
			setup := sim.Setup{Prices: faretest.Source, Chip: emu.EV1}
			f, err := sim.Measure(t.TempDir(), setup, tap, profile)
			require.NoError(t, err)
			require.NoError(t, f.Repeat())
			require.LessOrEqual(t, f.Stats.Exchanges, oldBudgets[tap], "%s, %v", tap, profile)
			require.Less(t, f.Stats.Times[emu.Rate106], 150*time.Millisecond, "%s, %v", tap, profile)
			t.Logf("%s, %v: %d exchanges, %v at 106 kbit/s", tap, profile, f.Stats.Exchanges,
				f.Stats.Times[emu.Rate106])
		}
	}
}

// Ensure that a card of layout 1 takes at most six exchanges more: one asks in vain for file 7, two
// authenticate again, and three read what file 7 would have said.
func TestExchangeBudgetsOfLayout1(t *testing.T) {
	t.Parallel()
	const season = ", season1 area=227 product=30 zones=A days=30"
	settings := map[string]string{
		"value": "", "readable": ", profile readable", "first use": season,
		"season":   season + " from=2026-03-01 to=2026-03-30",
		"transfer": "\ntap Aino\nat +10m\nbus trip=2",
	}
	exchanges := func(setup sim.Setup, card string) int {
		bus, err := sim.NewBus(t.TempDir(), setup)
		require.NoError(t, err)
		defer bus.Close()
		_, err = bus.Play(t.Context(), sim.Parse("", "card Aino  purse 10.00, "+card), nil)
		require.NoError(t, err)
		contact := emu.Air{}.Present(bus.Cards["Aino"])
		v, _ := bus.Bare(1)
		require.Equal(t, validator.Accepted, v.Tap(contact).Ending)
		return contact.Stats().Exchanges
	}
	for _, setup := range []sim.Setup{{Chip: emu.EV1}, {Frame: 64}, {Frame: 128}, {Frame: 256}} {
		setup.Prices = faretest.Source
		for tap, setting := range settings {
			one, two := exchanges(setup, "layout 1"+setting), exchanges(setup, "layout 2"+setting)
			require.LessOrEqual(t, one, two+6, "%s, %v, frames of %d", tap, setup.Chip, setup.Frame)
			t.Logf("%s, %v, frames of %d: %d exchanges of layout 1, %d of layout 2", tap, setup.Chip,
				setup.Frame, one, two)
		}
	}
}

// BenchmarkTap is our side of a tap alone.
func BenchmarkTap(b *testing.B) {
	for _, tap := range sim.Taps {
		b.Run(tap, func(b *testing.B) {
			f := measure(b, tap, servicepoint.Enciphered, 64)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, f.Repeat())
			}
		})
	}
}
