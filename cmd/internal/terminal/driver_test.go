package terminal_test

import (
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// Ensure that without the validator the page says so, and checks, sells and loads on the
// driver's own reader; and that with it back the shift goes on.
func TestDriverWithoutTheValidator(t *testing.T) {
	t.Parallel()
	c := aCab(t, 1024, 600)
	c.signOn("7")
	c.tap("Aino", "value")
	c.end(c.validator, syscall.SIGKILL)
	c.link("down")
	c.Keep("down")

	c.Click("#sell-open")
	c.Click("#sell-confirm")
	c.receipt("2,70")
	c.cash("2,70")
	c.Click("#load-open")
	c.Type("#load-amount", "20,00")
	c.Click("#load-confirm")
	c.Sees("#armed")
	before := c.taps()
	c.emulate("put", "Leo", "own")
	c.tapped(before, "value loaded")
	c.receipt("20,00")
	c.cash("22,70")
	c.emulate("take", "", "own")
	c.Click("#check-open")
	c.Sees("#armed")
	c.emulate("put", "Leo", "own")
	c.tapped(before+1, "checked")
	c.Click("#check [data-close]")
	c.emulate("take", "", "own")

	c.startValidator()
	c.link("up")
	c.tap("Helmi", "value")
	c.cash("22,70")
}

// Ensure that the page says by itself that it is on its own, whether the validator has ended,
// hangs, or the console hangs; and that it says so when all is well again. How long it took is
// logged: the driver is to know within two seconds.
func TestLossIsShown(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("7")
	lose := func(what string, lost *exec.Cmd, by syscall.Signal, link string) {
		from := time.Now()
		require.NoError(t, lost.Process.Signal(by))
		c.link(link)
		t.Logf("%s: said after %v", what, time.Since(from).Round(time.Millisecond))
		c.Keep(link)
	}
	found := func(what string, again func()) {
		from := time.Now()
		again()
		c.link("up")
		t.Logf("%s: said after %v", what, time.Since(from).Round(time.Millisecond))
	}
	goOn := func(what *exec.Cmd) func() {
		return func() { require.NoError(t, what.Process.Signal(syscall.SIGCONT)) }
	}
	hung := func(what *exec.Cmd) { t.Cleanup(func() { _ = what.Process.Signal(syscall.SIGCONT) }) }
	hung(c.validator)
	hung(c.console)
	lose("the validator hangs", c.validator, syscall.SIGSTOP, "down")
	found("the validator goes on", goOn(c.validator))
	lose("the console hangs", c.console, syscall.SIGSTOP, "silent")
	found("the console goes on", goOn(c.console))
	lose("the validator is killed", c.validator, syscall.SIGKILL, "down")
	_ = c.validator.Wait() // killed
	found("the validator is started", c.startValidator)
	c.tap("Aino", "value")
}

// Ensure that nobody with the page's address delays a tap: streams that are never read,
// requests that are never ended, and more of them than are let in.
func TestBrowsersDelayNoTap(t *testing.T) {
	c := aCab(t, 800, 480)
	c.signOn("7")
	c.tap("Eero", "season started") // the page's stream has begun
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
				answer, err := http.Post(c.page+"/api/command", "application/json",
					strings.NewReader("{}"))
				if err == nil {
					_ = answer.Body.Close()
				}
			}
		}()
	}
	for _, card := range []string{"Aino", "Leo", "Helmi", "Venla"} {
		c.tap(card, "value")
	}
	// Where a stranger's connection takes the place of the browser's, that sends again what was
	// not answered, and lays the card there anew.
	took := chromium.Eval[[]float64](c.Tab, `fetch("/api/taps").then((r) => r.json()).then(
		(taps) => taps.filter((t) => /^(value|season started)$/.test(t.reason)).map((t) => t.took))`)
	t.Logf("taps took %v ms, of which a card and its radio are modelled with 105 to 115", took)
	require.Len(t, took, 5)
}

// Ensure that a load for which nobody came stays on the page, loudly, for every driver, until
// they have answered.
func TestLapsedLoadIsSaid(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("7")
	c.Click("#load-open")
	c.Type("#load-amount", "20,00")
	c.Click("#load-confirm")
	c.Sees("#armed")
	chromium.Eval[any](c.Tab, `import("./store.js").then(({ store, notify }) => {
		store.states.bus.asked.lapsed = true;
		notify("state");
	}), null`)
	c.Says("#armed", "Kukaan ei tullut")
	c.Says("#armed", "20,00")
	c.Until(`document.querySelector("#armed").role === "alert"`)
	c.look("lapsed")
	c.Click("#disarm")
	c.Misses("#armed")
}

// Ensure that a driver who hands over is shown the cash on the page of the next, and signs
// for it there.
func TestHandOverIsSignedFor(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("7")
	c.Click("#sell-open")
	c.Click("#sell-confirm")
	c.receipt("2,70")
	c.Click("#menu-open")
	c.Click("#hand-over")
	c.tries("9", providersPIN)
	c.Sees("#handed-form")
	c.Says("#handed-who", "7")
	c.Says("#report-cash", "2,70")
	c.look("handed")
	c.Type("#handed-pin", "1234")
	c.Click("#handed-sign")
	c.Says("#notice", "Kassa kuitattu")
}
