package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDescription: whatever text makes a card, the card's own text makes the same one,
// on whatever day it is read.
func FuzzDescription(f *testing.F) {
	for _, text := range descriptions {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		card, err := parseCard("card.txt", text, 10000)
		if err != nil || card.Check() != nil {
			return
		}
		again, err := parseCard("card.txt", describe(card), 3)
		require.NoError(t, err)
		require.Equal(t, card, again)
	})
}
