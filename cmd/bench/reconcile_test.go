package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// Ensure that a load which was done twice is named, and that the exit code says it; and that
// one that was done once is named only on request.
func TestReconcileNamesActions(t *testing.T) {
	folder(t)
	require.NoError(t, journal.Create("loads", 4711))
	j, err := journal.Open("loads")
	require.NoError(t, err)
	keep := func(counter uint32) {
		event := validator.Event{
			ID: j.Next(), At: time.Date(2026, 3, 2, 8, int(counter), 0, 0, time.UTC),
			Card: cardlayout.WithCheckDigit(92469900110000001), Counter: counter, Reason: fare.Value,
			Charge: 251, Actions: []fare.Pickup{{Leaves: 1, Kind: fare.ValueAction, Amount: 2000}},
		}
		require.NoError(t, j.Begin(event))
		require.NoError(t, j.Settle(event.ID, desfire.Receipt{}))
	}
	keep(7)
	require.NoError(t, j.Close())
	came := tool(t, "", "reconcile", "loads")
	require.Zero(t, came.code, came.err)
	require.NotContains(t, came.out, "action 0 to 1")
	came = tool(t, "", "reconcile", "loads", "--all")
	require.Contains(t, came.out, "action 0 to 1  settled  value 20.00 picked up  device 4711 event 1")
	came = tool(t, "", "journal", "show", "loads")
	require.Contains(t, came.out, "charge 2.51  balance 0.00  value 20.00 picked up")
	came = tool(t, "", "journal", "show", "loads", "--json")
	require.Contains(t, came.out, `"kind": "value"`)

	j, err = journal.Open("loads")
	require.NoError(t, err)
	keep(8)
	require.NoError(t, j.Close())
	came = tool(t, "", "reconcile", "loads")
	require.Equal(t, exitRefused, came.code, came.err)
	require.Contains(t, came.out, "action 0 to 1  doubled  value 20.00 picked up")
}
