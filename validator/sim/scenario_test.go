package sim_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare/faretest"
	"leima/validator/gtfs"
	"leima/validator/sim"
)

var update = flag.Bool("update", false, "write the scenarios' output into them")

// newBus is a bus in a folder of its own, in service until the test ends.
func newBus(t testing.TB, s sim.Setup) *sim.Bus {
	t.Helper()
	bus := openBus(t, s)
	t.Cleanup(func() { require.NoError(t, bus.Close()) })
	return bus
}

func openBus(t testing.TB, s sim.Setup) *sim.Bus {
	t.Helper()
	s.Prices = faretest.Source
	s.Feed = func(name string) (*gtfs.Stops, error) {
		stops, _, err := gtfs.ReadStops(os.DirFS("../../testdata/" + name))
		return stops, err
	}
	bus, err := sim.NewBus(t.TempDir(), s)
	require.NoError(t, err)
	return bus
}

// Ensure that every scenario comes out as it is written, in whatever frames the
// cards speak.
func TestScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/taps/*.tap")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".tap"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			frames := []int{64, 128, 256}
			if testing.Short() {
				frames = frames[:1]
			}
			for _, frame := range frames {
				script := sim.Parse(filepath.Base(file), string(text))
				played, err := newBus(t, sim.Setup{Frame: frame}).Play(context.Background(), script, nil)
				require.NoError(t, err)
				if *update {
					require.NoError(t, os.WriteFile(file, []byte(played.String()), 0o644))
					return
				}
				require.Equal(t, string(text), played.String(), "frames of %d", frame)
			}
		})
	}
}
