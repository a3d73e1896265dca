// Package metricstest holds figures, alerts and dashboards to what Prometheus takes.
package metricstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Promtool runs Prometheus's own check.
func Promtool(t *testing.T, input string, args ...string) {
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

// Alerts requires that the alerts of alerts.yaml pass alerts_test.yaml, which tests each of them.
func Alerts(t *testing.T) {
	t.Helper()
	Promtool(t, "", "check", "rules", "alerts.yaml")
	Promtool(t, "", "test", "rules", "alerts_test.yaml")
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

// Dashboard requires that each picture of dashboard.json asks for figures of metrics that are
// served, in words that Prometheus takes; and returns how many are asked for.
func Dashboard(t *testing.T, served string) (asked int) {
	t.Helper()
	text, err := os.ReadFile("dashboard.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	var rules bytes.Buffer
	rules.WriteString("groups: [{name: dashboard, rules: [")
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			fmt.Fprintf(&rules, "{record: asked:%d, expr: %q},\n", asked, target.Expr)
			asked++
			_, name, _ := strings.Cut(target.Expr, "leima_")
			name = name[:strings.IndexFunc(name+" ", func(r rune) bool {
				return r != '_' && (r < 'a' || r > 'z')
			})]
			require.Regexp(t, "(?m)^leima_"+name+"[ {]", served, target.Expr)
		}
	}
	rules.WriteString("]}]")
	path := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(path, rules.Bytes(), 0o600))
	Promtool(t, "", "check", "rules", path)
	return asked
}
