package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that all which taking a load back needs is kept, and that nothing of the card's
// owner is.
func TestKeptLoad(t *testing.T) {
	folder(t)
	at := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
	var card cardlayout.Card
	require.NoError(t, card.ParseCard("number 924699 0011 2345 6787, kind personal, area 227, "+
		"group adult, born 1980-05-17, purse 12.00, kept 2.00, counter 7, "+
		"season1 area=227 product=30 zones=A days=30 price=45.00 from=2026-03-01 to=2026-03-30, "+
		"loaded at=2026-02-02T08:00 amount=20.00 organisation=1 device=1"))
	sold := fare.Loaded{Before: card, After: card, Sale: fare.Sale{At: at, Organisation: 5, Device: 9,
		Channel: fare.SalesPoint, Funding: fare.Funding{By: fare.Benefit,
			Payment: fare.Payment{At: at}}}}
	sold.After.Counter++
	require.NoError(t, keep("load.json", sold))
	text := read(t, "load.json")
	require.NotContains(t, text, "1980")

	var kept keptLoad
	require.NoError(t, json.Unmarshal([]byte(text), &kept))
	got := kept.loaded()
	require.Equal(t, sold.Sale, got.Sale)
	require.Equal(t, card.Seasons, got.Before.Seasons)
	require.Equal(t, card.ValueLoad, got.Before.ValueLoad)
	require.Equal(t, sold.After.Counter, got.After.Counter)
	require.Equal(t, []cardlayout.Cents{1200, 200}, []cardlayout.Cents{got.Before.Purse, got.Before.Kept})
}
