package testrig_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/sim"
	"leima/validator/testrig"
)

// aBus is a bus with Aino and her card.
func aBus(t testing.TB, setup sim.Setup, card string) *sim.Bus {
	t.Helper()
	setup.Prices = faretest.Source
	bus, err := sim.NewBus(t.TempDir(), setup)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	_, err = bus.Play(context.Background(), sim.Parse("test", "card Aino  "+card), nil)
	require.NoError(t, err)
	return bus
}

// lying is a stand with an emulated card on it.
func lying(
	t testing.TB, card string, broken func(validator.Journal) validator.Journal,
) *testrig.Rig {
	t.Helper()
	bus := aBus(t, sim.Setup{Journal: broken}, card)
	return on(t, bus, bus.Cards["Aino"], bus.Clock.Now())
}

// on lays a card on the stand beside a bus.
func on(t testing.TB, bus *sim.Bus, card *emu.Card, at time.Time) *testrig.Rig {
	t.Helper()
	s, err := testrig.New(context.Background(), bus, laid(card), at)
	require.NoError(t, err)
	return s
}

func laid(card *emu.Card) func(context.Context) (hw.Card, error) {
	return func(ctx context.Context) (hw.Card, error) {
		return emu.Air{}.Present(card), ctx.Err()
	}
}

// noPending is a journal that forgets what is open.
type noPending struct{ validator.Journal }

func (noPending) Pending(cardlayout.Number) []validator.Event { return nil }

// Ensure that a card cut at any command of a tap, before or after it acted, pays once, and
// that the journal knows of it.
func TestCuts(t *testing.T) {
	t.Parallel()
	for _, card := range []string{
		"purse 5.00", "purse 90.00, profile readable",
		"purse 50.00, tmac false", "purse 50.00, layout 1",
	} {
		s := lying(t, card, nil)
		heard := 0
		cuts, err := s.Cuts(context.Background(), func(testrig.Cut) { heard++ })
		require.NoError(t, err)
		require.Greater(t, len(cuts), 18)
		require.Equal(t, len(cuts), heard)
		uncertain := 0
		for _, c := range cuts {
			require.NoError(t, c.Wrong, "%+v", c)
			require.Equal(t, validator.Accepted, c.Second)
			if c.First == validator.Uncertain {
				uncertain++
				require.Equal(t, desfire.CodeCommitTransaction, c.Code)
			} else {
				require.Equal(t, validator.TryAgain, c.First)
			}
		}
		require.Equal(t, 2, uncertain, "only an unanswered commit is uncertain")
	}
}

// Ensure that the cuts find what is broken.
func TestCutsSeeWhatIsBroken(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	s := lying(t, "purse 3.00", nil)
	at := time.Unix(0, 0)
	tick := func() time.Time { at = at.Add(time.Millisecond); return at }
	told := 0
	soaking, err := s.Soak(context.Background(), 60, tick, func(*testrig.SoakResult) { told++ })
	require.NoError(t, err)
	require.NoError(t, soaking.Trouble)
	require.Equal(t, 60, told)
	require.Equal(t, map[validator.Ending]int{validator.Accepted: 60}, soaking.Endings)
	require.Greater(t, soaking.Commands, 60*8)
	require.Positive(t, soaking.Mallocs)
	whole, steps := soaking.Sorted()
	require.Len(t, whole, 60)
	for _, tap := range soaking.Taps {
		sum := time.Duration(0)
		for step, took := range tap.Steps {
			require.Positive(t, took, testrig.Step(step))
			sum += took
		}
		require.Equal(t, tap.Whole, sum)
	}
	require.Equal(t, whole[30], testrig.Percentile(whole, 50))
	require.Equal(t, whole[59], testrig.Percentile(whole, 100))
	require.Equal(t, steps[testrig.Commit][59], testrig.Percentile(steps[testrig.Commit], 99))
	require.Zero(t, testrig.Percentile(nil, 50))
}

