package embedded_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
)

// BenchmarkAppend is what the store takes of many devices at once.
func BenchmarkAppend(b *testing.B) {
	store, err := embedded.Open(filepath.Join(b.TempDir(), "store"))
	require.NoError(b, err)
	defer store.Close()
	depottest.BenchmarkAppend(b, store)
}

// BenchmarkAppendAndFlush is what the disk takes of the same bytes, one batch after another.
func BenchmarkAppendAndFlush(b *testing.B) {
	d := depottest.NewDevice(b, 9)
	d.Record(2, 1)
	raw, err := (&depot.Batch{Device: 9, Received: depottest.Now(), Entries: d.Items(0)}).Encode()
	require.NoError(b, err)
	file, err := os.Create(filepath.Join(b.TempDir(), "file"))
	require.NoError(b, err)
	defer file.Close()
	for b.Loop() {
		_, err := file.Write(raw)
		require.NoError(b, err)
		require.NoError(b, file.Sync())
	}
	b.ReportMetric(float64(2*b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkCatchUp is what the store takes of a device that was away for weeks: batches of 500.
func BenchmarkCatchUp(b *testing.B) {
	store, err := embedded.Open(filepath.Join(b.TempDir(), "store"))
	require.NoError(b, err)
	defer store.Close()
	d := depottest.NewDevice(b, 9)
	d.Record(500, 1)
	items := d.Items(0)
	for n := uint16(1); b.Loop(); n++ {
		require.NoError(b, store.Append(b.Context(), &depot.Batch{
			Device: n, Received: depottest.Now(), Entries: items,
		}))
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "entries/s")
}
