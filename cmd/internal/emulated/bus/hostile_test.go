package bus

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
	"leima/cmd/internal/onboard"
)

// Ensure that a configuration whose texts would command a terminal is refused, the field named,
// whatever character it is and however it is written.
func TestHostileConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	for _, escape := range []string{`\u001b[2J`, `\u009b31m`, `\u202e`, `\u007f`, `\u0007`, `\r`, `\u2028`} {
		for field, edit := range map[string][2]string{
			"service.stop":    {`stop = "Graani"`, `stop = "Graani` + escape + `"`},
			"service.line":    {`line = "2"`, `line = "2` + escape + `"`},
			"state":           {`"../state/day"`, `"state` + escape + `"`},
			"tariffs":         {`["tariffs/mikkeli-2025.toml"]`, `["` + escape + `"]`},
			"emulated.script": {`"taps/demo.tap"`, `"` + escape + `"`},
		} {
			code, out, errs := start(t, context.Background(), "run", "--config",
				aDevice(t, edit[0], edit[1]))
			require.Equal(t, exitUsage, code, field)
			require.Contains(t, errs, field+": character ")
			require.NoError(t, plain.Check(out+errs), "%q", errs)
		}
	}
	for _, text := range []string{`Graani\nv GREEN    Accepted`, `a\tb`} {
		code, out, errs := start(t, context.Background(), "run", "--config",
			aDevice(t, `stop = "Graani"`, `stop = "`+text+`"`))
		require.Equal(t, exitUsage, code)
		require.Contains(t, errs, "want one line")
		require.Empty(t, out)
	}
}

// Ensure that what a device hears from outside, a stop of its feed and a file in its inbox,
// stands harmless in its transcript and its log.
func TestHostileFeedAndInbox(t *testing.T) {
	t.Parallel()
	const hostile = "\x1b[31m\u009b31m\u202e\x7f"
	feed := t.TempDir()
	require.NoError(t, os.CopyFS(feed, os.DirFS(feedFolder)))
	stops, err := os.ReadFile(filepath.Join(feed, "stops.txt"))
	require.NoError(t, err)
	stops = []byte(strings.ReplaceAll(string(stops), "Graani", "Graani"+hostile))
	require.NoError(t, os.WriteFile(filepath.Join(feed, "stops.txt"), stops, 0o644))
	config := aDevice(t, "device = 9", "device = 9\nstops = \""+feed+"\"", `log = "log"`, "")
	inbox := state(config, onboard.InboxFolder)
	require.NoError(t, os.MkdirAll(inbox, 0o700))
	name := "\x1b]0;x\x07\u202e.bundle"
	require.NoError(t, os.WriteFile(filepath.Join(inbox, name), []byte("rubbish"), 0o600))
	code, out, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	require.Contains(t, errs, "a bundle is not taken")
	require.NoError(t, plain.Check(out), "%q", out)
	require.NoError(t, plain.Check(errs), "%q", errs)
	for _, args := range [][]string{{"run", "--config", name}, {name}, {"run", "--" + name}} {
		code, out, errs := start(t, context.Background(), args...)
		require.Equal(t, exitUsage, code)
		require.NoError(t, plain.Check(out+errs), "%q", out+errs)
	}
}
