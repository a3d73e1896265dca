package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
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
	sold := sale.Loaded{Before: card, After: card, Sale: sale.Sale{
		At: at, Organisation: 5, Device: 9,
		Channel: fare.SalesPoint, Funding: sale.Funding{
			By:      sale.Benefit,
			Payment: sale.Payment{At: at},
		},
	}}
	sold.After.Counter++
	kept, err := newDraft("load.json", 0o600)
	require.NoError(t, err)
	require.NoError(t, kept.keep(sold))
	text := read(t, "load.json")
	require.NotContains(t, text, "1980")

	var read savedLoad
	require.NoError(t, json.Unmarshal([]byte(text), &read))
	got := read.loaded()
	require.Equal(t, sold.Sale, got.Sale)
	require.Equal(t, card.Seasons, got.Before.Seasons)
	require.Equal(t, card.ValueLoad, got.Before.ValueLoad)
	require.Equal(t, sold.After.Counter, got.After.Counter)
	require.Equal(t, []cardlayout.Cents{1200, 200}, []cardlayout.Cents{got.Before.Purse, got.Before.Funded})
}
