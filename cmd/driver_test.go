package cmd_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// Ensure that without the validator the page says so, and checks, sells and loads on the
// driver's own reader; and that with it back the shift goes on.
func TestDriverWithoutTheValidator(t *testing.T) {
	c := aCab(t, 1024, 600)
	c.signOn("7")
	c.tap("Aino", "value")
	c.end(c.validator, syscall.SIGKILL)
	c.Until("document.querySelector('#link').dataset.link === 'down'")
	c.Keep("down")

	c.Click("#sell-open")
	c.Click("#sell-confirm")
	c.Says("#receipt", "2,70")
	c.Click("#receipt-done")
	c.Click("#load-open")
	c.Type("#load-amount", "20,00")
	c.Click("#load-confirm")
	c.Sees("#armed")
	before := c.taps()
	c.street("put", "Leo", "own")
	c.tapped(before, "value loaded")
	c.Click("#receipt-done")
	c.street("take", "", "own")
	c.Click("#check-open")
	c.Sees("#armed")
	c.street("put", "Leo", "own")
	c.tapped(before+1, "checked")
	c.Click("#check [data-close]")
	c.street("take", "", "own")

	c.startValidator()
	c.Until("document.querySelector('#link').dataset.link === 'up'")
	c.tap("Helmi", "value")
	c.Click("#report-open")
	c.Says("#report-cash", "22,70")
	c.Click("#report [data-close]")
}

// Ensure that nobody with the page's address delays a tap: streams that are never read,
// requests that are never ended, and more of them than are let in.
func TestBrowsersDelayNoTap(t *testing.T) {
	c := aCab(t, 800, 480)
	c.signOn("7")
	stalled := func(request string) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.page, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = io.WriteString(conn, request)
		require.NoError(t, err)
	}
	host := "Host: " + strings.TrimPrefix(c.page, "http://") + "\r\n"
	for range 60 {
		stalled("GET /api/events HTTP/1.1\r\n" + host + "\r\n")
		stalled("POST /api/command HTTP/1.1\r\n" + host + "Content-Length: 1000000\r\n\r\n{")
	}
	stop := make(chan struct{})
	defer close(stop)
	for range 4 {
		go func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if answer, err := http.Post(c.page+"/api/command", "application/json", strings.NewReader("{}")); err == nil {
					_ = answer.Body.Close()
				}
			}
		}()
	}
	for _, card := range []string{"Aino", "Leo", "Helmi", "Venla"} {
		c.tap(card, "value")
	}
	took := chromium.Eval[[]float64](c.Tab, `fetch("/api/taps").then((r) => r.json()).then(
		(taps) => taps.map((t) => t.took))`)
	t.Logf("taps took %v ms, of which a card and its radio are modelled with 105 to 115", took)
	require.Len(t, took, 4)
}

// Ensure that axe-core finds nothing in any view, by day and by night, and that nothing runs
// over the edge of any screen that drivers have.
func TestDriversPageIsForEverybody(t *testing.T) {
	for _, size := range [][2]int{{800, 480}, {1024, 600}, {360, 740}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			c := aCab(t, size[0], size[1])
			look := func(name string) {
				for range 2 {
					c.Accessible()
					require.LessOrEqual(t, chromium.Eval[int](c.Tab, "document.documentElement.scrollWidth"),
						size[0], name)
					c.Keep(name + chromium.Eval[string](c.Tab, "document.documentElement.dataset.theme"))
					chromium.Eval[any](c.Tab, `document.querySelector("#theme").click(), null`)
				}
			}
			look("sign-on")
			c.signOn("7")
			c.tap("Aino", "value")
			look("drive")
			for open, dialog := range map[string]string{
				"sell": "sell", "load": "load", "free": "free-dialog", "faulty": "faulty", "misuse": "misuse",
				"party": "party", "zones": "next-zones-dialog", "pram": "pram", "report": "report",
				"place": "place", "menu": "menu"} {
				c.Click("#" + open + "-open")
				c.Sees("#" + dialog)
				look(open)
				c.Do()
				chromium.Eval[any](c.Tab, fmt.Sprintf("document.querySelector('#%s').close(), null", dialog))
			}
			for _, language := range []string{"sv", "en", "fi"} {
				c.press("#lang-" + language)
				require.Equal(t, language, chromium.Eval[string](c.Tab, "document.documentElement.lang"))
				look(language)
			}
		})
	}
}
