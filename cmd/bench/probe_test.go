package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
)

// Ensure that a card is told by what it says of itself, and that nothing of it changes.
func TestProbe(t *testing.T) {
	at := time.Unix(0, 0)
	tick := func() time.Time { at = at.Add(500 * time.Microsecond); return at }
	for _, row := range []struct {
		chip       emu.Chip
		generation int
	}{{emu.EV1, 1}, {emu.EV2, 2}, {emu.EV3, 3}} {
		card := emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}, Chip: row.chip, Blank: true})
		p, err := probe(emu.Air{}.Present(card), tick)
		require.NoError(t, err)
		require.Equal(t, row.generation, p.Generation)
		require.Equal(t, "04010203040506", p.UID)
		require.Positive(t, p.Free)
		require.LessOrEqual(t, p.Free, p.Bytes)
		require.Equal(t, [2]int{500, 500}, p.RoundTrip)

		var out strings.Builder
		p.tell(&bench{out: &output{to: &out}})
		require.Contains(t, out.String(), "MIFARE DESFire EV")
		require.Contains(t, out.String(), "round trip  500 µs")
	}
}
