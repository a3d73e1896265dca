package bus

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
	"leima/hw"
	"leima/hw/panel"
)

// A seen is a display and a browser that shows it.
type seen struct {
	*panel.Page
	*chromium.Tab
	server *httptest.Server
}

func aDisplay(t testing.TB, width, height int) *seen {
	t.Helper()
	page := &panel.Page{Words: panel.Words{
		Language: "fi",
		Gone:     [2]string{"Laite ei toimi", "Kysy kuljettajalta"},
	}, Now: time.Now}
	server := httptest.NewServer(page)
	t.Cleanup(server.Close)
	d := &seen{page, chromium.Open(t, width, height), server}
	d.Go(server.URL)
	return d
}

// signals are what a passenger may be told, by the lamp.
var signals = map[string]hw.Signal{
	"idle": {Lamp: hw.LampIdle, Lines: [2]string{"Näytä kortti", ""}},
	"green": {
		Lamp: hw.LampGreen, Tone: hw.ToneHigh, Lines: [2]string{"Arvolippu", ""},
		Charge: "2,51 €", Balance: "7,49 €", Until: "09:30",
	},
	"yellow": {
		Lamp: hw.LampYellow, Tone: hw.ToneTwice,
		Lines: [2]string{"Näytä kortti uudelleen", "Pidä kortti paikallaan"},
	},
	"red": {
		Lamp: hw.LampRed, Tone: hw.ToneLow,
		Lines:  [2]string{"Arvo ei riitä", "Lataa arvoa tai osta kertalippu"},
		Charge: "2,51 €", Balance: "0,80 €",
	},
	"blue": {
		Lamp: hw.LampBlue, Tone: hw.ToneLow,
		Lines: [2]string{"Laite ei toimi", "Käytä toista lukijaa"},
	},
}

// Ensure that each lamp shows its colour, a shape that no other has, its tone, and its
// words, that they fit the screen, and that axe-core finds nothing; and that a display whose
// validator is gone says so.
func TestDisplay(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{800, 480}, {1280, 720}, {480, 800}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			d := aDisplay(t, size[0], size[1])
			colours := map[string]bool{}
			for _, lamp := range []string{"idle", "green", "yellow", "red", "blue"} {
				s := signals[lamp]
				require.NoError(t, d.Show(s))
				d.Says("#what", s.Lines[0])
				require.Equal(t, s.Lines[1], d.Text("#do"))
				require.Equal(t, s.Balance, d.Text("#balance"))
				require.Equal(t, s.Charge, d.Text("#charge"))
				require.Equal(t, s.Tone.String(), chromium.Eval[string](d.Tab, "document.body.dataset.tone"))
				colours[chromium.Eval[string](d.Tab, "getComputedStyle(document.body).backgroundColor")] = true
				shapes := chromium.Eval[[]string](d.Tab, `[...document.querySelectorAll('.shape')].filter(
					(e) => getComputedStyle(e).display !== 'none').map((e) => e.classList[1])`)
				require.Equal(t, []string{lamp}, shapes)
				require.False(t, chromium.Eval[bool](d.Tab, `document.getElementById('words').getBoundingClientRect().bottom > innerHeight ||
					document.documentElement.scrollWidth > innerWidth`), "it is all on the screen")
				require.GreaterOrEqual(t, chromium.Eval[float64](d.Tab,
					"parseFloat(getComputedStyle(document.getElementById('what')).fontSize)"), 28.0)
				d.Keep(lamp)
				d.Accessible()
			}
			require.Len(t, colours, 5)
			d.server.CloseClientConnections()
			d.server.Listener.Close()
			d.Until("document.body.dataset.lamp === 'none'")
			require.Equal(t, "Laite ei toimi", d.Text("#what"))
			d.Keep("gone")
		})
	}
}

// Ensure that what is told is never taken for the page's own markup.
func TestDisplayTakesNoMarkup(t *testing.T) {
	t.Parallel()
	d := aDisplay(t, 800, 480)
	require.NoError(t, d.Show(hw.Signal{
		Lamp:  hw.LampRed,
		Lines: [2]string{"<img src=x onerror=document.title='bad'>", "<b>x</b>"},
	}))
	d.Says("#what", "<img")
	require.NotEqual(t, "bad", chromium.Eval[string](d.Tab, "document.title"))
}

// Ensure that a result stays for as long as its holder reads, and that the next goes before
// it.
func TestDisplayHoldsAResult(t *testing.T) {
	t.Parallel()
	d := aDisplay(t, 800, 480)
	require.NoError(t, d.Show(signals["green"]))
	d.Says("#what", "Arvolippu")
	require.NoError(t, d.Show(signals["idle"]))
	require.NoError(t, d.Show(signals["red"]))
	d.Says("#what", "Arvo ei riitä")
	require.NoError(t, d.Show(signals["idle"]))
	d.Says("#what", "Näytä kortti")
}

// From the lamp to a frame of the page.
func BenchmarkLampToPage(b *testing.B) {
	d := aDisplay(b, 800, 480)
	require.NoError(b, d.Show(signals["yellow"]))
	d.Until("document.body.dataset.shown") // the first frame takes its time
	var took []float64
	for n := 0; b.Loop(); n++ {
		s := signals["green"]
		s.Balance = fmt.Sprint(n)
		require.NoError(b, d.Show(s))
		d.Until(fmt.Sprintf("document.getElementById('balance').textContent === '%d' && "+
			"document.body.dataset.shown !== window.before", n))
		took = append(took, chromium.Eval[float64](d.Tab, `(() => { window.before =
			document.body.dataset.shown; const [lit, shown] = window.before.split(' ');
			return shown - lit })()`))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms-p50")
	b.ReportMetric(took[len(took)*99/100], "ms-p99")
}
