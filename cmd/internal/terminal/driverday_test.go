package terminal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// A day is a driver's, with the display that passengers see.
type day struct {
	*cab
	display *chromium.Tab
}

// Ensure that somebody who has just opened the page can do what a driver does all day, and
// that the passenger sees it on the display; and that the cash to hand over is what was
// taken, after each sale.
func TestDriversDay(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	d := &day{c, chromium.Open(t, 800, 480)}
	d.display.Go(c.display)
	d.display.Says("#what", "Näytä kortti")
	c.Keep("sign-on")
	c.signOn("7")
	for _, step := range []struct {
		name string
		do   func(*day)
	}{
		{"value", (*day).value},
		{"again", (*day).again},
		{"group", (*day).group},
		{"party by groups", (*day).party},
		{"other zones", (*day).otherZones},
		{"bearer's ticket", (*day).lent},
		{"single ticket", (*day).single},
		{"paper ticket shown", (*day).paper},
		{"nothing to take back", (*day).nothingBack},
		{"load value", (*day).loadValue},
		{"take back", (*day).takeBack},
		{"load season", (*day).loadSeason},
		{"a load that is refused says why", (*day).loadRefused},
		{"check", (*day).check},
		{"whose card is it", (*day).whose},
		{"blocked card", (*day).blocked},
		{"torn card", (*day).torn},
		{"pram and infants", (*day).pram},
		{"faulty card", (*day).faulty},
		{"veteran", (*day).veteran},
		{"misuse", (*day).misuse},
		{"card taken", (*day).taken},
		{"place", (*day).place},
		{"dead run", (*day).deadRun},
		{"broken reader", (*day).broken},
		{"lock", (*day).lock},
		{"sign off", (*day).ends},
	} {
		t.Log(step.name)
		step.do(d)
		c.Keep(step.name)
	}
}

func (d *day) value() {
	d.Click("#emulated-open")
	d.press("#emulated-card-Aino")
	d.press("#emulated-reader-bus")
	d.Click("#emulated-put")
	d.tapped(0, "value")
	d.Keep("street")
	d.Click("#emulated-take")
	d.Click("#emulated-shut")
	d.Says("#taps > li", "2,10")
	d.display.Keep("display")
}

func (d *day) again() {
	d.tap("Aino", "already stamped")
}

func (d *day) group() {
	d.Click("#next-persons-3")
	d.Says("#armed", "3 henkilöä")
	d.display.Says("#do", "3 henkilöä")
	d.Keep("armed")
	d.tap("Leo", "value")
	d.Says("#taps > li", "6,30")
	d.Misses("#armed")
}

func (d *day) party() {
	d.Click("#party-open")
	d.Click("#party-child-more")
	d.Click("#party-confirm")
	d.Says("#armed", "1 × lapsi")
	d.Keep("drive")
	d.Click("#disarm")
	d.Misses("#armed")
}

func (d *day) otherZones() {
	d.Click("#zones-open")
	d.Click("#next-zones-A-B")
	d.Sees("#armed")
	d.tap("Helmi", "value")
}

func (d *day) lent() {
	d.Click("#lent")
	d.Sees("#armed")
	d.Until(`document.querySelector("#lent").ariaPressed === "true"`)
	d.Click("#lent")
	d.Misses("#armed")
}

func (d *day) single() {
	d.Click("#sell-open")
	d.press("#sell-adult")
	d.press("#sell-persons-2")
	d.Says("#sell-total", "5,40")
	d.Click("#sell-confirm")
	d.Sees("#receipt")
	d.Says("#receipt", "KERTALIPPU")
	d.receipt("5,40")
	d.cash("5,40")
}

func (d *day) paper() {
	d.Click("#sell-open")
	d.Click("#ticket-open")
	d.Type("#ticket-until", "23:00")
	d.Click("#ticket-confirm")
	d.Misses("#ticket")
}

func (d *day) nothingBack() {
	d.Click("#load-open")
	d.Click("#take-back")
	d.Says("#load #refusal", "tämä laite ei ole ladannut korttia")
	d.Click("#load [data-close]")
	d.Misses("#load")
}

func (d *day) loadValue() {
	d.Click("#load-open")
	d.Type("#load-amount", "20,00")
	d.Click("#load-confirm")
	d.Sees("#armed")
	d.tap("Onni", "value loaded")
	d.receipt("20,00")
	d.cash("25,40")
}

func (d *day) takeBack() {
	d.Click("#load-open")
	d.Click("#take-back")
	d.Sees("#armed")
	d.tap("Onni", "load taken back")
	d.receipt("20,00")
	d.cash("5,40")
}

func (d *day) loadSeason() {
	d.Click("#load-open")
	d.press("#load-season")
	d.press("#load-product-30")
	d.press("#load-zones-A")
	d.Click("#load-confirm")
	d.Says("#armed", "Lataus Kausilippu 30 vrk A")
	d.display.Says("#do", "Lataus Kausilippu 30 vrk A")
	d.tap("Aino", "season loaded")
	d.Says("#taps > li .price", "54,00")
	d.receipt("54,00")
	d.cash("59,40")
}

func (d *day) loadRefused() {
	d.Click("#load-open")
	d.Type("#load-amount", "1,00")
	d.Click("#load-confirm")
	d.Sees("#armed")
	d.tap("Helmi", "not loaded")
	for language, why := range map[string]string{
		"sv": "det minsta belopp som kan laddas är 5,00 € (R-004): be om ett större belopp",
		"en": "the least that may be loaded is 5.00 € (R-004): ask for more",
		"fi": "pienin ladattava summa on 5,00 € (R-004): pyydä suurempi summa",
	} {
		d.in(language)
		d.Says("#taps > li .wrong", why)
	}
	d.in("fi")
	d.cash("59,40")
}

