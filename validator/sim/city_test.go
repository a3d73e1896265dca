package sim_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/sim"
)

// What `make soak` says; the tests alone live a small part of a day.
var (
	seed  = flag.Uint64("seed", 1, "of the town's day")
	taps  = flag.Int("taps", 2000, "in the town's day")
	cards = flag.Int("cards", 0, "in the town; 0: two for five taps")
)

// memory is a folder that costs no disk, where there is one: the validators wait for every
// commit.
func memory(t testing.TB) string {
	t.Helper()
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		if folder, err := os.MkdirTemp("/dev/shm", "leima-*"); err == nil {
			t.Cleanup(func() { require.NoError(t, os.RemoveAll(folder)) })
			return folder
		}
	}
	return t.TempDir()
}

// A breaking stands between a validator and its journal and does something wrong.
type breaking func(validator.Journal) validator.Journal

func openTown(t testing.TB, folder string, validators int, broken breaking) *sim.City {
	t.Helper()
	town, err := sim.OpenCity(validators, func(s sim.Setup) (*sim.Bus, error) {
		s.Prices = faretest.Source
		if whole := s.Journal; broken != nil {
			s.Journal = func(j validator.Journal) validator.Journal { return broken(whole(j)) }
		}
		own := filepath.Join(folder, fmt.Sprint(s.Device))
		if err := os.Mkdir(own, 0o755); err != nil {
			return nil, err
		}
		return sim.NewBus(own, s)
	})
	require.NoError(t, err)
	return town
}

// live plays acts in a new town until they end or something is found.
func live(t testing.TB, validators int, broken breaking, next func() (sim.Step, bool)) (
	acts []sim.Step, tally sim.Stats, err error,
) {
	t.Helper()
	folder := memory(t)
	town := openTown(t, folder, validators, broken)
	defer func() {
		require.NoError(t, errors.Join(town.Close(), os.RemoveAll(folder))) // many are tried
	}()
	for a, more := next(); more && err == nil; a, more = next() {
		acts = append(acts, a)
		err = town.Play(context.Background(), a)
	}
	if err == nil {
		err = town.Conclude()
	}
	if err == nil {
		err = town.Settle(folder)
	}
	return acts, town.Stats, err
}

// shrunk is the smallest scenario that leads to the same finding.
func shrunk(t testing.TB, validators int, broken breaking, acts []sim.Step, found error) (
	text string, alone bool,
) {
	t.Helper()
	var want *sim.Finding
	if !errors.As(found, &want) {
		return "", false
	}
	least := sim.Shrink(acts, want.Passenger, func(acts []sim.Step) bool {
		n := -1
		_, _, err := live(t, validators, broken, func() (a sim.Step, more bool) {
			if n++; n < len(acts) {
				a = acts[n]
			}
			return a, n < len(acts)
		})
		var got *sim.Finding
		return errors.As(err, &got) && got.Invariant == want.Invariant
	})
	return sim.ScenarioOf(least)
}

// day is a whole day of a town; it returns what was found, with the smallest scenario that
// shows it.
func day(t testing.TB, seed uint64, cards, taps int, broken breaking) (tally sim.Stats, err error) {
	t.Helper()
	w := sim.NewWorkload(seed, cards, buses, taps)
	acts, tally, err := live(t, w.Validators(), broken, w.Next)
	if err == nil {
		return tally, nil
	}
	t.Logf("seed %d, at tap %d: %v: now it is made smaller", seed, tally.Taps, err)
	text, alone := shrunk(t, w.Validators(), broken, acts, err)
	how := "bench run plays it"
	if !alone {
		how = "it needs several validators or a power cut, so only the town can play it"
	}
	return tally, fmt.Errorf("seed %d, %d cards, %d taps, at tap %d: %w\n"+
		"the smallest scenario that shows it (%s):\n\n%s", seed, cards, taps, tally.Taps, err, how,
		text)
}

// buses are those of the town.
const buses = 4

// Ensure that a town's day of taps, torn cards, power cuts, wrong clocks, block lists,
// loads and cards that change from bus to bus leaves the inquest nothing to say.
func TestCity(t *testing.T) {
	t.Parallel()
	people := *cards
	if people == 0 {
		people = *taps * 2 / 5
	}
	begin := time.Now()
	tally, err := day(t, *seed, people, *taps, nil)
	require.NoError(t, err)
	took := time.Since(begin)
	t.Logf("seed %d: %+v", *seed, tally)
	t.Logf("%v, %.0f taps per second", took.Round(time.Millisecond),
		float64(tally.Taps)/took.Seconds())
	require.GreaterOrEqual(t, tally.Taps, *taps)
	for _, ending := range []validator.Ending{
		validator.Accepted, validator.Refused,
		validator.TryAgain, validator.Uncertain,
	} {
		require.Positive(t, tally.Endings[ending], "%v: the day was too quiet", ending)
	}
	require.Positive(t, tally.Unseen, "no power was cut")
	require.Positive(t, tally.Actions, "no load was picked up")
	require.Positive(t, tally.Reasons[fare.Recovered])
	require.Positive(t, tally.Doubtful)
	require.Positive(t, tally.Estimated, "no clock went astray")
	require.Positive(t, tally.Synchronized)
}

// Ensure that the same seed is the same day.
func TestCityComesAgain(t *testing.T) {
	t.Parallel()
	first, err := day(t, 3, 100, 300, nil)
	require.NoError(t, err)
	second, err := day(t, 3, 100, 300, nil)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

// Journals that are broken in ways that only several devices and days show.
type (
	settlesAll struct{ validator.Journal } // what is not known is taken for committed
	voidsAll   struct{ validator.Journal } // … or for not committed
)

func (s settlesAll) Void(id cardlayout.EventID) error {
	return s.Journal.Settle(id, desfire.TMAC{})
}

func (v voidsAll) Settle(id cardlayout.EventID, _ desfire.TMAC) error {
	return v.Journal.Void(id)
}

// Ensure that the inquest finds what is broken, and that a scenario of a few statements
// comes of it.
func TestCityAuditSeesWhatIsBroken(t *testing.T) {
	t.Parallel()
	for n, row := range []struct {
		name, invariant string
		broken          breaking
		lines           int
	}{
		{"begin", "intents", func(j validator.Journal) validator.Journal { return noBegin{j} }, 3},
		{"settle", "order", func(j validator.Journal) validator.Journal { return noSettle{j} }, 3},
		{"void", "order", func(j validator.Journal) validator.Journal { return noVoid{j} }, 5},
		{"resume", "order", func(j validator.Journal) validator.Journal { return noPending{j} }, 5},
		{
			"what is unknown was committed", "verdicts",
			func(j validator.Journal) validator.Journal { return settlesAll{j} }, 5,
		},
		{
			"what is unknown was not", "verdicts",
			func(j validator.Journal) validator.Journal { return voidsAll{j} }, 5,
		},
	} {
		if testing.Short() && n%3 != 1 {
			continue
		}
		_, err := day(t, 1, 200, 500, row.broken)
		var found *sim.Finding
		require.ErrorAs(t, err, &found, row.name)
		require.Equal(t, row.invariant, found.Invariant, row.name)
		_, text, _ := strings.Cut(err.Error(), "bench run plays it):\n\n")
		require.NotEmpty(t, text, "%s: a single bus is enough for it: %v", row.name, err)
		require.LessOrEqual(t, strings.Count(text, "\n"), row.lines, "%s: %s", row.name, text)
		bus := newBus(t, sim.Setup{})
		_, err = bus.Play(context.Background(), sim.Parse(row.name, text), nil)
		require.NoError(t, err, row.name)
	}
}
