//go:build pcsc && linux

package pcsc_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/pcsc/pcscdtest"
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

// BenchmarkTransmitOverBare is the same command through this package and through package scard
// alone, in turns, each on a reader of its own. Handed over is package scard in a goroutine of its
// own, which every caller needs who does not want to hang with the reader. What that costs is the
// runtime waking another thread, twice a command: with GOMAXPROCS=1 all three are alike. Ours should
// take at most 1.1 times as long as bare.
func BenchmarkTransmitOverBare(b *testing.B) {
	r := open(b, pcscdtest.First)
	first, second := at(b, pcscdtest.First, blank(1)), at(b, pcscdtest.Second, blank(2))
	first.Put()
	ours := wait(b, r)
	second.Put()
	bare := connected(b, pcscdtest.Second)
	commands, answers := make(chan []byte), make(chan []byte)
	defer close(commands)
	go func() {
		for command := range commands {
			answer, _ := bare.Transmit(command)
			answers <- answer
		}
	}()
	handedOver := func(command []byte) ([]byte, error) {
		commands <- command
		return <-answers, nil
	}
	transmits := []func([]byte) ([]byte, error){bare.Transmit, handedOver, ours.Transmit}
	took := make([][]time.Duration, len(transmits))
	for b.Loop() {
		for i, transmit := range transmits {
			start := time.Now()
			answer, err := transmit(askVersion)
			took[i] = append(took[i], time.Since(start))
			require.NoError(b, err)
			require.NotEmpty(b, answer)
		}
	}
	median := func(i int) float64 {
		slices.Sort(took[i])
		return float64(took[i][len(took[i])/2].Microseconds())
	}
	b.ReportMetric(median(0), "bare-µs")
	b.ReportMetric(median(1)/median(0), "handed-over/bare")
	b.ReportMetric(median(2)/median(0), "ours/bare")
}

// connected is a card as package scard alone connects to it, as soon as pcscd has seen it.
func connected(b *testing.B, reader string) *scard.Card {
	context, err := scard.EstablishContext()
	require.NoError(b, err)
	b.Cleanup(func() { _ = context.Release() })
	var card *scard.Card
	require.Eventually(b, func() bool {
		card, err = context.Connect(reader, scard.ShareExclusive, scard.ProtocolAny)
		return err == nil
	}, 10*time.Second, 50*time.Millisecond)
	b.Cleanup(func() { _ = card.Disconnect(scard.LeaveCard) })
	return card
}
