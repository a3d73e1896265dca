//go:build pcsc && linux

package pcsc_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/pcsc"
	"leima/hw/pcsc/pcscdtest"
)

// Ensure that a card exchanged sooner than pcscd looks counts as removed: its handle talks
// on with the new card, and nobody but the UID tells.
func TestExchangedFasterThanPcscdLooks(t *testing.T) {
	r := open(t, pcscdtest.First)
	h := at(t, pcscdtest.First, blank(1))
	h.Put()
	first := wait(t, r)
	require.Equal(t, byte(1), uidOf(t, first)[6])
	h.swap(blank(2))
	require.NoError(t, r.WaitRemoved(soon(t)))
	second := wait(t, r)
	require.Equal(t, byte(2), uidOf(t, second)[6])
	_, err := first.Transmit(askVersion)
	require.ErrorIs(t, err, hw.ErrRemoved)
	h.swap(blank(3))
	require.Equal(t, byte(3), uidOf(t, wait(t, r))[6], "Wait looks too")
}

// Ensure that two readers work at once.
func TestTwoReaders(t *testing.T) {
	var all sync.WaitGroup
	for i, name := range []string{pcscdtest.First, pcscdtest.Second} {
		r := open(t, name)
		h := at(t, name, blank(byte(i+1)))
		h.Put()
		card := wait(t, r)
		require.Equal(t, name, card.(*pcsc.Card).Reader())
		require.Equal(t, []byte{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80}, card.(*pcsc.Card).ATR())
		all.Go(func() {
			for range 500 {
				answer, err := card.Transmit(askUID)
				if err != nil || len(answer) != 9 || answer[6] != byte(i+1) {
					t.Errorf("%s: %X, %v", name, answer, err)
					return
				}
			}
		})
	}
	all.Wait()
	names, err := pcsc.Readers()
	require.NoError(t, err)
	require.Subset(t, names, []string{pcscdtest.First, pcscdtest.Second})
}

// Ensure that a card which takes too long is given up, that nobody waits for it longer,
// and that the reader serves again when it is gone.
func TestSlowCard(t *testing.T) {
	pcscdtest.Need(t)
	const limit = 500 * time.Millisecond
	r, err := pcsc.Open(pcsc.Options{Pattern: pcscdtest.First, Limit: limit})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	h := at(t, pcscdtest.First, blank(1))
	release := make(chan struct{})
	h.air.Sleep = func(time.Duration) { <-release }
	h.Put()
	card := wait(t, r) // asking for the UID takes the card no time
	start := time.Now()
	_, err = card.Transmit(askVersion)
	require.ErrorIs(t, err, hw.ErrReader)
	require.GreaterOrEqual(t, time.Since(start), limit)
	require.Less(t, time.Since(start), limit+2*time.Second)
	close(release)
	require.NoError(t, r.WaitRemoved(soon(t)))
	_, err = wait(t, r).Transmit(askVersion)
	require.NoError(t, err)
}

// Ensure that a card which another program has is waited for, and that it is told why.
func TestCardInUse(t *testing.T) {
	r, other := open(t, pcscdtest.First), open(t, pcscdtest.First)
	h := at(t, pcscdtest.First, blank(1))
	h.Put()
	wait(t, other)
	done := make(chan error, 1)
	go func() { _, err := r.Wait(soon(t)); done <- err }()
	require.Eventually(t, func() bool { return r.Trouble() != nil },
		5*time.Second, 10*time.Millisecond)
	require.ErrorContains(t, r.Trouble(), "another program")
	require.NoError(t, other.Close())
	require.NoError(t, <-done)
}

// Ensure that what package scard panics on never reaches it, or is caught.
func TestNothingPanics(t *testing.T) {
	r := open(t, pcscdtest.First)
	h := at(t, pcscdtest.First, blank(1))
	h.Put()
	card := wait(t, r)
	for _, command := range [][]byte{nil, {}, {0x60}, make([]byte, 300), make([]byte, 70000)} {
		require.NotPanics(t, func() { _, _ = card.Transmit(command) })
	}
}
