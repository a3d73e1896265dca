package terminal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// screens are those that drivers have, by day and by night. The last is a telephone, whose page
// scrolls down.
var screens = []struct{ width, height int }{{800, 480}, {1024, 600}, {360, 740}}

// sideways is what has more in it than it is wide, of what can scroll.
const sideways = `[document.documentElement, ...document.querySelectorAll(
	"main > section, dialog[open], dialog[open] .body")].filter((e) => e.scrollWidth > e.clientWidth + 1)
	.map((e) => e.id || e.className || e.tagName)`

// hidden is what a driver may need at once and does not see without scrolling.
const hidden = `[...document.querySelectorAll(document.querySelector("dialog[open]") ?
	"dialog[open] .head button, dialog[open] .foot button" :
	"header button, #tasks button, #sign-on, #unlock")]
	.filter((e) => e.getClientRects().length > 0).filter((e) => {
		const r = e.getBoundingClientRect();
		return r.bottom > innerHeight + 1 || r.right > innerWidth + 1 || r.top < -1 || r.left < -1;
	}).map((e) => e.id || e.textContent)`

// small is what no finger meets in a moving bus.
const small = `[...(document.querySelector("dialog[open]") || document).querySelectorAll(
	"button, input:not([type=radio], [type=checkbox]), select, .choice, summary")]
	.filter((e) => e.getClientRects().length > 0 && !e.closest(".keys"))
	.filter((e) => e.getBoundingClientRect().height < 55.5).map((e) => e.id || e.textContent)`

// look holds what is shown to what everybody can use, on each screen and in each theme; where time
// is short, on the next of them.
func (c *cab) look(name string) {
	c.t.Helper()
	screens, themes := screens, 2
	if testing.Short() {
		screens, themes = screens[c.looks%len(screens):][:1], 1
	}
	c.looks++
	for _, screen := range screens {
		c.Size(screen.width, screen.height)
		where := fmt.Sprintf("%s at %dx%d", name, screen.width, screen.height)
		require.Empty(c.t, chromium.Eval[[]string](c.Tab, sideways), "runs over the edge: "+where)
		require.Empty(c.t, chromium.Eval[[]string](c.Tab, small), "too small for a finger: "+where)
		if screen.height < screen.width {
			require.Empty(c.t, chromium.Eval[[]string](c.Tab, hidden), "below the fold: "+where)
		}
		for range themes {
			c.Accessible()
			theme := chromium.Eval[string](c.Tab, "document.documentElement.dataset.theme")
			c.Keep(where + " by " + theme)
			chromium.Eval[any](c.Tab, `document.querySelector("#theme").click(), null`)
		}
	}
	c.Size(800, 480)
}

// opened looks at a dialog, and at its parts, and shuts it.
func (c *cab) opened(open, dialog string, parts ...string) {
	c.t.Helper()
	c.Click(open)
	c.Sees("#" + dialog)
	c.look(dialog)
	for _, part := range parts {
		c.press(part)
		c.look(strings.TrimPrefix(part, "#"))
	}
	c.shut(dialog)
}

func (c *cab) shut(dialog string) {
	c.t.Helper()
	c.Click("#" + dialog + " [data-close]")
	c.Misses("#" + dialog)
}

// Ensure that axe-core finds nothing in any view, with a contrast of seven to one, that nothing
// runs over the edge of any screen that drivers have, and that what they need is in sight and as
// large as a finger.
func TestDriversPageIsForEverybody(t *testing.T) {
	t.Parallel()
	c := aCab(t, screens[0].width, screens[0].height)
	c.look("sign-on")
	c.tries("7", "4321")
	c.Sees("#refusal")
	c.look("refused")
	c.signOn("7")
	c.tap("Aino", "value")
	c.look("drive")
	c.Click("#next-persons-3")
	c.Sees("#armed")
	c.look("armed")
	c.Click("#disarm")
	c.Click("#emulated-open")
	c.look("street")
	c.Click("#emulated-shut")

	c.opened("#sell-open", "sell")
	c.opened("#load-open", "load", "#load-season", "#load-part-customer", "#load-part-payment",
		"#load-by-benefit")
	c.opened("#free-open", "free-dialog")
	c.opened("#faulty-open", "faulty")
	c.opened("#misuse-open", "misuse")
	c.opened("#party-open", "party")
	c.opened("#zones-open", "next-zones-dialog")
	c.opened("#pram-open", "pram")
	c.opened("#report-open", "report")
	c.opened("#place-open", "place")
	c.Click("#sell-open")
	c.opened("#ticket-open", "ticket")
	c.Click("#sell-confirm")
	c.Sees("#receipt")
	c.look("receipt")
	c.Click("#receipt-done")
	c.Click("#menu-open")
	c.opened("#receipts-open", "receipts-dialog")
	c.shut("menu")
}

// Ensure the same of what a driver sees of a card, of the alarm, of a reader that is broken, of
// a locked page, and of each language.
func TestWhatHappensIsForEverybody(t *testing.T) {
	t.Parallel()
	c := aCab(t, screens[0].width, screens[0].height)
	c.signOn("7")
	c.tap("Aino", "value")
	c.Click("#check-open")
	c.Sees("#armed")
	c.tap("Aino", "checked")
	c.Sees("#check")
	c.look("look")
	c.press("#check-part-history")
	c.look("history")
	c.opened("#mark-1", "mark")
	c.press("#check-part-whose")
	c.look("whose")
	c.shut("check")

	c.emulate("put", "Arvo", "bus")
	c.Sees("#alarm")
	c.look("alarm")
	c.Click("#alarm-ok")
	c.emulate("take", "", "bus")
	c.emulate("break", "", "bus")
	c.link("broken")
	c.look("broken")
	c.emulate("break", "", "own")
	c.Sees("#count-free")
	c.look("both broken")
	c.emulate("mend", "", "own")
	c.emulate("mend", "", "bus")
	c.link("up")

	c.Click("#menu-open")
	for _, language := range []string{"sv", "en", "fi"} {
		c.press("#lang-" + language)
		require.Equal(t, language, chromium.Eval[string](c.Tab, "document.documentElement.lang"))
		c.look("menu in " + language)
		c.shut("menu")
		c.look("drive in " + language)
		c.Click("#menu-open")
	}
	c.Click("#lock")
	c.view("locked")
	c.look("locked")
}
