package jetstream_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
)

// BenchmarkStreamAppend is what a stream on three servers, which flush, takes of many devices at
// once.
func BenchmarkStreamAppend(b *testing.B) {
	c := newCluster(b, 3, "")
	store := open(b, c, "leima", filepath.Join(b.TempDir(), "heads"))
	defer func() { require.NoError(b, store.Close()) }()
	depottest.BenchmarkAppend(b, store)
}

// BenchmarkStreamPublish is what the same servers take of the same bytes from as many at once,
// without a depot.
func BenchmarkStreamPublish(b *testing.B) {
	c := newCluster(b, 3, "")
	require.NoError(b, open(b, c, "leima", filepath.Join(b.TempDir(), "heads")).Close())
	nc, err := nats.Connect(c.addresses())
	require.NoError(b, err)
	defer nc.Close()
	stream, err := js.New(nc)
	require.NoError(b, err)
	d := depottest.NewDevice(b, 9)
	d.Record(2, 1)
	raw, err := (&depot.Batch{Device: 9, Received: depottest.Now(), Entries: d.Items(0)}).Encode()
	require.NoError(b, err)
	var next atomic.Uint32
	b.SetParallelism(64)
	b.ResetTimer()
	b.RunParallel(func(run *testing.PB) {
		to := fmt.Sprintf("leima.journal.%d.0", next.Add(1))
		for run.Next() {
			_, err := stream.Publish(b.Context(), to, raw)
			require.NoError(b, err)
		}
	})
	b.ReportMetric(float64(2*b.N)/b.Elapsed().Seconds(), "entries/s")
}
