package depotmetrics_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/depotmetrics"
	"leima/cmd/internal/metricstest"
	"leima/fare"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/lists/manifest"
)

// A rig is a depot with its figures.
type rig struct {
	t      *testing.T
	now    time.Time
	heard  *depotmetrics.Heard
	store  *embedded.Store
	source depotmetrics.Source
}

func newRig(t *testing.T, folder string, now time.Time) *rig {
	r := &rig{t: t, now: now}
	clock := func() time.Time { return r.now }
	path := filepath.Join(folder, "store")
	var err error
	r.store, err = embedded.Open(path)
	require.NoError(t, err)
	r.heard = depotmetrics.NewHeard(clock)
	receiver := &depot.Receiver{Store: r.heard.Into(r.store), Now: clock, Alarm: func(depot.Alarm) {}}
	r.source = depotmetrics.Source{
		Heard: r.heard, Receiver: receiver, Folder: folder,
		Devices: func() []uint16 { return []uint16{7, 8, 9} },
		Files:   map[string]string{"store": path, "heads": filepath.Join(folder, "none")},
	}
	return r
}

func (r *rig) receives(device uint16, items []journal.Item, oldest bool) {
	_, err := r.source.Receiver.Receive(r.t.Context(), device, items, oldest)
	require.NoError(r.t, err)
}

// says are the figures as they are served.
func (r *rig) says() string {
	answer := httptest.NewRecorder()
	depotmetrics.New(r.source, "1.2.3").ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

// lines requires some lines of the figures, and returns all.
func (r *rig) lines(want ...string) string {
	r.t.Helper()
	text := r.says()
	for _, line := range want {
		require.Contains(r.t, "\n"+text, "\n"+line+"\n")
	}
	return text
}

// errSeen ends a ledger's following.
var errSeen = errors.New("seen")

// ledger gives the depot a ledger that has not followed yet.
func (r *rig) ledger() {
	office, err := journal.NewBackOffice()
	require.NoError(r.t, err)
	r.source.Ledger = &settlement.Ledger{
		Office: office, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
		Waited: r.source.Devices,
	}
	require.NoError(r.t, r.source.Ledger.Open(filepath.Join(r.t.TempDir(), "ledger")))
	r.t.Cleanup(func() { _ = r.source.Ledger.Close() })
}

// Ensure that the figures are how the depot is, in a form that Prometheus has nothing to say
// against; and that the dashboard asks for them.
func TestFigures(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir(), depottest.Now())
	defer r.store.Close()
	r.ledger()
	r.source.Manifest = func() (manifest.Manifest, error) {
		return manifest.Manifest{Version: 12, Expires: time.Unix(2e9, 0)}, nil
	}
	device := depottest.NewDevice(t, 9)
	require.NoError(t, device.Journal.Record(validator.Event{
		ID: device.Journal.Next(), At: r.now, Card: 924620900112345678, Counter: 4, Reason: fare.Value,
	}))
	require.NoError(t, device.Journal.Record(validator.Event{
		ID: device.Journal.Next(), At: r.now, Card: 924620900112345678, Counter: 6, Reason: fare.Value,
	}))
	other := device.Copy()
	device.Record(1, 1)
	other.Record(2, 2)
	r.receives(9, device.Items(0), false)
	r.receives(9, other.Items(0), false)
	r.heard.Lost()
	r.lines("leima_depot_ledger_behind_batches 2", "leima_depot_entries_total 5")

	follow(t, r, 2)
	third := depottest.NewDevice(t, 8)
	third.Record(5, 1)
	r.now = r.now.Add(20 * time.Hour)
	r.receives(8, third.Items(2), true)
	r.now = r.now.Add(10 * time.Hour)
	text := r.lines(
		"leima_depot_devices 3", "leima_depot_devices_silent 2", "leima_depot_silence_seconds 108000",
		`leima_depot_alarms{kind="fork"} 1`, `leima_depot_alarms{kind="gap"} 1`,
		"leima_depot_lost_total 1", "leima_depot_entries_total 8",
		"leima_depot_ledger_behind_batches 1", `leima_depot_cases{verdict="late"} 1`,
		"leima_depot_signatures_waiting 0", "leima_depot_signatures_verified_total 0",
		"leima_depot_manifest_version 12",
		"leima_depot_manifest_expires_timestamp_seconds 2e+09", `leima_build_info{version="1.2.3"} 1`,
	)
	require.Regexp(t, `(?m)^leima_depot_file_bytes{file="store"} [1-9]`, text)
	require.NotContains(t, text, `file="heads"`)
	require.Regexp(t, `(?m)^leima_depot_disk_free_bytes [1-9]`, text)
	require.NotContains(t, text, "924620")
	metricstest.Promtool(t, text, "check", "metrics")
	require.Greater(t, metricstest.Dashboard(t, text), 10)
}

