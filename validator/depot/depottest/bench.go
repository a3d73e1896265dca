package depottest

import (
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/journal"
)

// BenchmarkAppend is what a store takes of many devices at once that send a tap each, two entries:
// what a fleet does.
func BenchmarkAppend(b *testing.B, s depot.Store) {
	const devices, each = 64, 2
	var items [devices][]journal.Item
	for n := range items {
		d := NewDevice(b, uint16(n+1))
		d.Record(each, 1)
		items[n] = d.Items(0)
	}
	var next atomic.Uint32
	b.SetParallelism(devices)
	b.ResetTimer()
	b.RunParallel(func(run *testing.PB) {
		device := uint16(next.Add(1))
		for run.Next() {
			err := s.Append(b.Context(), &depot.Batch{
				Device: device, Received: Now(), Entries: items[int(device)%devices],
			})
			require.NoError(b, err)
		}
	})
	b.ReportMetric(float64(b.N*each)/b.Elapsed().Seconds(), "entries/s")
}
