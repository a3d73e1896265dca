//go:build pcsc && linux

package pcsc_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/pcsc/pcscdtest"

	"leima/hw"
)

// BenchmarkTransmit is one command through pcscd and the virtual reader to an emulated
// card and back, the card's own work included. Of the bytes that are allocated 64 Ki are
// package scard's buffer for an answer.
func BenchmarkTransmit(b *testing.B) {
	r := open(b, pcscdtest.First)
	h := at(b, pcscdtest.First, blank(1))
	h.Put()
	measure(b, wait(b, r), askUID)
}

// BenchmarkTransmitVersion is a command that the card answers itself.
func BenchmarkTransmitVersion(b *testing.B) {
	r := open(b, pcscdtest.First)
	h := at(b, pcscdtest.First, blank(1))
	h.Put()
	measure(b, wait(b, r), askVersion)
}

// measure reports how long a command takes for half of all, and for all but one in a
// hundred. A stall of 40 ms would be the line waiting for an acknowledgement.
func measure(b *testing.B, card hw.Card, command []byte) {
	took := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		_, err := card.Transmit(command)
		took = append(took, time.Since(start))
		require.NoError(b, err)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// Ensure that no command waits for an acknowledgement on the line: that would cost 40 ms.
func TestNoStall(t *testing.T) {
	r := open(t, pcscdtest.First)
	h := at(t, pcscdtest.First, blank(1))
	h.Put()
	card := wait(t, r)
	took := make([]time.Duration, 200)
	for i := range took {
		start := time.Now()
		_, err := card.Transmit(askUID)
		require.NoError(t, err)
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	require.Less(t, took[len(took)/2], 10*time.Millisecond)
}
