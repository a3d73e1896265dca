package onboard

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/device"
	"leima/validator/journal"
	"leima/validator/sim/simtest"
)

// Ensure that a validator is alive while its loop answers and its disk takes a write, which is no
// entry; and that its status says what it waits for, and what is to be sent.
func TestAlive(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state", "journal")
	require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
	require.NoError(t, journal.Create(path, 7))
	j, err := journal.Open(path)
	require.NoError(t, err)
	defer j.Close()
	d, v := &Device{Device: &device.Device{Journal: j}}, simtest.NewBus(t).Validator
	alive := d.alive(v)

	status, err := alive(t.Context())
	require.NoError(t, err)
	require.Equal(t, "waiting for a card, 0 entries to send", status)
	require.NoError(t, v.Do(func() error { // in its turn, as an order does
		v.Pause(true)
		return nil
	}))
	status, err = alive(t.Context())
	require.NoError(t, err)
	require.Contains(t, status, "out of service: the validator is paused")
	require.Zero(t, j.Extent().Last)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()                               // the time is over
	require.NoError(t, v.Do(func() error { // as a tap that does not end
		_, err = alive(ctx)
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, os.Rename(filepath.Dir(path), filepath.Join(folder, "gone")))
	_, err = alive(t.Context())
	require.ErrorIs(t, err, os.ErrNotExist)
}
