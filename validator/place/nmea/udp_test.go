package nmea_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/nmea"
)

// Ensure that positions are heard over UDP, several in a datagram, among what is none.
func TestOverUDP(t *testing.T) {
	t.Parallel()
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.LocalAddr().String()
	require.NoError(t, free.Close())
	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan place.Report, 100), make(chan error, 1)
	l := &nmea.Listener{
		Address: address, Log: slog.New(slog.DiscardHandler),
		Elapsed: func() time.Duration { return 7 },
	}
	go func() {
		ended <- l.Listen(ctx, func(r place.Report) { heard <- r }, func(place.Source) {})
	}()
	conn, err := net.Dial("udp", address)
	require.NoError(t, err)
	defer conn.Close()
	const here = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A"
	require.Eventually(t, func() bool { // it may not listen yet
		_, _ = io.WriteString(conn, "$GPGGA,1*00\r\nrubbish\r\n"+here+"\r\n"+here+"\r\n")
		return len(heard) >= 2
	}, time.Minute, 10*time.Millisecond)
	r := <-heard
	require.Equal(t, place.GNSS, r.Source)
	require.InDelta(t, 48.1173, r.Position.Latitude, 1e-4)
	require.InDelta(t, 11.52, r.Position.Speed, 0.01)
	require.Equal(t, time.Duration(7), r.Heard)
	cancel()
	require.Error(t, <-ended)
}