// Ensure that a soak tells of taps that were not accepted, and ends when it is asked to.
func TestSoakEnds(t *testing.T) {
	t.Parallel()
	s := lying(t, "purse 80.00, valid 2026-03-01", nil)
	soaking, err := s.Soak(context.Background(), 20, time.Now, nil)
	require.NoError(t, err)
	require.Equal(t, 20, soaking.Endings[validator.Refused])
	require.ErrorContains(t, soaking.Trouble, "expired")

	ctx, stop := context.WithCancel(context.Background())
	s = lying(t, "purse 80.00", nil)
	soaking, err = s.Soak(ctx, 1000, time.Now, func(so *testrig.SoakResult) {
		if len(so.Taps) == 5 {
			stop()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, soaking.Taps, 5)
}

// Ensure that a soak ends before it would run into the card's last day, and says so.
func TestSoakEndsBeforeTheLastDay(t *testing.T) {
	t.Parallel()
	s := lying(t, "purse 80.00, valid 2026-03-03", nil)
	soaking, err := s.Soak(context.Background(), 100, time.Now, nil)
	require.ErrorIs(t, err, testrig.ErrLastDay)
	require.ErrorContains(t, err, "2026-03-03")
	require.NoError(t, soaking.Trouble)
	require.Equal(t, len(soaking.Taps), soaking.Endings[validator.Accepted])
	require.Greater(t, len(soaking.Taps), 25, "a journey takes little more than its transfer right")
}

// Ensure that a card that has travelled, or lain on a stand, begins a journey of its own on
// the next, however early and on whatever trip that is.
func TestStandAfterStand(t *testing.T) {
	t.Parallel()
	bus := aBus(t, sim.Setup{}, "purse 80.00")
	card, at := bus.Cards["Aino"], bus.Clock.Now()
	_, err := bus.Play(context.Background(), sim.Parse("test", "tap Aino"), nil)
	require.NoError(t, err)
	for round := range 4 {
		s := on(t, aBus(t, sim.Setup{}, "purse 1.00"), card, at)
		soaking, err := s.Soak(context.Background(), 3, time.Now, nil)
		require.NoError(t, err)
		require.Equal(t, 3, soaking.Endings[validator.Accepted], "round %d: %v", round,
			soaking.Trouble)

		s = on(t, aBus(t, sim.Setup{}, "purse 1.00"), card, at)
		ctx, stop := context.WithCancel(context.Background())
		cuts, err := s.Cuts(ctx, func(c testrig.Cut) {
			if c.Command == 3+5*round { // also at the commit, and after it
				stop()
			}
		})
		require.NoError(t, errors.Join(func() (all []error) {
			for _, c := range cuts {
				all = append(all, c.Wrong)
			}
			return all
		}()...))
		if round < 2 {
			require.ErrorIs(t, err, context.Canceled)
		}
		stop()
	}
}

// Ensure that a card that is taken away is no finding of the audit.
func TestCutsOfALostCard(t *testing.T) {
	t.Parallel()
	for visits := 3; visits < 12; visits++ {
		bus, left := aBus(t, sim.Setup{}, "purse 80.00"), visits
		lie := laid(bus.Cards["Aino"])
		s, err := testrig.New(context.Background(), bus,
			func(ctx context.Context) (hw.Card, error) {
				if left--; left < 0 {
					return nil, hw.ErrRemoved
				}
				return lie(ctx)
			}, bus.Clock.Now())
		require.NoError(t, err)
		cuts, err := s.Cuts(context.Background(), nil)
		require.ErrorIs(t, err, hw.ErrRemoved)
		for _, c := range cuts {
			require.NoError(t, c.Wrong)
			require.Equal(t, validator.Accepted, c.Second)
		}
	}
}

// Ensure that a load of the stand whose answer was lost is heard of and entered once.
func TestFillUnconfirmed(t *testing.T) {
	t.Parallel()
	for _, side := range []emu.Side{emu.Before, emu.After} {
		bus, visits := aBus(t, sim.Setup{}, "purse 3.00"), 0
		s, err := testrig.New(context.Background(), bus,
			func(context.Context) (hw.Card, error) {
				var air emu.Air
				if visits++; visits == 3 {
					air.Tear = emu.Tear{Code: byte(desfire.CodeCommitTransaction), Side: side}
				}
				return air.Present(bus.Cards["Aino"]), nil
			}, bus.Clock.Now())
		require.NoError(t, err)
		soaking, err := s.Soak(context.Background(), 3, time.Now, nil)
		require.NoError(t, err)
		require.NoError(t, soaking.Trouble)
	}
}

// Ensure that a recorded tap pays for a journey of its own, and is done again to the byte.
func TestRecordAfterRecord(t *testing.T) {
	t.Parallel()
	bus := aBus(t, sim.Setup{}, "purse 80.00")
	card, at := bus.Cards["Aino"], bus.Clock.Now()
	for range 3 {
		s := on(t, aBus(t, sim.Setup{}, "purse 1.00"), card, at)
		w, err := s.Record(context.Background(), 7, time.Now)
		require.NoError(t, err)
		ending, err := testrig.Replay(aBus(t, sim.Setup{}, "purse 1.00"), w)
		require.NoError(t, err)
		require.Contains(t, ending, "charge 2.51")
	}
}
