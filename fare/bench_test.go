package fare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that a decision asks nothing of the heap.
func TestDecideAllocatesNothing(t *testing.T) {
	prices := published(t, "mikkeli-2025")
	card, tap := aCard(t, ""), aTap("2026-03-02 08:00:00", party(2))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if d := fare.Decide(card, tap, prices); d.Reason != fare.Value {
			t.Error(d.Reason)
		}
	}))
}

func BenchmarkDecide(b *testing.B) {
	prices, season := published(b, "mikkeli-2025"), published(b, "kotka-2025")
	at := "2026-03-02 08:00:00"
	running := asRead(fare.Decide(aCard(b, ""), aTap(at), prices))
	cases := []struct {
		name   string
		card   cardlayout.Card
		tap    fare.Tap
		tariff *fare.Tariff
	}{
		{"value", aCard(b, ""), aTap(at), prices},
		{"party", aCard(b, ""), aTap(at, party(3)), prices},
		{"transfer", running, aTap(at, onTrip(12)), prices},
		{"season", aCard(b, "area 217, season1 area=217 product=30 zones=A days=30 "+
			"from=2026-03-01 to=2026-03-30"), aTap(at), season},
		{"refusal", aCard(b, "purse 0.00"), aTap(at), prices},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fare.Decide(c.card, c.tap, c.tariff)
			}
		})
	}
}
