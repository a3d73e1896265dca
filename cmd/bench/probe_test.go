package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/emu"
	"leima/validator/testrig"
)

// An announced card lies on a reader that tells of itself.
type announced struct{ *emu.Contact }

// ATR is that of a card with one historical byte (PC/SC part 3, 3.1.3.2.3.1).
func (announced) ATR() []byte    { return []byte{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80} }
func (announced) Reader() string { return "ACS ACR122U 00 00" }

// Ensure that what was found is told, the ATR by what it says, and times of less than a
// microsecond by what they are.
func TestProbe(t *testing.T) {
	at := time.Unix(0, 0)
	tick := func() time.Time { at = at.Add(400 * time.Nanosecond); return at }
	p, err := testrig.Probe(announced{emu.Air{}.Present(blank())}, tick)
	require.NoError(t, err)
	var text strings.Builder
	for _, line := range probedLines(p) {
		text.WriteString(strings.Join(line[:], "  ") + "\n")
	}
	require.Contains(t, text.String(), "reader  ACS ACR122U 00 00")
	require.Contains(t, text.String(), "ATR  3b8180018080: contactless, historical bytes 80")
	require.Contains(t, text.String(), "MIFARE DESFire EV2")
	require.Contains(t, text.String(), "round trip  0.4 µs, the worst of 50 commands 0.4 µs")
}
