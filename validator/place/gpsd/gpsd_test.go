package gpsd_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/gpsd"
)

// Ensure that a position is taken from a report that has one, and from nothing else.
func TestDecode(t *testing.T) {
	t.Parallel()
	r, ok := gpsd.Decode([]byte(`{"class":"TPV","device":"/dev/pts/1","mode":3,` +
		`"time":"2026-03-02T06:00:00.000Z","lat":62.24,"lon":25.75,"speed":8.5,"eph":19.19,"new":[1]}`))
	require.True(t, ok)
	require.Equal(t, place.Position{Latitude: 62.24, Longitude: 25.75, Speed: 8.5, Accuracy: 19.19},
		*r.Position)
	require.Equal(t, place.GNSS, r.Source)
	for _, line := range []string{
		`{"class":"VERSION","release":"3.22"}`, `{"class":"SKY","lat":1,"lon":1,"mode":3}`,
		`{"class":"TPV","mode":1}`, `{"class":"TPV","mode":0,"lat":62,"lon":25}`,
		`{"class":"TPV","mode":2,"lat":62}`, `{"class":"TPV","mode":3,"lat":962,"lon":25}`,
		`{"class":"TPV","mode":3,"lat":"62","lon":25}`, `TPV`, ``, `[]`,
	} {
		_, ok := gpsd.Decode([]byte(line))
		require.False(t, ok, line)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"class":"TPV","mode":3,"lat":62.24,"lon":25.75,"speed":-1,"eph":1e300}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, ok := gpsd.Decode(line); ok {
			require.False(t, math.IsNaN(r.Position.Latitude+r.Position.Longitude))
			require.GreaterOrEqual(t, r.Position.Speed, 0.0)
		}
	})
}

// track is a drive of some seconds along a road, as a receiver says it (NMEA 0183).
func track(seconds int) (text string) {
	for n := range seconds {
		sentence := fmt.Sprintf("GPRMC,06%02d%02d.00,A,62%07.4f,N,02545.0000,E,19.4,0.0,020326,,,A",
			n/60, n%60, 14.4+float64(n)*0.0054)
		sum := byte(0)
		for n := range len(sentence) {
			sum ^= sentence[n]
		}
		text += fmt.Sprintf("$%s*%02X\r\n", sentence, sum)
	}
	return text
}

// Ensure that a real gpsd is heard, with a receiver that is played to it.
func TestRealGpsd(t *testing.T) {
	t.Parallel()
	fake, err := exec.LookPath("gpsfake")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no gpsfake: make deps installs it")
		}
		t.Skip("there is no gpsfake: make deps installs it")
	}
	log := filepath.Join(t.TempDir(), "track.nmea")
	require.NoError(t, os.WriteFile(log, []byte(track(120)), 0o600))
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, port, _ := net.SplitHostPort(free.Addr().String())
	require.NoError(t, free.Close())

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, fake, "-q", "-P", port, "-c", "0.05", log)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	require.NoError(t, command.Start())
	t.Cleanup(func() { cancel(); _ = command.Wait() })

	heard := make(chan place.Report)
	c := &gpsd.Client{
		Address: net.JoinHostPort("127.0.0.1", port), Log: slog.New(slog.DiscardHandler),
		Elapsed: func() time.Duration { return 42 },
	}
	go func() {
		_ = c.Listen(ctx, func(r place.Report) {
			select {
			case heard <- r:
			case <-ctx.Done():
			}
		}, func(place.Source) {})
	}()
	var last place.Report
	for n := range 20 {
		select {
		case r := <-heard:
			if n > 0 {
				require.GreaterOrEqual(t, r.Position.Latitude, last.Position.Latitude)
			}
			last = r
		case <-ctx.Done():
			require.Fail(t, "gpsd was not heard")
		}
	}
	require.InDelta(t, 62.24, last.Position.Latitude, 0.1)
	require.InDelta(t, 25.75, last.Position.Longitude, 0.001)
	require.InDelta(t, 10, last.Position.Speed, 0.2, "19.4 knots")
	require.Equal(t, time.Duration(42), last.Heard)
}

// Ensure that a gpsd that ends is heard again when it is back, and takes no other receiver's
// positions away while it is not.
func TestGpsdComesBack(t *testing.T) {
	t.Parallel()
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	heard, lost := make(chan place.Report), atomic.Bool{}
	c := &gpsd.Client{
		Address: server.Addr().String(), Log: slog.New(slog.DiscardHandler),
		Elapsed: func() time.Duration { return 0 },
	}
	go func() {
		_ = c.Listen(t.Context(), func(r place.Report) { heard <- r },
			func(place.Source) { lost.Store(true) })
	}()
	for range 2 {
		conn, err := server.Accept()
		require.NoError(t, err)
		asked := make([]byte, 64)
		n, err := conn.Read(asked)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(asked[:n]), "?WATCH={"))
		_, err = fmt.Fprintln(conn, `{"class":"VERSION"}`+"\n"+`{"class":"TPV","mode":3,"lat":62,"lon":25}`)
		require.NoError(t, err)
		require.Equal(t, place.GNSS, (<-heard).Source)
		require.NoError(t, conn.Close())
	}
	require.False(t, lost.Load())
}
