package cmd_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// A cab is what a driver has before them: a validator and a console that run as programs of
// their own, and the console's page in a browser.
type cab struct {
	*chromium.Tab
	t         *testing.T
	folder    string
	validator *exec.Cmd
	page      string // address
	display   string
}

// aCab starts the programs as `make run` does, in a folder of their own and on free ports.
func aCab(t *testing.T, width, height int) *cab {
	t.Helper()
	c := &cab{t: t, Tab: chromium.Open(t, width, height)}
	folder, err := os.MkdirTemp("", "leima") // the path of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	c.folder = folder
	run(t, ".", "go", "build", "-tags", tags, "-o", filepath.Join(folder, "bin")+"/", "./validator",
		"./console")
	require.NoError(t, os.CopyFS(filepath.Join(folder, "testdata"), os.DirFS("../testdata")))
	for _, name := range []string{"street.toml", "console.toml"} {
		path := filepath.Join(folder, "testdata", name)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		changed := strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:0", "127.0.0.1:8081", "127.0.0.1:0",
			`language = "en"`, `language = "fi"`).Replace(string(text))
		require.NoError(t, os.WriteFile(path, []byte(changed), 0o644))
	}
	c.startValidator()
	_, said := c.start("console", "run", "--config", "testdata/console.toml")
	c.page = address(t, said, "driver's page")
	c.Go(c.page)
	c.Until("document.querySelector('#link').dataset.link === 'up'")
	return c
}

// start starts a program, and gives the lines that it says.
func (c *cab) start(name string, args ...string) (*exec.Cmd, chan string) {
	c.t.Helper()
	command := exec.Command(filepath.Join(c.folder, "bin", name), args...)
	command.Dir = c.folder
	out, err := command.StdoutPipe()
	require.NoError(c.t, err)
	command.Stderr = os.Stderr
	require.NoError(c.t, command.Start())
	c.t.Cleanup(func() { c.end(command, syscall.SIGTERM) })
	said := make(chan string, 1000)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
		close(said)
	}()
	return command, said
}

func (c *cab) end(command *exec.Cmd, by os.Signal) {
	if command.ProcessState == nil {
		_ = command.Process.Signal(by)
		_ = command.Wait()
	}
}

func (c *cab) startValidator() {
	c.t.Helper()
	command, said := c.start("validator", "run", "--plain", "--config", "testdata/street.toml")
	c.validator = command
	c.display = address(c.t, said, "display")
}

// address waits for the line that says where something is.
func address(t *testing.T, said chan string, what string) string {
	t.Helper()
	for line := range said {
		if strings.Contains(line, what) {
			return line[strings.Index(line, "http://"):]
		}
	}
	require.Fail(t, "the program has ended without saying where it is: "+what)
	return ""
}

// signOn puts a driver to work, on line 2's departure 201.
func (c *cab) signOn(driver string) {
	c.t.Helper()
	c.Type("#driver", driver)
	c.Type("#pin", "1234")
	c.Type("#line", "2")
	c.Type("#departure", "201")
	c.Click("#sign-on")
	c.Until("document.body.dataset.view === 'drive'")
}

// street does something in the demo's street, on a reader. It is no act of the driver's, and
// happens whatever they look at.
func (c *cab) street(act, card, reader string) {
	c.t.Helper()
	if card != "" {
		c.press("#street-card-" + card)
	}
	c.press("#street-reader-" + reader)
	c.press("#street-" + act)
	c.Until(`!document.querySelector("#street button[disabled]")`)
}

// press is for a choice, a radio button that may lie under its label, and for what is not
// in sight.
func (c *cab) press(selector string) {
	c.t.Helper()
	c.Until(fmt.Sprintf(`(() => { const e = document.querySelector(%q);
		if (!e || e.disabled || e.closest("dialog:not([open])")) return false;
		if (e.type !== "radio" || !e.checked) e.click();
		return e.type !== "radio" || e.checked })()`, selector))
}

// tap lays a card on the bus' reader until the page tells what came of it, and takes it away.
func (c *cab) tap(card, reason string) {
	c.t.Helper()
	before := c.taps()
	c.street("put", card, "bus")
	c.tapped(before, reason)
	c.street("take", "", "bus")
}

