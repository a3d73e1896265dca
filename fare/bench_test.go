package fare_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
)

// A question is one that a decision answers again and again.
type question struct {
	name string
	card cardlayout.Card
	tap  fare.Tap
}

// questions are what passengers of an area ask: at night and between two zones, as what
// takes longest.
func questions(t testing.TB, prices *fare.Tariff) []question {
	card := func(text string) cardlayout.Card {
		return faretest.Card(t,
			fmt.Sprintf("area %d, purse 50.00, born 1999-05-01, student 2026-01-31", prices.Area)+text)
	}
	season := fmt.Sprintf(", season2 area=%d product=30 zones=A days=30 from=2026-03-01 to=2026-03-30", prices.Area)
	tap := faretest.Tap("2026-03-02 23:30:00", func(t *fare.Tap) { t.Also = cardlayout.ZonesOf(2) })
	morning := faretest.Tap("2026-03-02 08:00:00")
	running := asRead(fare.Decide(card(""), tap, prices))
	beyond := faretest.Tap("2026-03-02 23:30:00", faretest.InZones("A-B"))
	changing := tap
	changing.Trip = 12
	return []question{
		{"value", card(", group student"), tap},
		{"party", card(""), faretest.Tap("2026-03-02 23:30:00", party(3))},
		{"transfer", running, changing},
		{"season", card(season), tap},
		{"beyond", card(season), beyond},
		{"school", card(", school trips=2 calendar=1 until=2026-05-30"), morning},
		{"refusal", card(", purse 0.00"), tap},
	}
}

// Ensure that a decision asks nothing of the heap, whatever it is and in every area.
func TestDecideAllocatesNothing(t *testing.T) {
	for _, name := range faretest.Names(t) {
		prices := faretest.Published(t, name)
		for _, q := range questions(t, prices) {
			require.Zero(t, testing.AllocsPerRun(100, func() {
				if d := fare.Decide(q.card, q.tap, prices); d.Reason == 0 {
					t.Error("no reason")
				}
			}), "%s, %s", name, q.name)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, name := range faretest.Names(b) {
		prices := faretest.Published(b, name)
		for _, q := range questions(b, prices) {
			b.Run(name+"/"+q.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					fare.Decide(q.card, q.tap, prices)
				}
			})
		}
	}
}
