package journal_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/validator/journal"
	"leima/validator/testrig"
)

// BenchmarkLamp is how long a boarding waits for the disk, with a card at its modelled pace at 106
// kbit/s, on disks that take so long for a flush: the lamp, how much later it is than on the disk
// that takes nothing, and the card's writes, behind which the flush is hidden.
func BenchmarkLamp(b *testing.B) {
	var lamp, writes time.Duration
	for _, flush := range []time.Duration{0, 5, 20, 50} {
		flush *= time.Millisecond
		b.Run(flush.String(), func(b *testing.B) {
			bus := newBus(b)
			play(b, bus, "card Aino  chip EV2, purse 50.00")
			journal.Slow(bus.Journal, flush)
			air := emu.Air{Rate: emu.Rate106, Sleep: time.Sleep}
			rig, err := testrig.New(context.Background(), bus,
				func(ctx context.Context) (hw.Card, error) {
					return air.Present(bus.Cards["Aino"]), ctx.Err()
				}, bus.Clock.Now())
			require.NoError(b, err)
			for b.Loop() {
				soaked, err := rig.Soak(context.Background(), 20, time.Now, nil)
				require.NoError(b, err)
				whole, steps := soaked.Sorted()
				took := testrig.Percentile(whole, 50)
				if flush == 0 {
					lamp, writes = took, testrig.Percentile(steps[testrig.Write], 50)
				}
				b.ReportMetric(millis(took), "ms-lamp")
				b.ReportMetric(millis(took-lamp), "ms-later")
				b.ReportMetric(millis(testrig.Percentile(steps[testrig.Disk], 50)), "ms-disk")
				b.ReportMetric(millis(writes), "ms-card's-writes")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
