package onboard

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator"
	"leima/validator/api"
	"leima/validator/place/mqtt/mqtttest"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// flooding is how many messages a second are said on the bus: a hundred times what VALS sends.
const flooding = 1000

// BenchmarkTapBesideAFlood is how long taps take while the broker on the bus is silent, and while it
// is flooded with stops: the 99th percentiles in milliseconds, and their ratio. Blocks of taps of the
// two take turns.
func BenchmarkTapBesideAFlood(b *testing.B) {
	broker := mqtttest.Start(b)
	bus := simtest.NewBus(b)
	simtest.Play(b, bus, "tariffs jyvaskyla-2018\nat 2026-03-02 08:00\nbus zone=A\n"+
		"card Elli  area 209, season1 area=209 product=30 zones=A days=30 from=2026-03-01 to=2026-03-30")
	c := &Config{}
	c.Device, c.Sources.MQTT = 9, broker.URL.String()
	local := &api.Local{Terminal: bus.Terminal, Journal: bus.Journal}
	log := slog.New(slog.DiscardHandler)
	network, err := c.network(local, bus.Validator.Uptime, log)
	require.NoError(b, err)
	measures, stop := c.follow(local, network, nil, log)
	defer stop()
	peer := broker.Peer()
	flood := func(ctx context.Context) {
		for n := 0; ctx.Err() == nil; n++ {
			peer.Shout("service/v1/lastStop", fmt.Sprintf(
				`{"version":"1.0.0","stopAreaId":"s%d","stopAreaName":"x","zones":[{"zoneId":"1"}]}`, n))
			time.Sleep(time.Second / flooding)
		}
	}
	var took [2][]float64
	tap := func(flooded int, trip uint16) {
		place := validator.Place{Line: "1", Stop: "tori", Zone: 1, Trip: trip}
		_, err := bus.Terminal.Do(terminal.Move{Place: place})
		require.NoError(b, err)
		begin := time.Now()
		outcome := simtest.Present(bus, "Elli")
		took[flooded] = append(took[flooded], time.Since(begin).Seconds()*1000)
		require.Equal(b, validator.Accepted, outcome.Ending, outcome.Err)
	}
	trip := uint16(0)
	for b.Loop() {
		for flooded := range took {
			ctx, cancel := context.WithCancel(b.Context())
			if flooded == 1 {
				go flood(ctx)
			}
			for range 100 {
				trip++
				tap(flooded, trip)
			}
			cancel()
		}
	}
	require.Equal(b, "bob", measures().Source)
	p99 := func(took []float64) float64 {
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	silent, flooded := p99(took[0]), p99(took[1])
	b.ReportMetric(silent, "ms-p99-silent")
	b.ReportMetric(flooded, "ms-p99-flooded")
	b.ReportMetric(flooded/silent, "ratio")
}
