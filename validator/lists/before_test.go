package lists

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/lists/inbox"
)

// before is a copy of a folder as the program wrote it when each kind had a store of its own.
func before(t *testing.T, name string) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.CopyFS(folder, os.DirFS("testdata/before/"+name)))
	return folder
}

// Ensure that block lists of before are found with all that was remembered of them: the list in
// use, the former one whose cards are refused as well, the highest version and the alarm.
func TestBlocksOfBefore(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.folder, device.most = before(t, "lists"), 5
	for range 2 {
		device.start()
		now := device.Status()
		require.EqualValues(t, 6, now.Version)
		require.Equal(t, 7, now.Count)
		require.Equal(t, 68, now.Former)
		require.Equal(t, today.Add(aDay), now.Until)
		require.Contains(t, now.Alarm, "version 3, and this device has had 6")
		require.Equal(t, today, now.AlarmAt)
		device.refuses(68, 7)
		require.Equal(t, []string{"delta-4-5", "delta-4-6", "full-4", "state"}, device.files())
	}
	require.ErrorIs(t, device.Apply(depot.full(5, nil), today, inbox.AtOnce), ErrOlder)
	require.ErrorIs(t, device.Apply(depot.full(6, nil), today, inbox.AtOnce), ErrConflict)
	require.True(t, device.release(today.Add(aDay)))
	device.lists(6, cards(0, 7))
	device.takes(depot.full(7, cards(0, 9)))
	device.lists(7, cards(0, 9))
}

// Ensure that an action list of before is found, and that the newer one which was damaged is not
// forgotten.
func TestActionsOfBefore(t *testing.T) {
	t.Parallel()
	folder, trust := before(t, "actions"), newDevice(t).trust
	for range 2 {
		s, err := OpenActions(folder, trust)
		require.NoError(t, err)
		require.EqualValues(t, 3, s.Version())
		require.Equal(t, 5, s.List().Len())
		require.Empty(t, s.Alarm())
		require.EqualValues(t, 4, s.state.Highest.Version)
		require.FileExists(t, filepath.Join(folder, "list-4.damaged"))
	}
}

// Ensure that tariffs of before are found.
func TestTariffsOfBefore(t *testing.T) {
	t.Parallel()
	s, err := OpenTariffs(before(t, "board"), newDevice(t).trust, time.LoadLocation)
	require.NoError(t, err)
	require.EqualValues(t, 7, s.Version())
	require.Len(t, s.Used().Value.All(), 2)
	require.Empty(t, s.Alarm())
}
