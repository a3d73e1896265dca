package onboard

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/api"
	"leima/validator/place"
	"leima/validator/sim/simtest"
)

// A silent source says nothing.
type silent struct{}

func (silent) Listen(ctx context.Context, _ func(place.Report), _ func(place.Source)) error {
	<-ctx.Done()
	return nil
}

// A deaf source ends when it likes to.
type deaf chan struct{}

func (d deaf) Listen(context.Context, func(place.Report), func(place.Source)) error {
	<-d
	return nil
}

// Ensure that a source that hangs does not keep the program from its end.
func TestHangingSourceHoldsNoEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, hangs := new(strings.Builder), make(deaf)
		f := &follower{log: slog.New(slog.NewTextHandler(log, nil))}
		stop := f.run([]Listener{silent{}, hangs})
		synctest.Wait()
		stop()
		require.Contains(t, log.String(), "has not ended")
		close(hangs)
	})
}

// Ensure that the first tap after a start is unsure where sources are still to be heard, however
// soon it comes, and that it is as sure as before where the configuration names none.
func TestUnsureFromTheStart(t *testing.T) {
	for name, sources := range map[string][]Listener{"one source": {silent{}}, "none": nil} {
		bus := simtest.NewBus(t)
		c := &Config{}
		c.Service.Line, c.Service.Stop, c.Service.Zone = "2", "Graani", "A"
		bus.Validator.Place = c.Place()
		local := &api.Local{Terminal: bus.Terminal, Journal: bus.Journal}
		_, stop := c.follow(local, nil, func(func() time.Duration) []Listener { return sources },
			slog.New(slog.DiscardHandler))
		stop()
		require.Equal(t, len(sources) > 0, bus.Validator.Place.Unsure, name)
		require.Equal(t, "Graani", bus.Validator.Place.Stop, name)
	}
}
