// Package chromium gives tests a real browser: Debian's Chromium, without a window and
// without a network beyond this machine. It keeps screenshots of what a test has seen, and
// holds a page to axe-core's rules of accessibility.
//
// Its one rule: a test that cannot have its browser is skipped with the reason, and in CI it
// fails.
package chromium

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A Tab is a browser with one page.
type Tab struct {
	t   testing.TB
	ctx context.Context
}

// patience is how long anything on a page may take before a test gives up on it.
const patience = 30 * time.Second

// Open opens a browser of so many pixels.
func Open(t testing.TB, width, height int) *Tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		unable(t, "there is no chromium: make deps installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, // a container has none of its own
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.WindowSize(width, height), chromedp.UserDataDir(t.TempDir()))
	ctx, close := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(close)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	require.NoError(t, chromedp.Do(ctx)) // begins the browser, which ends with this context
	tab := &Tab{t, ctx}
	require.NoError(t, chromedp.Listen(ctx, tab.heard))
	tab.Size(width, height)
	return tab
}

// Size makes the page so many pixels large.
func (b *Tab) Size(width, height int) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(int64(width), int64(height)))
}

// heard tells what went wrong on the page, which nobody would see.
func (b *Tab) heard(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.t.Logf("the page has failed: %v", e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			for _, arg := range e.Args {
				b.t.Logf("the page complains: %s", arg.Description)
			}
		}
	}
}

func unable(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Do does steps one after the other.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	require.NoError(b.t, chromedp.Do(ctx, steps...))
}

// Go opens an address.
func (b *Tab) Go(address string) {
	b.t.Helper()
	b.Do(chromedp.Navigate(address))
}

// lies gives, after two frames, the middle of what is there to be pressed and lies still: what was
// pressed before may have moved it, or may still cover it.
const lies = `new Promise((done) => {
	const where = () => {
		const e = document.querySelector(%q);
		if (!e || e.disabled || e.getClientRects().length === 0) return [];
		e.scrollIntoView({ block: "nearest" });
		const r = e.getBoundingClientRect();
		const at = [r.x + r.width / 2, r.y + r.height / 2];
		return e.contains(document.elementFromPoint(...at)) ? at : [];
	};
	const first = where();
	requestAnimationFrame(() => requestAnimationFrame(() => {
		const now = where();
		done(now.length > 0 && now.join() === first.join() ? now : []);
	}));
})`

// Click presses what a selector finds, as soon as it is there to be pressed, as a finger does:
// which is not gone at once.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	var at []float64
	b.until("it can be pressed: "+selector, func() bool {
		at = Eval[[]float64](b, fmt.Sprintf(lies, selector))
		return len(at) == 2
	})
	b.Do(chromedp.MouseEvent(chromedp.MousePressed, at[0], at[1], chromedp.ButtonLeft,
		chromedp.ClickCount(1)))
	Eval[any](b, frames)
	b.Do(chromedp.MouseEvent(chromedp.MouseReleased, at[0], at[1], chromedp.ButtonLeft,
		chromedp.ClickCount(1)))
}

// frames is over after two of them.
const frames = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
	() => done(null))))`

// Type replaces what is in a field.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	b.Sees(selector)
	Eval[any](b, fmt.Sprintf("document.querySelector(%q).focus(), document.activeElement.select()",
		selector))
	b.Do(chromedp.KeyEvent(text))
	b.Until(fmt.Sprintf("document.querySelector(%q).value === %q", selector, text))
}

// Text is what a selector's first element says.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return Eval[string](b, fmt.Sprintf(
		`(document.querySelector(%q) || {}).innerText || ""`, selector))
}

// Says waits until an element says something.
func (b *Tab) Says(selector, text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`((document.querySelector(%q) || {}).innerText || "").includes(%q)`,
		selector, text))
}

// Sees waits until there is something to be seen, and Misses until there is not.
func (b *Tab) Sees(selector string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(
		(e) => e.getClientRects().length > 0)`, selector))
}

// Misses waits until there is nothing to be seen of a selector.
func (b *Tab) Misses(selector string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`![...document.querySelectorAll(%q)].some(
		(e) => e.getClientRects().length > 0)`, selector))
}

// Until waits until an expression is true. Its failure tells what was on the page.
func (b *Tab) Until(expression string) {
	b.t.Helper()
	b.until(expression, func() bool { return Eval[bool](b, "!!("+expression+")") })
}

func (b *Tab) until(what string, is func() bool) {
	b.t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.Keep("failed")
			b.t.Fatalf("the page never was as it should: %s\nit says: %s", what,
				Eval[string](b, "document.body.innerText"))
		}
	}
}

// Eval is what an expression comes to on the page.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err, expression)
	return v
}

// Keep keeps a picture of the page, where LEIMA_SCREENSHOTS names a folder.
func (b *Tab) Keep(name string) {
	b.t.Helper()
	folder := os.Getenv("LEIMA_SCREENSHOTS")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	require.NoError(b.t, err)
	require.NoError(b.t, os.MkdirAll(folder, 0o755))
	small, err := reduced(picture)
	require.NoError(b.t, err)
	name = strings.ReplaceAll(b.t.Name(), "/", "-") + "-" + name + ".png"
	require.NoError(b.t, os.WriteFile(filepath.Join(folder, name), small, 0o644))
}

// axeFile is where make deps puts axe-core (MPL 2.0), below the project's folder.
const axeFile = ".tools/node_modules/axe-core/axe.min.js"

// Accessible holds the page to every rule of axe-core.
func (b *Tab) Accessible() {
	b.t.Helper()
	script, err := os.ReadFile(filepath.Join(root(b.t), axeFile))
	if err != nil {
		unable(b.t, "there is no axe-core: make deps installs it")
	}
	if !Eval[bool](b, "!!window.axe") {
		Eval[any](b, string(script)+"; null")
	}
	found := Eval[[]string](b, `axe.run(document, { rules: { 'color-contrast-enhanced':
		{ enabled: true } } }).then((r) => r.violations.flatMap((v) => v.nodes.map((n) =>
		v.id + ': ' + n.target + ' ' + n.failureSummary)))`)
	if len(found) > 0 {
		b.Keep("inaccessible")
	}
	require.Empty(b.t, found)
}

// root is the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		require.NotEqual(t, "/", folder)
		folder = filepath.Dir(folder)
	}
}
