package main

import (
	"context"
	"crypto/ed25519"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/journal"
)

// Ensure that a state folder of before gets a key at the next start, and that the heads of its
// journal are signed from then on, at the start and the end; and that a key that cannot be used
// keeps no bus in the depot.
func TestStateOfBeforeGetsAKey(t *testing.T) {
	config := aDevice(t)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	path := state(config, keyFile)
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Remove(state(config, "journal.heads")))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	key, err := journal.DeviceKey(path)
	require.NoError(t, err)
	logged(t, config, "journal: its head is signed")
	logged(t, config, journal.PublicText(key))
	j, err := journal.OpenToRead(state(config, journalFile))
	require.NoError(t, err)
	upTo, err := j.VerifySigned(key.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	require.Equal(t, j.Extent().Last, upTo)
	require.NoError(t, j.Close())

	require.NoError(t, os.WriteFile(path, []byte("rubbish"), 0o600))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	logged(t, config, "journal: alarm: its head is not signed")
}

// Ensure that an entry which is gone at the start is an alarm in the log and an event.
func TestLostEntryIsTold(t *testing.T) {
	config := aDevice(t)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	path := state(config, journalFile)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	const page, transaction = 4096, 16 + 48 // where bbolt has it
	newest := 0
	if raw[page+transaction] == raw[transaction]+1 { // the low byte counts by one
		newest = page
	}
	raw[newest+transaction+8]++
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	logged(t, config, "journal: alarm: an entry is gone")
	j, err := journal.OpenToRead(path)
	require.NoError(t, err)
	defer j.Close()
	told := 0
	require.NoError(t, j.Entries(0, func(e journal.Entry) error {
		if e.Event.Fault != "" {
			require.Contains(t, e.Event.Fault, "is gone")
			told++
		}
		return nil
	}))
	require.Equal(t, 1, told)
}
