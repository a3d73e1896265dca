package nmea

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"leima/validator/place"
)

// A Listener hears sentences that a receiver sends over UDP, one or several in a datagram.
type Listener struct {
	Address string               // host:port to listen at
	Elapsed func() time.Duration // since the machine's start, sleep included (CLOCK_BOOTTIME)
	Log     *slog.Logger
}

// largest is the size of the longest datagram.
const largest = 64 << 10

// Listen hears until ctx ends. What is no position is left out.
func (l *Listener) Listen(ctx context.Context, hear func(place.Report),
	_ func(place.Source),
) error {
	conn, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", l.Address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer conn.Close()
	for datagram := make([]byte, largest); ; {
		n, _, err := conn.ReadFrom(datagram)
		if err != nil {
			return err
		}
		for sentence := range bytes.FieldsFuncSeq(datagram[:n], endsLine) {
			position, at, err := RMC(string(sentence))
			switch {
			case err != nil && !errors.Is(err, ErrOther):
				l.Log.Debug("a sentence that is no position", "error", err)
			case position != nil:
				hear(place.Report{
					Source: place.GNSS, Heard: l.Elapsed(), Said: at, Position: position,
				})
			}
		}
	}
}

func endsLine(r rune) bool { return r == '\r' || r == '\n' }
