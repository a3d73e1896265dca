package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
)

// Ensure that a depot whose store is an older copy settles what comes then, beside a ledger that is
// not older: each event once.
func TestSettlesAfterARestore(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	office, err := journal.NewBackOffice()
	require.NoError(t, err)
	d := depottest.NewDevice(t, 1)
	receiver := depot.Receiver{Now: depottest.Now}
	sent := uint64(0)
	taps := func(store *embedded.Store) {
		for range 3 {
			e := validator.Event{
				ID: d.Journal.Next(), At: depottest.Now(), Reason: fare.Value, Charge: 100,
				Card: cardlayout.WithCheckDigit(92469900110000000), Counter: d.Journal.Next().Sequence,
			}
			require.NoError(t, d.Journal.Begin(e))
			require.NoError(t, d.Journal.Settle(e.ID, desfire.TMAC{}))
			receiver.Store = store
			head, err := receiver.Receive(t.Context(), 1, d.Items(sent), false)
			require.NoError(t, err)
			sent = head.Position
		}
	}
	settles := func(store *embedded.Store, want int) {
		l := &settlement.Ledger{
			Office: office, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
			Waited: func() []uint16 { return nil },
		}
		require.NoError(t, l.Open(filepath.Join(folder, "ledger")))
		ctx, cancel := context.WithCancel(t.Context())
		end := keepLedger(ctx, l, store, l.Log)
		for sent < uint64(2*want) {
			taps(store)
		}
		require.Eventually(t, func() bool {
			events := map[uint32]int{}
			require.NoError(t, l.Rows(0, func(r settlement.Row) error {
				events[r.Event]++
				require.Equal(t, 1, events[r.Event], "event %d", r.Event)
				return nil
			}))
			return len(events) == want
		}, time.Minute, time.Millisecond)
		cancel()
		require.NoError(t, end())
		require.NoError(t, store.Close())
	}
	opened := func(name string) *embedded.Store {
		store, err := embedded.Open(filepath.Join(folder, name))
		require.NoError(t, err)
		return store
	}
	store := opened("store")
	taps(store)
	var older bytes.Buffer
	require.NoError(t, store.Backup(&older))
	had := sent
	taps(store)
	taps(store)
	settles(store, 9)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "copy"), older.Bytes(), 0o600))
	sent = had // and the device is asked again
	settles(opened("copy"), 12)
}

// lines are what a log says.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// Ensure that a ledger that was copied from another depot is not taken for this one's: it would count
// nothing of what is here.
func TestLedgerOfAnotherDepot(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	office, err := journal.NewBackOffice()
	require.NoError(t, err)
	said := make(lines, 100)
	log := slog.New(slog.NewTextHandler(said, nil))
	l := &settlement.Ledger{
		Office: office, Zone: time.UTC, Log: log, Waited: func() []uint16 { return []uint16{1, 2} },
	}
	follows := func(name string, device uint16, batches int, until func() bool) {
		store, err := embedded.Open(filepath.Join(folder, name))
		require.NoError(t, err)
		defer func() { require.NoError(t, store.Close()) }()
		d := depottest.NewDevice(t, device)
		r := depot.Receiver{Store: store, Now: depottest.Now}
		for n := range batches {
			d.Record(1, 1)
			_, err := r.Receive(t.Context(), device, d.Items(uint64(n)), false)
			require.NoError(t, err)
		}
		require.NoError(t, l.Open(filepath.Join(folder, "ledger")))
		ctx, cancel := context.WithCancel(t.Context())
		end := keepLedger(ctx, l, store, log)
		require.Eventually(t, until, time.Minute, time.Millisecond)
		cancel()
		require.NoError(t, end())
	}
	follows("theirs", 1, 5, func() bool { return l.Cursor() == 5 })
	follows("ours", 2, 3, func() bool {
		select {
		case line := <-said:
			return strings.Contains(line, "the store is another one")
		default:
			return false
		}
	})
}
