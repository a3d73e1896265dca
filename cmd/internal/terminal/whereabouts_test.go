package terminal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// Ensure that the page shows the stops of the trip that the bus drives by itself, with their zones,
// and where it is; and that the driver corrects it by one press.
func TestPageShowsWhereTheBusIs(t *testing.T) {
	t.Parallel()
	c := aDrivenCab(t, []string{"--feed", "testdata/feed", "--drive", "2-0800-0", "--speed", "30"},
		800, 480)
	c.signOn("7")
	c.Says("#stop", "Kirkkopuisto")
	c.Misses("#doubt")
	c.Keep("drive")
	c.Click("#place-open")
	c.Sees("#way")
	zones := chromium.Eval[[]string](c.Tab,
		`[...document.querySelectorAll("#way li")].map((li) => li.dataset.zone)`)
	require.Equal(t, []string{"A", "A", "A", "A", "A", "B", "B", "B", "C", "C"}, zones)
	c.Sees(`#way li[data-here]`)
	c.Keep("way")
	c.Accessible()
	c.Click("#way li:nth-child(8) button")
	c.Says("#stop", "Leppälahti")
	c.Says("#zones", "B")
	c.tap("Aino", "value")
}

// Ensure that a driver signs on by choosing one of the next departures of the line, and the next one
// by one press.
func TestDriverPicksTheDeparture(t *testing.T) {
	t.Parallel()
	c := aDrivenCab(t, []string{"--feed", "testdata/feed", "--drive", "2-0800-0", "--speed", "1"},
		800, 480)
	c.Type("#driver", "7")
	c.Type("#pin", pin)
	c.Type("#line", "2")
	c.Says("#departures", "2 08:00\n→ Taipale")
	c.Keep("sign-on")
	c.Accessible()
	c.Click("#departures button:nth-child(1)")
	trip := chromium.Eval[string](c.Tab, `document.querySelector("#departure").value`)
	c.Click("#sign-on")
	c.view("drive")
	c.Click("#place-open")
	c.Says("#next-departures", "2 09:00")
	c.Keep("next")
	c.Click("#next-departures button:nth-child(4)")
	c.Misses("#way")
	c.Says("#stop", "Taipale")
	c.Says("#zones", "C")
	c.Click("#place-open")
	require.NotEqual(t, trip,
		chromium.Eval[string](c.Tab, `document.querySelector("#place-trip").value`))
}
