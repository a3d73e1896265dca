package testrig_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/testrig"
)

// An announced card lies on a reader that tells of itself.
type announced struct {
	*emu.Contact
	atr []byte
}

func (a announced) ATR() []byte  { return a.atr }
func (announced) Reader() string { return "ACS ACR122U 00 00" }

// Ensure that a card is told by what it and its reader say of themselves, and that nothing
// of it changes.
func TestProbe(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	tick := func() time.Time { at = at.Add(500 * time.Microsecond); return at }
	for _, row := range []struct {
		chip       emu.Chip
		generation int
	}{{emu.EV1, 1}, {emu.EV2, 2}, {emu.EV3, 3}} {
		card := emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}, Chip: row.chip, Blank: true})
		p, err := testrig.Probe(emu.Air{}.Present(card), tick)
		require.NoError(t, err)
		require.Equal(t, row.generation, p.Version.Generation())
		require.Equal(t, desfire.UID{4, 1, 2, 3, 4, 5, 6}, p.UID)
		require.Positive(t, p.Free)
		require.Equal(t, 500*time.Microsecond, p.Median)
		require.Equal(t, 500*time.Microsecond, p.Worst)
		require.Nil(t, p.Made)
		require.Positive(t, p.Agreed.Frame)

		p, err = testrig.Probe(announced{
			emu.Air{}.Present(card),
			[]byte{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80},
		}, tick) // PC/SC part 3, 3.1.3.2.3.1
		require.NoError(t, err)
		require.Equal(t, "ACS ACR122U 00 00", p.Reader)
		require.Equal(t, []byte{0x80}, p.Made.Historical)
	}
}

// Ensure that a histogram counts every tap once, also where all took alike.
func TestHistogram(t *testing.T) {
	t.Parallel()
	require.Nil(t, testrig.Histogram(nil, 4))
	for _, sorted := range [][]time.Duration{{5}, {5, 5, 5}, {1, 2, 3, 4, 1000}} {
		count := 0
		for n, bin := range testrig.Histogram(sorted, 4) {
			count += bin.Count
			require.Less(t, bin.From, bin.To, "%d", n)
		}
		require.Equal(t, len(sorted), count)
	}
}