func (c *cab) tapped(before int, reason string) {
	c.t.Helper()
	c.Until(fmt.Sprintf(`document.querySelectorAll("#taps > li").length > %d &&
		document.querySelector("#taps > li").dataset.reason === %q`, before, reason))
}

// taps is how many the page shows.
func (c *cab) taps() int {
	c.t.Helper()
	return chromium.Eval[int](c.Tab, `document.querySelectorAll("#taps > li").length`)
}

// Ensure that somebody who has just opened the page can do what a driver does all day, and
// that the passenger sees it on the display.
func TestDriversDay(t *testing.T) {
	c := aCab(t, 800, 480)
	display := chromium.Open(t, 800, 480)
	display.Go(c.display)
	display.Says("#what", "Näytä kortti")
	c.Keep("sign-on")
	c.signOn("7")

	step := func(name string, do func()) {
		if !t.Failed() {
			t.Log(name)
			do()
			c.Keep(name)
		}
	}
	step("value", func() {
		c.Click("#street-open")
		c.press("#street-card-Aino")
		c.press("#street-reader-bus")
		c.Click("#street-put")
		c.tapped(0, "value")
		c.Keep("street")
		c.Click("#street-take")
		c.Click("#street-shut")
		c.Says("#taps > li", "2,10")
		display.Keep("accepted")
	})
	step("again", func() { c.tap("Aino", "already stamped") })
	step("group", func() {
		c.Click("#next-persons-3")
		c.Sees("#armed")
		c.Keep("armed")
		c.tap("Leo", "value")
		c.Says("#taps > li", "6,30")
		c.Misses("#armed")
	})
	step("party by groups", func() {
		c.Click("#party-open")
		c.Click("#party-child-more")
		c.Click("#party-confirm")
		c.Sees("#armed")
		c.Click("#disarm")
		c.Misses("#armed")
	})
	step("other zones", func() {
		c.Click("#zones-open")
		c.Click("#next-zones-A-B")
		c.Sees("#armed")
		c.tap("Helmi", "value")
	})
	step("single ticket", func() {
		c.Click("#sell-open")
		c.press("#sell-adult")
		c.press("#sell-persons-2")
		c.Says("#sell-total", "5,40")
		c.Click("#sell-confirm")
		c.Says("#receipt", "KERTALIPPU")
		c.Says("#receipt", "5,40")
		c.Click("#receipt-done")
	})
	step("paper ticket shown", func() {
		c.Click("#sell-open")
		c.Click("#ticket-open")
		c.Type("#ticket-until", "23:00")
		c.Click("#ticket-confirm")
		c.Misses("#ticket")
	})
	step("load value", func() {
		c.Click("#load-open")
		c.Type("#load-amount", "20,00")
		c.Click("#load-confirm")
		c.Sees("#armed")
		c.tap("Onni", "value loaded")
		c.Says("#receipt", "20,00")
		c.Click("#receipt-done")
	})
	step("take back", func() {
		c.Click("#load-open")
		c.Click("#take-back")
		c.Sees("#armed")
		c.tap("Onni", "load taken back")
		c.Says("#receipt", "20,00")
		c.Click("#receipt-done")
	})
	step("load season", func() {
		c.Click("#load-open")
		c.press("#load-season")
		c.press("#load-product-30")
		c.press("#load-zones-A")
		c.Click("#load-confirm")
		c.Sees("#armed")
		c.tap("Aino", "season loaded")
		c.Click("#receipt-done")
	})
	step("a load that is refused says why", func() {
		c.Click("#load-open")
		c.Type("#load-amount", "1,00")
		c.Click("#load-confirm")
		c.Sees("#armed")
		c.tap("Helmi", "not loaded")
		c.Says("#taps > li", "R-004")
	})
	step("check", func() {
		c.Click("#check-open")
		c.Sees("#armed")
		c.tap("Leo", "checked")
		c.Sees("#check")
		c.Until(`document.querySelector("#verdict").dataset.valid === "true"`)
		c.Keep("look")
		c.press("#check-part-history")
		c.Says("#history", "6,30")
		c.Click("#mark-1")
		c.Type("#mark-said", "liikaa veloitettu")
		c.Click("#mark-confirm")
		c.Misses("#mark")
		c.Click("#check [data-close]")
	})
	step("whose card is it", func() {
		c.Click("#check-open")
		c.Sees("#armed")
		c.tap("Aino", "checked")
		c.press("#check-part-whose")
		c.Type("#birth", "17.05.1980")
		c.Click("#birth-ask")
		c.Until(`document.querySelector("#birth-answer").dataset.matches === "true"`)
		c.Type("#birth", "18.05.1980")
		c.Click("#birth-ask")
		c.Until(`document.querySelector("#birth-answer").dataset.matches === "false"`)
		require.NotContains(t, chromium.Eval[string](c.Tab, "document.documentElement.outerHTML"), "1980")
		c.Click("#check [data-close]")
	})
	step("blocked card", func() {
		before := c.taps()
		c.street("put", "Arvo", "bus")
		c.Sees("#alarm")
		c.Keep("alarm")
		c.Click("#alarm-ok")
		c.Misses("#alarm")
		c.tapped(before, "blocked")
		c.street("take", "", "bus")
	})
	step("torn card", func() {
		c.street("tear", "Venla", "bus")
		c.Until(`document.querySelector("#taps > li").dataset.ending === "uncertain"`)
		c.tap("Venla", "unheard")
	})
	step("pram and infants", func() {
		c.Click("#pram-open")
		c.Sees("#pram-advice li[title=R-158]")
		c.Click("#pram [data-close]")
	})
	step("faulty card", func() {
		c.Click("#faulty-open")
		c.Until(`document.querySelector("#faulty-rule").textContent !== ""`)
		if chromium.Eval[bool](c.Tab, `document.querySelector("#faulty-free").hidden`) {
			c.Click("#faulty [data-close]")
			return
		}
		c.Click("#faulty-free")
		c.Misses("#faulty")
	})
	step("misuse", func() {
		c.Click("#misuse-open")
		for _, answer := range []string{"kind-bearer", "other-yes", "personal-no", "age-upper"} {
			c.press("#misuse-" + answer)
		}
		c.Click("#misuse-ask")
		c.Sees("#misuse-advice li[title=R-083]")
		c.press("#misuse-charge")
		c.Click("#misuse-confirm")
		c.Misses("#misuse")
		c.Says("#receipt", "2,70")
		c.Click("#receipt-done")
	})
	step("place", func() {
		c.Click("#place-open")
		c.Type("#place-stop", "<img src=x onerror=document.title='bad'>")
		c.Click("#place-confirm")
		c.Says("#stop", "<img")
		require.NotEqual(t, "bad", chromium.Eval[string](c.Tab, "document.title"))
	})
	step("dead run", func() {
		c.Click("#place-open")
		c.Click("#dead-run")
		display.Until("document.body.dataset.lamp === 'blue'")
		c.Click("#place-open")
		c.Click("#in-service")
		display.Says("#what", "Näytä kortti")
	})
	step("broken reader", func() {
		c.street("break", "", "bus")
		c.Until("document.querySelector('#link').dataset.link === 'broken'")
		display.Until("document.body.dataset.lamp === 'blue'")
		c.Click("#own-reader")
		before := c.taps()
		c.street("put", "Leo", "own")
		c.tapped(before, "checked")
		c.Click("#check [data-close]")
		c.street("take", "", "own")
		c.street("break", "", "own")
		c.Click("#count-free")
		c.Click("#free-devices")
		c.Misses("#free-dialog")
		c.street("mend", "", "own")
		c.street("mend", "", "bus")
		c.Until("document.querySelector('#link').dataset.link === 'up'")
	})
	step("report", func() {
		c.Click("#report-open")
		// Two single tickets, a season, a misuser's fare: 5.40, 54.00 and 2.70.
		c.Says("#report-cash", "62,10")
		c.Click("#report [data-close]")
	})
	step("lock", func() {
		c.Click("#menu-open")
		c.Click("#lock")
		c.Until("document.body.dataset.view === 'locked'")
		c.Type("#unlock-pin", "1234")
		c.Click("#unlock")
		c.Until("document.body.dataset.view === 'drive'")
	})
	step("sign off", func() {
		c.Click("#menu-open")
		c.Click("#sign-off")
		c.Says("#report-cash", "62,10")
		c.Click("#report [data-close]")
		c.Until("document.body.dataset.view === 'sign-on'")
	})
}

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
