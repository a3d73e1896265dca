package sim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare/faretest"
	"leima/validator/sim"
)

// FuzzScript: a scenario that is written out is read as the same one, and whatever is wrong in
// it is told with its name and line.
func FuzzScript(f *testing.F) {
	for _, text := range []string{
		"card Aino  group adult, purse 10.00\nat 2026-03-02 08:00\ntap Aino\n----\nx\n",
		"tap", "at noon\n\ncard", "----\n----\n", "bus zone=", "fly Aino", "card Aino purse x", "tear Aino before 0",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := sim.Parse("f.tap", text)
		again := sim.Parse("f.tap", once.String())
		require.Equal(t, once.String(), again.String())
		if len(text) > 200 || strings.Contains(text, "repeat") || strings.Contains(text, "tariffs") {
			return
		}
		bus, err := sim.NewBus(t.TempDir(), sim.Setup{Prices: faretest.Source})
		if err != nil {
			return
		}
		defer bus.Close()
		if _, err := bus.Play(context.Background(), once, nil); err != nil {
			require.Regexp(t, `^f\.tap(:\d+)?: `, err.Error())
		}
	})
}
