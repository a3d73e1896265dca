package main

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/dnssd/dnssdtest"
	"leima/validator/place/itxpt"
	"leima/validator/place/subscription"
	"leima/validator/place/vdv301"
)

// Ensure that a trip that is driven as a computer of VDV 301 or ITxPT is found by DNS-SD and
// followed, and its positions are heard.
func TestDriveServed(t *testing.T) {
	if !dnssdtest.Alone(t) {
		return
	}
	folder(t)
	quiet, elapsed := slog.New(slog.DiscardHandler), func() time.Duration { return time.Hour }
	client := func(find func(context.Context) ([]subscription.Offer, error)) *subscription.Client {
		return &subscription.Client{
			Find: find, Elapsed: elapsed, Log: quiet, Poll: 10 * time.Millisecond,
		}
	}
	computers := client((&vdv301.Dialect{Vehicle: 7}).Find(dnssd.Anywhere))
	avms := client(itxpt.FindAVMS(dnssd.Anywhere))
	heard := make(chan place.Report, 100_000)
	hear := func(r place.Report) { heard <- r }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = computers.Listen(ctx, hear, func(place.Source) {}) }()
	go func() { _ = avms.Listen(ctx, hear, func(place.Source) {}) }()
	receiver := &itxpt.Receiver{Elapsed: elapsed, Log: quiet}
	go func() { _ = receiver.Listen(ctx, hear, func(place.Source) {}) }()
	for _, as := range []string{"vdv301", "itxpt"} {
		stops, positions := 0, 0
		for try := 0; try < 3 && stops == 0; try++ { // who looks for it again misses a trip of seconds
			driven := done(t, "drive", "--feed", "testdata/feed", "--trip", "2-0800-0", "--as", as,
				"--listen", "127.0.0.1:0", "--speed", "400", "--vehicle", "7")
			for len(heard) > 0 {
				r := <-heard
				if r.Stop != nil {
					require.Contains(t, driven, r.Stop.ID+"  ")
					stops++
				}
				if r.Position != nil {
					positions++
				}
			}
		}
		require.NotZero(t, stops, as)
		require.Equal(t, as == "itxpt", positions > 0)
	}
}

// Ensure that an address that is taken is said.
func TestDriveAtTakenAddress(t *testing.T) {
	folder(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	came := tool(t, "", "drive", "--feed", "testdata/feed", "--trip", "2-0800-0", "--as", "vdv301",
		"--listen", taken.Addr().String())
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "answering at "+taken.Addr().String())
}
