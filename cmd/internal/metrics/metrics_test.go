package metrics_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/metrics"
	"leima/cmd/internal/metricstest"
	"leima/fare"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/journal"
)

// Ensure that the figures are what the validator has done and how it is, in a form that Prometheus
// has nothing to say against, without a card's number; and that the dashboard asks for them.
func TestFigures(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, journal.Create(path, 9))
	j, err := journal.Open(path)
	require.NoError(t, err)
	defer j.Close()
	disk := metrics.NewFlushes()
	m := metrics.New(metrics.Source{
		Flushes: disk, Journal: j,
		State: func(context.Context) (api.State, error) {
			return api.State{
				Healthy: true, Upload: &api.Upload{Last: time.Unix(3e9, 0)},
				Download: &api.Download{Manifest: 12, Made: time.Unix(1e9, 0), Alarm: true},
			}, nil
		},
		Lists: func() []metrics.List {
			return []metrics.List{{Name: "blocklist", Version: 7, Made: time.Unix(1e9, 0), Alarm: true}}
		},
		Place: func() metrics.Place {
			return metrics.Place{Source: "bob", Age: time.Minute, Unsure: 90 * time.Second, Conflicts: 2}
		},
	}, "1.2.3")
	event := validator.Event{Card: 924620900112345678, Reason: fare.Value, At: time.Unix(2e9, 0)}
	for _, ending := range []validator.Ending{validator.Accepted, validator.Uncertain} {
		m.Tapped(&validator.Outcome{Ending: ending, Event: event, Took: 150 * time.Millisecond})
	}
	event.ID = cardlayout.EventID{Device: 9, Sequence: 1}
	require.NoError(t, disk.Timed(j).Record(event))
	require.NoError(t, disk.Timed(j).Flush())
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text := answer.Body.String()
	for _, line := range []string{
		`leima_taps_total{ending="accepted",reason="value"} 1`, `leima_commits_unknown_total 1`,
		`leima_tap_seconds_bucket{le="0.2"} 2`, `leima_tap_seconds_bucket{le="0.1"} 0`,
		`leima_reader_up 1`, `leima_clock_estimated 0`, `leima_list_version{list="blocklist"} 7`,
		`leima_list_made_timestamp_seconds{list="blocklist"} 1e+09`, `leima_place_sure 0`,
		`leima_place_age_seconds{source="bob"} 60`, `leima_place_unsure_seconds_total 90`,
		`leima_journal_entries_unacknowledged 1`, `leima_build_info{version="1.2.3"} 1`,
		`leima_journal_commit_seconds_count 1`,
		`leima_journal_oldest_unacknowledged_timestamp_seconds 2e+09`,
		`leima_upload_last_success_timestamp_seconds 3e+09`, `leima_manifest_version 12`,
		`leima_manifest_made_timestamp_seconds 1e+09`, `leima_manifest_alarm 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, "924620")
	metricstest.Promtool(t, text, "check", "metrics")
	asked := metricstest.Dashboard(t, text)
	require.Greater(t, asked, 10)
}

// Ensure that every alert comes when it should, and not before.
func TestAlerts(t *testing.T) {
	t.Parallel()
	metricstest.Alerts(t)
}
