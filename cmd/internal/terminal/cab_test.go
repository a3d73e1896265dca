package terminal_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
	"leima/cmd/internal/programs"
)

// A cab is what a driver has before them: a validator and a console that run as programs of
// their own, and the console's page in a browser.
type cab struct {
	*chromium.Tab
	t         *testing.T
	folder    string
	validator *exec.Cmd
	console   *exec.Cmd
	page      string // address
	display   string
	looks     int      // so far, at what is shown
	flags     []string // of the validator
}

// aCab starts the programs as `make run` does, in a folder of their own and on free ports. The
// settings are replaced, each by the one that follows it.
func aCab(t *testing.T, width, height int, settings ...string) *cab {
	t.Helper()
	return aDrivenCab(t, nil, width, height, settings...)
}

// aDrivenCab is a cab whose validator has further flags.
func aDrivenCab(t *testing.T, flags []string, width, height int, settings ...string) *cab {
	t.Helper()
	c := &cab{t: t, Tab: chromium.Open(t, width, height), flags: flags}
	folder, err := os.MkdirTemp("", "leima") // the path of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	c.folder = folder
	require.NoError(t, os.Symlink(programs.Folder(t), filepath.Join(folder, "bin")))
	require.NoError(t, os.CopyFS(filepath.Join(folder, "testdata"), os.DirFS("../../../testdata")))
	for _, name := range []string{"bus.toml", "console.toml"} {
		path := filepath.Join(folder, "testdata", name)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		replaced := strings.NewReplacer(append(settings, "127.0.0.1:8080", "127.0.0.1:0",
			"127.0.0.1:8081", "127.0.0.1:0", `language = "en"`, `language = "fi"`)...)
		require.NoError(t, os.WriteFile(path, []byte(replaced.Replace(string(text))), 0o644))
	}
	c.startValidator()
	console, said := c.start("bench", "bus", "console", "--config", "testdata/console.toml")
	c.console, c.page = console, address(t, said, "driver's page")
	c.Go(c.page)
	c.link("up")
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
	command, said := c.start("bench", append([]string{
		"bus", "validator", "--plain", "--config",
		"testdata/bus.toml",
	}, c.flags...)...)
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

// pin is that of driver and inspector in drivers.toml, and providersPIN the provider's.
const (
	pin          = "1234"
	providersPIN = "123456"
)

// signOn puts a driver to work, on line 2's departure 201.
func (c *cab) signOn(driver string) {
	c.t.Helper()
	c.tries(driver, map[string]string{"7": pin, "8": pin, "9": providersPIN}[driver])
	c.view("drive")
}

// tries is somebody who wants to sign on.
func (c *cab) tries(driver, pin string) {
	c.t.Helper()
	c.Type("#driver", driver)
	c.Type("#pin", pin)
	c.Type("#line", "2")
	c.Type("#departure", "201")
	c.Click("#sign-on")
}

func (c *cab) signOff() {
	c.t.Helper()
	c.Click("#menu-open")
	c.Click("#sign-off")
	c.Sees("#report")
	c.Click("#report [data-close]")
	c.view("sign-on")
}

func (c *cab) view(name string) {
	c.t.Helper()
	c.Until(fmt.Sprintf("document.body.dataset.view === %q", name))
}

// link waits until the page says how it is with the validator.
func (c *cab) link(how string) {
	c.t.Helper()
	c.Until(fmt.Sprintf("document.querySelector('#link').dataset.link === %q", how))
}

// cash is what the report says that the driver has to hand over.
func (c *cab) cash(amount string) {
	c.t.Helper()
	c.Click("#report-open")
	c.Sees("#report")
	require.Equal(c.t, amount+" €", c.Text("#report-cash"))
	c.Click("#report [data-close]")
	c.Misses("#report")
}

// receipt waits for one that says something, and puts it away.
func (c *cab) receipt(text string) {
	c.t.Helper()
	c.Sees("#receipt")
	c.Says("#receipt", text)
	c.Click("#receipt-done")
	c.Misses("#receipt-view")
}

// post sends what the page might send, and gives the status of the answer.
func (c *cab) post(path, body string) int {
	c.t.Helper()
	return chromium.Eval[int](c.Tab, fmt.Sprintf(`fetch("/api/session").then((r) => r.json()).then(
		({ token = "" }) => fetch(%q, { method: "POST", body: %q, headers:
		{ "Content-Type": "application/json", "X-Leima-Token": token } })).then((r) => r.status)`,
		path, body))
}

// emulate does something with an emulated reader. It is no act of the driver's, and
// happens whatever they look at.
func (c *cab) emulate(act, card, reader string) {
	c.t.Helper()
	if card != "" {
		c.press("#emulated-card-" + card)
	}
	c.press("#emulated-reader-" + reader)
	c.press("#emulated-" + act)
	c.Until(`!document.querySelector("#emulated button[disabled]")`)
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
	c.emulate("put", card, "bus")
	c.tapped(before, reason)
	c.emulate("take", "", "bus")
}

// tapped waits until one of the taps that the page shows beyond the first ones has a reason. It need
// not be the newest: a browser that was not answered lays the card again.
func (c *cab) tapped(before int, reason string) {
	c.t.Helper()
	c.Until(fmt.Sprintf(`[...document.querySelectorAll("#taps > li")].reverse().slice(%d)
		.some((tap) => tap.dataset.reason === %q)`, before, reason))
}

// taps is how many the page shows.
func (c *cab) taps() int {
	c.t.Helper()
	return chromium.Eval[int](c.Tab, `document.querySelectorAll("#taps > li").length`)
}