// in has the page speak a language.
func (d *day) in(language string) {
	d.Click("#menu-open")
	d.press("#lang-" + language)
	d.Click("#menu [data-close]")
	d.Misses("#menu")
}

func (d *day) check() {
	d.Click("#check-open")
	d.Sees("#armed")
	d.tap("Leo", "checked")
	d.Sees("#check")
	d.Until(`document.querySelector("#verdict").dataset.valid === "true"`)
	d.Keep("look")
	d.press("#check-part-history")
	d.Says("#history", "6,30")
	d.Click("#history-print")
	d.Says("#check #refusal", "tulostinta ei ole")
	d.Click("#mark-1")
	d.Type("#mark-said", "liikaa veloitettu")
	d.Click("#mark-confirm")
	d.Misses("#mark")
	d.Click("#check [data-close]")
}

func (d *day) whose() {
	d.Click("#check-open")
	d.Sees("#armed")
	d.tap("Aino", "checked")
	d.press("#check-part-whose")
	d.Type("#birth", "17.05.1980")
	d.Click("#birth-ask")
	d.Until(`document.querySelector("#birth-answer").dataset.matches === "true"`)
	d.Type("#birth", "18.05.1980")
	d.Click("#birth-ask")
	d.Until(`document.querySelector("#birth-answer").dataset.matches === "false"`)
	page := chromium.Eval[string](d.Tab, "document.documentElement.outerHTML")
	require.NotContains(d.t, page, "1980")
	d.Click("#check [data-close]")
}

func (d *day) blocked() {
	before := d.taps()
	d.emulate("put", "Arvo", "bus")
	d.Sees("#alarm")
	d.Keep("alarm")
	d.Click("#alarm-ok")
	d.Misses("#alarm")
	d.tapped(before, "blocked")
	d.emulate("take", "", "bus")
}

func (d *day) torn() {
	d.emulate("tear", "Venla", "bus")
	d.Until(`document.querySelector("#taps > li").dataset.ending === "uncertain"`)
	d.tap("Venla", "unheard")
}

func (d *day) pram() {
	d.Click("#pram-open")
	d.Says("#pram-advice", "maksutta")
	d.press("#pram-infants-3")
	d.Says("#pram-advice", "1 × lapsen maksu")
	d.Sees("#pram-advice li[title=R-158]")
	d.Click("#pram-arm")
	d.Says("#armed", "1 × lapsi")
	d.Click("#disarm")
	d.Misses("#armed")
}

func (d *day) faulty() {
	d.Click("#faulty-open")
	d.Sees("#faulty-sell")
	d.Click("#faulty-free")
	d.Misses("#faulty")
	d.Says("#notice", "Viallinen kortti")
}

// Of an area where veterans travel by card the driver lets nobody in on a ticket.
func (d *day) veteran() {
	d.Click("#free-open")
	d.Sees("#free-devices")
	d.Misses("#free-veteran")
	d.Click("#free-dialog [data-close]")
	d.Misses("#free-dialog")
}

func (d *day) misuse() {
	d.Click("#misuse-open")
	for _, answer := range []string{"kind-bearer", "other-yes", "personal-no", "age-upper"} {
		d.press("#misuse-" + answer)
	}
	d.Click("#misuse-ask")
	d.Sees("#misuse-advice li[title=R-083]")
	d.press("#misuse-charge")
	d.Click("#misuse-confirm")
	d.Misses("#misuse")
	d.receipt("2,70")
	d.cash("62,10")
}

func (d *day) taken() {
	d.Click("#misuse-open")
	for _, answer := range []string{"kind-personal", "other-yes", "personal-yes", "age-equal"} {
		d.press("#misuse-" + answer)
	}
	d.Click("#misuse-ask")
	d.Sees("#misuse-advice li[title=R-081]")
	d.press("#misuse-take")
	d.Click("#misuse-confirm")
	d.Says("#misuse #refusal", "lue numero")
	d.Type("#misuse-card", "924609000000000014")
	d.Click("#misuse-confirm")
	d.Misses("#misuse")
	d.receipt("1.4.2026") // until when it is kept
}

func (d *day) place() {
	d.Click("#place-open")
	d.press("#place-direction-1")
	d.Type("#place-stop", "<img src=x onerror=document.title='bad'>")
	d.Click("#place-confirm")
	d.Says("#stop", "<img")
	require.NotEqual(d.t, "bad", chromium.Eval[string](d.Tab, "document.title"))
}

func (d *day) deadRun() {
	d.Click("#place-open")
	d.Click("#dead-run")
	d.display.Until("document.body.dataset.lamp === 'blue'")
	d.Click("#place-open")
	d.Click("#in-service")
	d.display.Says("#what", "Näytä kortti")
}

func (d *day) broken() {
	d.emulate("break", "", "bus")
	d.link("broken")
	d.display.Until("document.body.dataset.lamp === 'blue'")
	d.Click("#own-reader")
	before := d.taps()
	d.emulate("put", "Leo", "own")
	d.tapped(before, "checked")
	d.Click("#check [data-close]")
	d.emulate("take", "", "own")
	d.emulate("break", "", "own")
	d.Click("#count-free")
	d.Click("#free-devices")
	d.Misses("#free-dialog")
	d.emulate("mend", "", "own")
	d.emulate("mend", "", "bus")
	d.link("up")
}

func (d *day) lock() {
	d.Click("#menu-open")
	d.Click("#lock")
	d.view("locked")
	d.Type("#unlock-pin", pin)
	d.Click("#unlock")
	d.view("drive")
}

func (d *day) ends() {
	d.Click("#menu-open")
	d.Click("#sign-off")
	d.Says("#report-cash", "62,10")
	d.Click("#report [data-close]")
	d.view("sign-on")
}
