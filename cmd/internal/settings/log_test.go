package settings

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that a message that repeats itself is logged sixty times a minute and not oftener, that what
// was left out is counted, and that another message is logged beside it.
func TestFloodOfLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(newPaced(slog.NewTextHandler(&out, nil))).With("device", 9)
		for range 1000 {
			log.Warn("it says another stop", "stop", "a")
		}
		log.Error("the reader is gone")
		require.Equal(t, 60, strings.Count(out.String(), "another stop"))
		require.Equal(t, 1, strings.Count(out.String(), "the reader is gone"))
		require.NotContains(t, out.String(), "left_out")

		time.Sleep(time.Minute)
		log.WithGroup("g").Warn("it says another stop", "stop", "b")
		log.Warn("it says another stop", "stop", "c")
		require.Equal(t, 1, strings.Count(out.String(), "left_out=940"))
		require.Equal(t, 62, strings.Count(out.String(), "another stop"))
	})
}

// Ensure that systemd's journal gets the priority of each line.
func TestPriorities(t *testing.T) {
	for line, want := range map[string]string{
		"level=ERROR msg=\"no reader\"\n": "<3>msg=\"no reader\"\n",
		"level=WARN msg=unsure\n":         "<4>msg=unsure\n",
		"level=INFO msg=ready\n":          "<6>msg=ready\n",
		"a panic\n":                       "a panic\n",
	} {
		require.Equal(t, want, string(prioritized([]byte(line))))
	}
	require.Equal(t, slog.Attr{}, timeless(nil, slog.Time(slog.TimeKey, time.Now())))
	require.Equal(t, "at", timeless(nil, slog.Int("at", 1)).Key)
}
