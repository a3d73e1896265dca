package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
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

// Ensure that a ledger whose disk is full keeps no device from sending, says so with what to do,
// goes on by itself when there is room, and says then what an undisturbed one says.
func TestLedgersDiskIsFull(t *testing.T) { depottest.OnSmallDisk(t, "1m", ledgerFills) }

func ledgerFills(t *testing.T, disk *depottest.SmallDisk) {
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	said := make(lines, 100)
	log := slog.New(slog.NewTextHandler(said, nil))
	begin := func(folder string) (l *settlement.Ledger, end func()) {
		office, err := journal.NewBackOffice()
		require.NoError(t, err)
		l = &settlement.Ledger{
			Office: office, Zone: time.UTC, Log: log, Waited: func() []uint16 { return []uint16{1} },
		}
		require.NoError(t, l.Open(filepath.Join(folder, "ledger")))
		ctx, cancel := context.WithCancel(t.Context())
		ended := keepLedger(ctx, l, store, log)
		return l, func() { cancel(); require.NoError(t, ended()) }
	}
	l, end := begin(disk.Folder)
	defer end()
	d, receiver, sent := depottest.NewDevice(t, 1), depot.Receiver{Store: store, Now: depottest.Now}, 0
	for n := range uint32(500) {
		e := validator.Event{
			ID: d.Journal.Next(), At: depottest.Now(), Reason: fare.Value, Charge: 100,
			Card: cardlayout.WithCheckDigit(92469900110000000 + uint64(n%50)), Counter: n / 50,
		}
		require.NoError(t, d.Journal.Begin(e))
		require.NoError(t, d.Journal.Settle(e.ID, desfire.TMAC{}))
	}
	items := d.Items(0)
	sends := func(upTo int) {
		for ; sent < upTo; sent += 10 {
			_, err := receiver.Receive(t.Context(), 1, items[sent:sent+10], false)
			require.NoError(t, err)
		}
	}
	sends(len(items) / 2)
	disk.Fill()
	sends(len(items))
	select {
	case line := <-said:
		require.Contains(t, line, depot.ErrFull.Error())
	case <-time.After(time.Minute):
		require.Fail(t, "nothing is said")
	}
	last, err := store.Last(t.Context())
	require.NoError(t, err)
	require.Less(t, l.Cursor(), last)

	disk.Resize("64m")
	require.Eventually(t, func() bool { return l.Cursor() == last }, time.Minute, time.Millisecond)
	other, otherEnds := begin(t.TempDir())
	defer otherEnds()
	require.Eventually(t, func() bool { return other.Cursor() == last }, time.Minute, time.Millisecond)
	require.Equal(t, rowsOf(t, other), rowsOf(t, l))
	require.Len(t, rowsOf(t, l), 500)
}

// rowsOf are a ledger's rows without what is its own: numbers and pseudonyms.
func rowsOf(t *testing.T, l *settlement.Ledger) (all []settlement.Row) {
	t.Helper()
	require.NoError(t, l.Rows(0, func(r settlement.Row) error {
		r.Number, r.Card = 0, settlement.Pseudonym{}
		all = append(all, r)
		return nil
	}))
	slices.SortStableFunc(all, func(a, b settlement.Row) int { return int(a.Event) - int(b.Event) })
	return all
}

// Ensure that on a full disk the registers stay as they were, whole, and that the command says so.
func TestRegistersDiskIsFull(t *testing.T) {
	depottest.OnSmallDisk(t, "100k", func(t *testing.T, disk *depottest.SmallDisk) {
		at, pin := filepath.Join(disk.Folder, "depot"), filepath.Join(t.TempDir(), "pin")
		require.NoError(t, os.WriteFile(pin, []byte("550011\n"), 0o600))
		adds := func() (code int, says string) {
			code, _, says = start(t, "device", "add", at, "9", "--key", key)
			person, _, more := start(t, "person", "add", at, "--number", "7", "--role", "service",
				"--pin-file", pin)
			return max(code, person), says + more
		}
		code, _, says := start(t, "init", at, "--name", "depot.example")
		require.Zero(t, code, says)
		_, err := folder(at).pepper()
		require.NoError(t, err)
		disk.Fill()
		code, says = adds()
		require.Equal(t, codeState, code, says)
		require.Contains(t, says, "no space left on device")
		for _, name := range []string{registerFile, personsFile} {
			require.NoFileExists(t, filepath.Join(at, name))
		}
		disk.Resize("1m")
		code, says = adds()
		require.Zero(t, code, says)
	})
}
