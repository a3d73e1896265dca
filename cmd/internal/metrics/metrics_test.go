package metrics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/metrics"
	"leima/fare"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/journal"
)

// promtool runs Prometheus's own check.
func promtool(t *testing.T, input string, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no promtool: make deps installs it")
		}
		t.Skip("there is no promtool: make deps installs it")
	}
	command := exec.Command(path, args...)
	command.Stdin = strings.NewReader(input)
	said, err := command.CombinedOutput()
	require.NoError(t, err, "%s", said)
}

// Ensure that the figures are what the validator has done and how it is, in a form that Prometheus
// has nothing to say against, without a card's number.
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
	promtool(t, text, "check", "metrics")
}

// Ensure that every alert comes when it should, and not before.
func TestAlerts(t *testing.T) {
	t.Parallel()
	promtool(t, "", "check", "rules", "alerts.yaml")
	promtool(t, "", "test", "rules", "alerts_test.yaml")
	rules, err := os.ReadFile("alerts.yaml")
	require.NoError(t, err)
	tests, err := os.ReadFile("alerts_test.yaml")
	require.NoError(t, err)
	for line := range strings.Lines(string(rules)) {
		if _, name, found := strings.Cut(line, "- alert: "); found {
			require.Contains(t, string(tests), "alertname: "+name)
		}
	}
}

// Ensure that each picture of the dashboard asks for figures that there are, in words that
// Prometheus takes.
func TestDashboard(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Type    string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	source, err := os.ReadFile("metrics.go")
	require.NoError(t, err)
	var rules bytes.Buffer
	rules.WriteString("groups: [{name: dashboard, rules: [")
	asked := 0
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			fmt.Fprintf(&rules, "{record: asked:%d, expr: %q},\n", asked, target.Expr)
			asked++
			_, name, _ := strings.Cut(target.Expr, "leima_")
			name = strings.TrimSuffix(name[:strings.IndexFunc(name+" ", func(r rune) bool {
				return r != '_' && (r < 'a' || r > 'z')
			})], "_bucket")
			require.Contains(t, string(source), name+`"`, target.Expr)
		}
	}
	rules.WriteString("]}]")
	require.Greater(t, asked, 10)
	path := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(path, rules.Bytes(), 0o600))
	promtool(t, "", "check", "rules", path)
}
