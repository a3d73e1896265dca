package api

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cardlayout/plain"
)

// FuzzCommand: whatever a driver types as a payment's reference and message, a line, a stop or
// what is wrong, an order is taken only if it commands no terminal and names no card where all
// may read it.
func FuzzCommand(f *testing.F) {
	for _, text := range []string{
		"", "2", "Satama", "KELA-2026-0001 / Aino", "ref / 924699001123456787",
		"\x1b[2J", "a\u202eb", "924699 0011 2345 6787", "1'; --", "\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		place := Place{Line: text, Stop: text, Zone: "A", Trip: 1}
		for _, c := range []Command{
			{Kind: "move", Move: &place},
			{Kind: "mark_error", Mark: &Mark{Event: 1, Said: text}},
			{Kind: "load", Load: &LoadOrder{Amount: 1000, Funding: &Funding{
				By:      "benefit",
				Benefit: Benefit{Reference: "R / " + text},
			}}},
		} {
			if _, err := c.command(); err != nil {
				require.NoError(t, plain.Check(err.Error()), "what is said of it")
				continue
			}
			require.NoError(t, plain.Check(text))
			require.False(t, cardlayout.HasNumber(text))
		}
	})
}
