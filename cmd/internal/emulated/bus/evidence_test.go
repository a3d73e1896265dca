package bus

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/onboard"
	"leima/validator/journal"
	"leima/validator/sim"
)

// Ensure that a state folder of before gets a key at the next start, and that the heads of its
// journal are signed from then on, at the start and the end; and that a key that cannot be used
// keeps no bus in the depot.
func TestStateOfBeforeGetsAKey(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	config := aDevice(t)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	path := state(config, journalFile)
	segments, err := filepath.Glob(filepath.Join(path, "*"))
	require.NoError(t, err)
	newest := segments[len(segments)-1]
	info, err := os.Stat(newest)
	require.NoError(t, err)
	require.NoError(t, os.Truncate(newest, info.Size()-1))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	logged(t, config, "journal: alarm: an entry is gone")
	j, err := journal.OpenToRead(path)
	require.NoError(t, err)
	defer j.Close()
	told := 0
	require.NoError(t, j.Entries(0, func(e journal.Entry) error {
		if e.Event.Fault != "" {
			require.Contains(t, e.Event.Fault, "the newest entry may be missing")
			told++
		}
		return nil
	}))
	require.Equal(t, 1, told)
}

// Ensure that a device with a back office keeps nobody's number and UID in any file of its state
// folder but the emulated cards and the lists, and that the back office reads them.
func TestStateNamesNobody(t *testing.T) {
	t.Parallel()
	config := aDevice(t)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	j, err := journal.OpenToRead(state(config, journalFile))
	require.NoError(t, err)
	defer j.Close()
	office, err := journal.NewBackOffice(sim.TestBackOffice())
	require.NoError(t, err)
	var secrets [][]byte
	require.NoError(t, j.Entries(0, func(e journal.Entry) error {
		if e.Sealed == nil {
			require.Zero(t, e.Event.Card)
			return nil
		}
		err := office.Open(&e)
		secrets = append(secrets, e.Event.UID[:], fmt.Append(nil, uint64(e.Event.Card)),
			binary.BigEndian.AppendUint64(nil, uint64(e.Event.Card)))
		return err
	}))
	require.Greater(t, len(secrets), 10)
	needed := []string{cardFolder, onboard.ListFolder} // a list tells which cards it blocks
	require.NoError(t, filepath.WalkDir(state(config, ""), func(
		path string, entry os.DirEntry, err error,
	) error {
		if err != nil || entry.IsDir() || slices.Contains(needed, filepath.Base(filepath.Dir(path))) {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, secret := range secrets {
			require.False(t, bytes.Contains(raw, secret), "%s has %x", path, secret)
		}
		return err
	}))
}
