package lists

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// fewer says that a list is meant to be far shorter than the one before.
func fewer(m *bundle.Manifest) ed25519.PrivateKey {
	m.Fewer = true
	return ours
}

// refuses says that exactly the first so many cards are refused, and that to those which the
// list in use does not name no block is written.
func (d *device) refuses(count, named int) {
	d.t.Helper()
	for n := range 70 {
		_, listed, err := d.store.Lookup(card(2 * n))
		require.NoError(d.t, err)
		require.Equal(d.t, n < count, listed, "card %d", n)
		held, err := d.store.Provisional(card(2 * n))
		require.NoError(d.t, err)
		require.Equal(d.t, n >= named && n < count, held, "card %d", n)
	}
}

func (d *device) release(at time.Time) bool {
	d.t.Helper()
	released, err := d.Release(at, inbox.AtOnce)
	require.NoError(d.t, err)
	return released
}

// Ensure that a list which has lost more than half of a long one, full or a delta, is taken
// with an alarm, and that the cards of the one before are refused for a day, across restarts;
// and that no block is written to them.
func TestThinned(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"empty", "full", "delta"} {
		depot, device := newDepot(t), newDevice(t)
		device.takes(depot.full(5, cards(0, 60)))
		left := 7
		if kind == "empty" {
			left = 0
		}
		path := depot.full(6, cards(0, left))
		if kind == "delta" {
			path = depot.delta(5, 6)
		}
		require.NoError(t, device.Apply(path, today, inbox.AtOnce))
		for range 3 {
			now := device.Status()
			require.EqualValues(t, 6, now.Version)
			require.Equal(t, left, now.Count)
			require.Equal(t, 60, now.Former)
			require.Equal(t, today.AddDate(0, 0, 1), now.Until)
			require.Contains(t, now.Alarm, "and the list before it 60")
			full, delta := device.InUse()
			require.Equal(t, "full-5", filepath.Base(full), "a copy refuses no fewer")
			require.Empty(t, delta)
			device.refuses(60, left)
			require.False(t, device.release(today.Add(24*time.Hour-time.Second)))
			device.start()
		}
		require.True(t, device.release(today.Add(24*time.Hour)))
		require.False(t, device.release(today.Add(48*time.Hour)))
		for range 2 {
			require.Zero(t, device.Status().Former)
			require.Empty(t, device.Status().Alarm)
			device.refuses(left, left)
			require.Equal(t, kind == "delta", slices.Contains(device.files(), "full-5"))
			device.start()
		}
	}
}

// Ensure where the line is, and that who says that it is meant is believed.
func TestThinnedFromWhere(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ before, after, kept int }{
		{60, 30, 0},
		{60, 29, 60},
		{20, 10, 0},
		{20, 9, 20},
		{20, 0, 20},
		{19, 0, 0},
		{0, 0, 0},
		{21, 11, 0},
		{21, 10, 21},
		{10, 60, 0},
	} {
		depot, device := newDepot(t), newDevice(t)
		device.takes(depot.full(5, cards(0, row.before)))
		require.NoError(t, device.Apply(depot.full(6, cards(0, row.after)), today, inbox.AtOnce))
		require.Equal(t, row.kept, device.Status().Former, "%d to %d", row.before, row.after)
		device.refuses(max(row.kept, row.after), row.after)

		depot, device = newDepot(t), newDevice(t)
		device.takes(depot.full(5, cards(0, row.before)))
		device.takes(depot.with(fewer, func() string { return depot.full(6, cards(0, row.after)) }))
		require.Zero(t, device.Status().Former)
		device.refuses(row.after, row.after)
	}
}

// Ensure that of several short lists in a row the day is the first one's, that a list which is
// long again, or says that it is meant, ends it, and that what comes back is not new.
func TestThinnedAgain(t *testing.T) {
	t.Parallel()
	short := func(t *testing.T) (*depot, *device) {
		depot, device := newDepot(t), newDevice(t)
		device.most = 5
		device.start()
		device.takes(depot.full(5, cards(0, 60)))
		require.NoError(t, device.Apply(depot.full(6, cards(0, 4)), today, inbox.AtOnce))
		require.NoError(t, device.Apply(depot.full(7, cards(0, 5)), today.Add(9*time.Hour),
			inbox.AtOnce))
		require.Equal(t, today.AddDate(0, 0, 1), device.Status().Until)
		device.refuses(60, 5)
		return depot, device
	}
	depot, device := short(t)
	device.takes(depot.full(8, cards(0, 62)))
	require.Zero(t, device.Status().Former)
	require.Zero(t, device.Status().Held, "60 of them are nothing new")
	device.refuses(62, 62)

	depot, device = short(t)
	device.takes(depot.with(fewer, func() string { return depot.full(8, cards(0, 5)) }))
	device.refuses(5, 5)

	depot, device = short(t)
	later := today.AddDate(0, 0, 1)
	require.NoError(t, device.Apply(depot.full(8, cards(0, 6)), later, inbox.AtOnce))
	require.Zero(t, device.Status().Former, "the day is over")
	device.refuses(6, 6)
}

// Ensure that a device whose time was ahead does not keep a former list for years.
func TestThinnedByAWrongClock(t *testing.T) {
	t.Parallel()
	depot, device := newDepot(t), newDevice(t)
	device.takes(depot.full(5, cards(0, 60)))
	require.NoError(t, device.Apply(depot.full(6, nil), today.AddDate(0, 0, 12), inbox.AtOnce))
	require.False(t, device.release(today))
	require.Equal(t, today.AddDate(0, 0, 1), device.Status().Until, "the day begins again")
	device.start()
	require.True(t, device.release(today.AddDate(0, 0, 1)))
}

// Ensure that a short list which is damaged at the next start leaves the former one in use, and
// that a former one which is gone is told.
func TestThinnedAndDamaged(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]int{"full-6": 60, "full-5": 4} {
		depot, device := newDepot(t), newDevice(t)
		device.takes(depot.full(5, cards(0, 60)))
		require.NoError(t, device.Apply(depot.full(6, cards(0, 4)), today, inbox.AtOnce))
		path := filepath.Join(device.folder, name)
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		raw[len(raw)/2] ^= 1
		require.NoError(t, os.WriteFile(path, raw, 0o644))
		device.start()
		device.refuses(left, left)
		require.Zero(t, device.Status().Former)
		require.True(t, strings.Contains(device.Status().Alarm, blocklist.ErrDamaged.Error()),
			device.Status().Alarm)
	}
}

// Ensure that a state without a former list is written as it always was, so that a program of
// before reads it.
func TestStateOfBefore(t *testing.T) {
	t.Parallel()
	s := state{Area: area, InUse: pair{Full: "full-5"}, Highest: mark{Version: 5}}
	raw, err := s.marshal()
	require.NoError(t, err)
	require.EqualValues(t, 0x87, raw[0], "an array of seven")
	var same state
	require.NoError(t, same.unmarshal(raw))
	require.Equal(t, s, same)
	s.Former = former{List: s.InUse, Count: 60, Since: 1}
	raw, err = s.marshal()
	require.NoError(t, err)
	require.NoError(t, same.unmarshal(raw))
	require.Equal(t, s, same)
	require.Error(t, same.unmarshal([]byte{0x86, 1, 2, 3, 4, 5, 6}))
}
