package emu

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that the radio arithmetic gives the times that were computed from ISO
// 14443 for the commands of a tap: reader's frame, card's frame and the one delay
// between them, wrapped commands, no thinking. Lengths are those of the APDUs.
func TestRadioTimes(t *testing.T) {
	for _, row := range []struct {
		name           string
		sent, received int
		want           [rates]float64 // milliseconds
	}{
		{"SelectApplication", 9, 2, [rates]float64{1.56, 0.86, 0.49, 0.31}},
		{"AuthenticateAES step 1", 7, 18, [rates]float64{2.75, 1.45, 0.79, 0.46}},
		{"AuthenticateAES step 2", 38, 18, [rates]float64{5.38, 2.77, 1.45, 0.78}},
		{"AuthenticateEV2First step 1", 8, 18, [rates]float64{2.83, 1.49, 0.81, 0.47}},
		{"AuthenticateEV2First step 2", 38, 34, [rates]float64{6.74, 3.45, 1.79, 0.95}},
		{"GetFileSettings", 7, 17, [rates]float64{2.66, 1.41, 0.77, 0.45}},
		{"ReadData 32 plain", 13, 34, [rates]float64{4.62, 2.38, 1.25, 0.69}},
		{"ReadData 32 MAC", 21, 42, [rates]float64{5.98, 3.06, 1.59, 0.86}},
		{"ReadData 32 full", 21, 58, [rates]float64{7.34, 3.74, 1.93, 1.03}},
		{"WriteRecord 12 full", 37, 10, [rates]float64{4.62, 2.38, 1.25, 0.69}},
		{"CommitTransaction", 15, 22, [rates]float64{3.77, 1.96, 1.04, 0.58}},
	} {
		for r := range Rate(rates) {
			got := conversation(r, row.sent, row.received, 256) - delayCycles
			ms := got.duration().Seconds() * 1000
			require.InDelta(t, row.want[r], ms, 0.02, "%s at %v", row.name, r)
		}
	}
}

// Ensure that a single frame lasts as long as in a recorded conversation
// (proxmark3, hf_mfdes_sniff.trace: 1111, 684 and 352 µs).
func TestFrameTimes(t *testing.T) {
	us := func(n cycles) float64 { return float64(n.duration()) / float64(time.Microsecond) }
	require.InDelta(t, 1111, us(Rate106.cardFrame(13)), 5)
	require.InDelta(t, 684, us(Rate106.cardFrame(8)), 7)
	require.InDelta(t, 352, us(Rate106.readerFrame(4)), 8)
	require.InDelta(t, 86.43, us(delayCycles), 0.01)
}

// Ensure that a chain costs its R-blocks: three bytes the other way for each
// block that is not the last.
func TestChainTimes(t *testing.T) {
	r := Rate106
	one := func(sent, received int) cycles {
		return r.readerFrame(sent) + r.cardFrame(received) + 2*delayCycles
	}
	require.Equal(t, one(64, 3)+one(10+3, 2+3), conversation(r, 61+10, 2, 64))
	require.Equal(t, one(13+3, 64)+one(3, 64)+one(3, 7+3), conversation(r, 13, 61+61+7, 64))
	for n := range 600 {
		require.Equal(t, (max(n, 1)+60)/61, blocks(n, 64), n)
	}
}

// Ensure that what the card thinks is in the time, once for each frame.
func TestThinkingTimes(t *testing.T) {
	c := New(Config{})
	k := Air{}.Present(c)
	took := func(command []byte) time.Duration {
		before := k.Stats().Times[Rate848]
		answer, err := k.Transmit(command)
		require.NoError(t, err)
		n := conversation(Rate848, len(command), len(answer), 64)
		return k.Stats().Times[Rate848] - before - n.duration()
	}
	require.Equal(t, simpleTime, took([]byte{0x90, 0x60, 0, 0, 0}))
	require.Equal(t, simpleTime, took([]byte{0x90, 0xAF, 0, 0, 0}))
	require.Equal(t, simpleTime, took([]byte{0x90, 0xAF, 0, 0, 0}))
	require.Equal(t, authTime, took([]byte{0x90, 0x71, 0, 0, 2, 0, 0, 0}))
	wrong := append([]byte{0x90, 0xAF, 0, 0, 32}, make([]byte, 33)...)
	require.Equal(t, authTime, took(wrong))
	require.Equal(t, commitTime, took([]byte{0x90, 0xC7, 0, 0, 0}))
	create := []byte{0x90, 0xCA, 0, 0, 5, 1, 2, 3, 15, 0x82, 0}
	require.Equal(t, simpleTime+2*pageTime, took(create))
}
