package settlement_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
)

// fixed is a store of some batches.
type fixed struct {
	depot.Store
	batches []*depot.Batch
}

func (f fixed) Last(context.Context) (uint64, error) { return uint64(len(f.batches)), nil }

func (f fixed) Follow(_ context.Context, after uint64, each func(uint64, *depot.Batch) error) error {
	for n, b := range f.batches[after:] {
		if err := each(after+uint64(n)+1, b); err != nil {
			return err
		}
	}
	return errEnough
}

// taps are batches of devices that met cards, each card often.
func taps(b *testing.B, cards, each int) (all []*depot.Batch, entries int) {
	d := depottest.NewDevice(b, 1)
	at := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	for n := range cards * each {
		e := validator.Event{
			ID: d.Journal.Next(), At: at, Reason: fare.Value, Charge: 100,
			Card:    cardlayout.WithCheckDigit(92469900110000000 + uint64(n%cards)),
			Counter: uint32(n / cards),
		}
		require.NoError(b, d.Journal.Begin(e))
		require.NoError(b, d.Journal.Settle(e.ID, desfire.TMAC{}))
	}
	items := d.Items(0)
	for n := 0; n < len(items); n += 20 {
		all = append(all, &depot.Batch{
			Device: 1, Received: at, Entries: items[n:min(n+20, len(items))],
		})
	}
	return all, len(items)
}

// BenchmarkFollow is how fast a ledger is made anew, and what it keeps of a tap in its file. As in a
// city no card comes twice in what is added at once, and each has come as often before as is looked
// at. It keeps nothing of a card in memory.
func BenchmarkFollow(b *testing.B) {
	const cards, each = 2600, 24
	batches, entries := taps(b, cards, each)
	office, err := journal.NewBackOffice()
	require.NoError(b, err)
	size := int64(0)
	for b.Loop() {
		b.StopTimer()
		path := filepath.Join(b.TempDir(), "ledger")
		b.StartTimer()
		l := &settlement.Ledger{
			Office: office, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
			Waited: func() []uint16 { return []uint16{1} },
		}
		require.NoError(b, l.Open(path))
		require.ErrorIs(b, l.Run(b.Context(), fixed{batches: batches}), errEnough)
		b.StopTimer()
		info, err := os.Stat(path)
		require.NoError(b, err)
		size = info.Size()
		require.NoError(b, l.Close())
		b.StartTimer()
	}
	b.ReportMetric(float64(entries*b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(size)/cards/each, "file-bytes/tap")
}
