package sim_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim"
)

// lying is a stand with an emulated card on it.
func lying(t *testing.T, card string, broken func(validator.Journal) validator.Journal) *sim.Stand {
	t.Helper()
	bus := openBus(t, sim.Setup{Journal: broken})
	play(t, bus, "card Aino  "+card)
	present := func(ctx context.Context) (hw.Card, error) {
		return emu.Air{}.Present(bus.Cards["Aino"]), ctx.Err()
	}
	s, err := sim.NewStand(context.Background(), bus, present, bus.Clock.Now())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	return s
}

// Ensure that a card cut at any command of a tap, before or after it acted, pays once, and
// that the journal knows of it.
func TestCuts(t *testing.T) {
	for _, card := range []string{"purse 5.00", "purse 90.00, profile readable",
		"purse 50.00, tmac false"} {
		s := lying(t, card, nil)
		heard := 0
		cuts, err := s.Cuts(context.Background(), func(sim.Cut) { heard++ })
		require.NoError(t, err)
		require.Greater(t, len(cuts), 20)
		require.Equal(t, len(cuts), heard)
		uncertain := 0
		for _, c := range cuts {
			require.NoError(t, c.Wrong, "%+v", c)
			require.Equal(t, validator.Accepted, c.Second)
			if c.First == validator.Uncertain {
				uncertain++
				require.EqualValues(t, 0xC7, c.Code)
			} else {
				require.Equal(t, validator.TryAgain, c.First)
			}
		}
		require.Equal(t, 2, uncertain, "only an unanswered commit is uncertain")
	}
}

// Ensure that the cuts find what is broken.
func TestCutsSeeWhatIsBroken(t *testing.T) {
	s := lying(t, "purse 50.00", func(j validator.Journal) validator.Journal { return noPending{j} })
	cuts, err := s.Cuts(context.Background(), nil)
	for _, c := range cuts {
		err = errors.Join(err, c.Wrong)
	}
	require.Error(t, err)
}

// Ensure that a soak measures every tap by steps that add up, fills the purse in time, and
// ends with books that agree.
func TestSoak(t *testing.T) {
	s := lying(t, "purse 3.00", nil)
	at := time.Unix(0, 0)
	tick := func() time.Time { at = at.Add(time.Millisecond); return at }
	told := 0
	soaking, err := s.Soak(context.Background(), 60, tick, func(*sim.Soaking) { told++ })
	require.NoError(t, err)
	require.NoError(t, soaking.Trouble)
	require.Equal(t, 60, told)
	require.Equal(t, map[validator.Ending]int{validator.Accepted: 60}, soaking.Endings)
	require.Greater(t, soaking.Commands, 60*10)
	require.Positive(t, soaking.Mallocs)
	whole, steps := soaking.Sorted()
	require.Len(t, whole, 60)
	for _, tap := range soaking.Taps {
		sum := time.Duration(0)
		for step, took := range tap.Steps {
			require.Positive(t, took, sim.Step(step))
			sum += took
		}
		require.Equal(t, tap.Whole, sum)
	}
	require.Equal(t, whole[30], sim.Percentile(whole, 50))
	require.Equal(t, whole[59], sim.Percentile(whole, 100))
	require.Equal(t, steps[sim.Commit][59], sim.Percentile(steps[sim.Commit], 99))
	require.Zero(t, sim.Percentile(nil, 50))
}

// Ensure that a soak tells of taps that were not accepted, and ends when it is asked to.
func TestSoakEnds(t *testing.T) {
	s := lying(t, "purse 80.00, valid 2026-03-02", nil)
	soaking, err := s.Soak(context.Background(), 20, time.Now, nil)
	require.NoError(t, err)
	require.Positive(t, soaking.Endings[validator.Refused])
	require.ErrorContains(t, soaking.Trouble, "expired")

	ctx, stop := context.WithCancel(context.Background())
	s = lying(t, "purse 80.00", nil)
	soaking, err = s.Soak(ctx, 1000, time.Now, func(so *sim.Soaking) {
		if len(so.Taps) == 5 {
			stop()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, soaking.Taps, 5)
}
