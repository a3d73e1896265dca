package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/api"
	"leima/validator/place/bob"
	"leima/validator/place/mqtt/mqtttest"
)

// Ensure that a trip is driven to its end over a broker, stop by stop as the feed has them, and that
// with --retain who comes later hears the last of it.
func TestDrive(t *testing.T) {
	folder(t)
	broker := mqtttest.Start(t)
	early := broker.Peer("service/v1/lastStop")
	said := done(t, "drive", "--feed", "testdata/feed", "--trip", "2-0800-0", "--retain",
		"--broker", broker.URL.String(), "--speed", "10000")
	var stops []string
	for range strings.Count(said, "\n") {
		m := early.Hears()
		report, err := new(bob.Dialect).Decode(m.Topic, []byte(m.Payload))
		require.NoError(t, err)
		require.Len(t, report.Stop.Zones, 1)
		stops = append(stops, report.Stop.ID+"  "+report.Stop.Name)
	}
	require.Equal(t, strings.Split(strings.TrimSpace(said), "\n"), stops)
	require.Equal(t, "SAT  Satama", stops[0])
	late := broker.Peer("#")
	kept := map[string]string{}
	for range 6 {
		m := late.Hears()
		require.True(t, m.Retain)
		kept[m.Topic] = m.Payload
	}
	require.Contains(t, kept["service/v1/journey"], `"tripId":"2-0800-0"`)
	require.JSONEq(t, `{"remainingStops":[]}`, kept["service/v1/remainingStops"])
	id, _, _ := strings.Cut(stops[len(stops)-1], "  ")
	require.Contains(t, kept["service/v1/lastStop"], `"stopAreaId":"`+id+`"`)
}

// Ensure that a broker that goes in mid-trip stops no drive, and is spoken to again when it is back.
func TestDriveWithoutItsBroker(t *testing.T) {
	folder(t)
	broker := mqtttest.Start(t)
	before := broker.Peer("service/v1/lastStop")
	ended := make(chan int, 1)
	go func() {
		ended <- run(t.Context(), []string{
			"drive", "--feed", "testdata/feed", "--trip", "2-0800-0",
			"--broker", broker.URL.String(), "--speed", "500",
		}, nil, io.Discard, io.Discard)
	}()
	require.Contains(t, before.Hears().Payload, `"SAT"`)
	broker.Kill()
	broker.Restart()
	require.NotEmpty(t, broker.Peer("service/v1/lastStop").Hears().Payload)
	require.Zero(t, <-ended)
}

// Ensure that a broker that takes no word of the drive is named, with its reason.
func TestDriveIsRefused(t *testing.T) {
	folder(t)
	write(t, "acl", "topic read #\n")
	acl, err := filepath.Abs("acl")
	require.NoError(t, err)
	broker := mqtttest.Start(t, "acl_file "+acl)
	came := tool(t, "", "drive", "--feed", "testdata/feed", "--trip", "2-0800-0",
		"--broker", broker.URL.String(), "--speed", "500")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "the MQTT broker "+broker.URL.String()+" refuses service/v1/")
}

// Ensure that a drive that cannot begin says why.
func TestNoDrive(t *testing.T) {
	folder(t)
	for line, want := range map[string]struct {
		code int
		says string
	}{
		"--trip lost":                                 {exitRefused, `the feed testdata/feed has no trip "lost" with stops: it has 34 trips, as 2-0600-0, 2-0600-1`},
		"--trip 2-0800-0 --speed 0":                   {exitUsage, "--speed 0: want 1 or more"},
		"--trip 2-0800-0 --broker mqtt://127.0.0.1:1": {exitFailed, "the MQTT broker mqtt://127.0.0.1:1: "},
		"--trip 2-0800-0 --listen :1":                 {exitUsage, "bob speaks over a --broker"},
		"--trip 2-0800-0 --as gpsd --retain":          {exitUsage, "gpsd speaks over none"},
		"--trip 2-0800-0 --as tram":                   {exitUsage, `--as must be one of "bob","ruter","vdv301","itxpt","gpsd"`},
		"--trip 2-0800-0 --as gpsd --listen bus:gpsd": {exitFailed, "listen tcp"},
	} {
		came := tool(t, "", strings.Fields("drive --feed testdata/feed "+line)...)
		require.Equal(t, want.code, came.code, line)
		require.Contains(t, came.err, want.says, line)
		require.Empty(t, came.out, line)
	}
}

// aValidator starts an emulated validator at the trip's first stop, with a source of its place, and
// waits until the timetable is read.
func aValidator(t *testing.T, source string) *api.Client {
	t.Helper()
	text, err := os.ReadFile("testdata/bus.toml")
	require.NoError(t, err)
	write(t, "validator.toml", strings.NewReplacer(
		`"../state/street"`, `"state"`, "127.0.0.1:8081", "127.0.0.1:0", `"tariffs/`, `"testdata/tariffs/`,
		`"taps/`, `"testdata/taps/`, "trip = 201", "trip = 5",
		"[block_list]", "[place]\n"+source+"\n\n[block_list]",
		"language =", "stops = \"testdata/feed\"\nlanguage =",
	).Replace(string(text)))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var said bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"bus", "validator", "--config", "validator.toml"}, nil, &said, &said)
	}()
	t.Cleanup(func() {
		cancel()
		require.Zero(t, <-ended, said.String())
	})
	socket, err := filepath.Abs("state/api.sock")
	require.NoError(t, err)
	validator := api.NewClient("unix:"+socket, "", nil)
	located(t, validator, func(s *api.State) bool { return len(s.Located.Calls) > 0 })
	return validator
}

// located waits until the validator is where it should be.
func located(t *testing.T, validator *api.Client, is func(*api.State) bool) (now api.State) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		now, err = validator.State(t.Context())
		return err == nil && now.Located != nil && is(&now)
	}, time.Minute, 20*time.Millisecond)
	return now
}

// Ensure that a validator follows a trip to its last stop, and is sure to be there, by each source.
func TestValidatorFollows(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	gpsd := free.Addr().String()
	require.NoError(t, free.Close())
	for as, c := range map[string]struct{ place, connected, source string }{
		"bob":   {"mqtt = %q", "service/v1/Validate/status", "bob"},
		"ruter": {"mqtt = %q\ndialect = \"ruter\"", "pe/sales/diagnostics", "ruter"},
		"gpsd":  {"gpsd = \"" + gpsd + "\"", "", "gnss"},
	} {
		t.Run(as, func(t *testing.T) {
			folder(t)
			broker := mqtttest.Start(t)
			status := broker.Peer(strings.Fields(c.connected)...)
			validator := aValidator(t, strings.ReplaceAll(c.place, "%q", `"`+broker.URL.String()+`"`))
			if c.connected != "" {
				status.Hears()
			}
			at := []string{"--broker", broker.URL.String()}
			if as == "gpsd" {
				at = []string{"--listen", gpsd}
			}
			said := done(t, append([]string{
				"drive", "--feed", "testdata/feed", "--trip",
				"2-0800-0", "--as", as, "--speed", "1000",
			}, at...)...)
			require.Contains(t, said, "TAI  ")
			here := located(t, validator, func(s *api.State) bool { return s.Place.Stop == "TAI" })
			require.Equal(t, []any{c.source, "", 9}, []any{here.Located.Source, here.Located.Doubt, here.Located.Call})
			require.Equal(t, uint16(5), here.Place.Trip)
		})
	}
}
