package main

import (
	"context"
	"log/slog"
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
	"leima/validator/depot/embedded"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
)

// Ensure that a depot that runs forgets whose card it was that was booked more than a year ago, and
// nobody's that was used since.
func TestForgetsAfterAYear(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	store, err := embedded.Open(filepath.Join(folder, "store"))
	require.NoError(t, err)
	defer store.Close()
	office, err := journal.NewBackOffice()
	require.NoError(t, err)
	l := &settlement.Ledger{
		Office: office, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
		Waited: func() []uint16 { return nil },
	}
	require.NoError(t, l.Open(filepath.Join(folder, "ledger")))
	d := depottest.NewDevice(t, 1)
	receiver := depot.Receiver{Store: store}
	for n, at := range []time.Time{
		time.Now().AddDate(-1, 0, -3), time.Now().AddDate(-1, 0, 3),
	} {
		e := validator.Event{
			ID: d.Journal.Next(), At: at, Reason: fare.Value, Charge: 100,
			Card: cardlayout.WithCheckDigit(92469900110000000 + uint64(n)), Counter: 4,
		}
		require.NoError(t, d.Journal.Begin(e))
		require.NoError(t, d.Journal.Settle(e.ID, desfire.TMAC{}))
		receiver.Now = func() time.Time { return at }
		_, err := receiver.Receive(t.Context(), 1, d.Items(uint64(2*n)), true)
		require.NoError(t, err)
	}
	for month := range 12 { // it is heard of all the time
		receiver.Now = func() time.Time { return time.Now().AddDate(-1, 0, 30*(month+1)) }
		_, err := receiver.Receive(t.Context(), 1, []journal.Item{d.Report()}, true)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	end := keepLedger(ctx, l, store, l.Log)
	named := func() (rows []bool) {
		require.NoError(t, l.Rows(0, func(r settlement.Row) error {
			rows = append(rows, r.Card != settlement.Pseudonym{})
			return nil
		}))
		return rows
	}
	require.Eventually(t, func() bool { return len(named()) == 2 }, time.Minute, time.Millisecond)
	cancel()
	require.NoError(t, end())
	require.NoError(t, l.Open(filepath.Join(folder, "ledger")))
	ctx, cancel = context.WithCancel(t.Context())
	end = keepLedger(ctx, l, store, l.Log)
	require.Eventually(t, func() bool { return !named()[0] }, time.Minute, time.Millisecond)
	require.True(t, named()[1])
	cancel()
	require.NoError(t, end())
}

// Ensure that it is known for a year whose card it was, and for a day more where the year has a
// 29 February, by the days where the depot is.
func TestYearWhereTheDepotIs(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	for at, want := range map[string]string{
		"2026-12-31T21:59:59Z": "2025-12-31",
		"2026-12-31T22:00:00Z": "2026-01-01",
		"2027-03-28T00:59:59Z": "2026-03-28", // the hour after does not exist
		"2027-03-29T00:30:00Z": "2026-03-29", // 3.30, which did not exist a year ago
		"2027-10-30T21:00:00Z": "2026-10-31",
		"2027-10-31T21:59:59Z": "2026-10-31",
		"2027-10-31T22:00:00Z": "2026-11-01",
		"2028-02-28T21:59:59Z": "2027-02-28",
		"2028-02-28T22:00:00Z": "2027-03-01",
		"2029-02-28T21:59:59Z": "2028-02-28",
		"2029-02-28T22:00:00Z": "2028-03-01",
	} {
		now, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		require.Equal(t, want, forgottenBefore(now.In(zone)), at)
	}
}