// follow has the ledger add some batches.
func follow(t *testing.T, r *rig, batches uint64) {
	t.Helper()
	err := r.source.Ledger.Run(t.Context(), ending{r.store, batches})
	require.ErrorIs(t, err, errSeen)
	require.Equal(t, batches, r.source.Ledger.Cursor())
}

// ending is a store that ends a following after a batch.
type ending struct {
	depot.Store
	last uint64
}

func (e ending) Follow(ctx context.Context, after uint64,
	each func(uint64, *depot.Batch) error,
) error {
	return e.Store.Follow(ctx, after, func(cursor uint64, b *depot.Batch) error {
		if err := each(cursor, b); err != nil || cursor < e.last {
			return err
		}
		return errSeen
	})
}

// Ensure that a depot that was started again knows how long its devices are silent, and that
// without a ledger and lists there are no figures of them.
func TestSilenceIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := newRig(t, folder, depottest.Now())
	for number := uint16(7); number <= 9; number++ {
		device := depottest.NewDevice(t, number)
		device.Record(2, 1)
		first.receives(number, device.Items(0), false)
	}
	require.NoError(t, first.store.Close())

	r := newRig(t, folder, depottest.Now().Add(40*time.Hour))
	defer r.store.Close()
	r.lines("leima_depot_devices_silent 0", "leima_depot_silence_seconds 0")
	require.NoError(t, r.heard.LookBack(t.Context(), r.store, r.source.Devices()))
	text := r.lines("leima_depot_devices_silent 3", "leima_depot_silence_seconds 144000",
		"leima_depot_entries_total 0")
	require.NotContains(t, text, "ledger")
	require.NotContains(t, text, "manifest")
}

// Ensure that every alert comes when it should, and not before.
func TestAlerts(t *testing.T) {
	t.Parallel()
	metricstest.Alerts(t)
}

// Ensure that a device that was heard while the depot's clock was years ahead is silent a day after
// the clock is right, unless it is heard again, also if the depot is started then.
func TestSilentAfterAWrongClock(t *testing.T) {
	t.Parallel()
	r := newRig(t, t.TempDir(), depottest.Now().AddDate(12, 0, 0))
	defer r.store.Close()
	for n := range uint16(3) {
		device := depottest.NewDevice(t, 7+n)
		device.Record(1, 1)
		r.receives(7+n, device.Items(0), false)
	}
	r.now = depottest.Now()
	r.lines("leima_depot_devices_silent 0", "leima_depot_silence_seconds 0")
	again := depotmetrics.NewHeard(func() time.Time { return r.now })
	require.NoError(t, again.LookBack(t.Context(), r.store, []uint16{7, 8, 9}))
	r.source.Heard = again
	r.lines("leima_depot_devices_silent 0")
	r.now = r.now.Add(25 * time.Hour)
	r.lines("leima_depot_devices_silent 3", "leima_depot_silence_seconds 90000")
}
