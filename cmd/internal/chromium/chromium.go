// Package chromium gives tests a real browser: Debian's Chromium, headless and without any network
// beyond this machine. It keeps screenshots, and checks pages by axe-core's rules of accessibility.
//
// Its one rule: a test that cannot have its browser is skipped with the reason, and in CI it fails.
package chromium

import (
	"context"
	"fmt"
	"os"
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

// patience bounds the wait for anything on a page.
const patience = 30 * time.Second

// Open opens a page of width by height pixels that shares no cookie with another.
func Open(t testing.TB, width, height int) *Tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(running(t), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	require.NoError(t, chromedp.Do(ctx)) // opens the page, which ends with this context
	tab := &Tab{t, ctx}
	require.NoError(t, chromedp.Listen(ctx, tab.heard))
	tab.Size(width, height)
	return tab
}

// Size resizes the page, in pixels.
func (b *Tab) Size(width, height int) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(int64(width), int64(height)))
}

// heard reports errors of the page.
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

// clickPoint returns, after two frames, the middle of an element that can be clicked and does not
// move: an earlier click may have moved it, or may still cover it.
const clickPoint = `new Promise((done) => {
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

// Click clicks the element of a selector as soon as it can be clicked, with a pause before the
// release as a finger makes.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	var at []float64
	b.until("it can be pressed: "+selector, func() bool {
		at = Eval[[]float64](b, fmt.Sprintf(clickPoint, selector))
		return len(at) == 2
	})
	b.Do(chromedp.MouseEvent(chromedp.MousePressed, at[0], at[1], chromedp.ButtonLeft,
		chromedp.ClickCount(1)))
	Eval[any](b, frames)
	b.Do(chromedp.MouseEvent(chromedp.MouseReleased, at[0], at[1], chromedp.ButtonLeft,
		chromedp.ClickCount(1)))
}

// frames resolves after two frames.
const frames = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(
	() => done(null))))`

// Type replaces the content of a field.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	b.Sees(selector)
	Eval[any](b, fmt.Sprintf("document.querySelector(%q).focus(), document.activeElement.select()",
		selector))
	b.Do(chromedp.KeyEvent(text))
	b.Until(fmt.Sprintf("document.querySelector(%q).value === %q", selector, text))
}

// Text is the text of a selector's first element.
func (b *Tab) Text(selector string) string {
	b.t.Helper()
	return Eval[string](b, fmt.Sprintf(
		`(document.querySelector(%q) || {}).innerText || ""`, selector))
}

// Says waits until an element contains a text.
func (b *Tab) Says(selector, text string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`((document.querySelector(%q) || {}).innerText || "").includes(%q)`,
		selector, text))
}

// Sees waits until an element is visible, and Misses until it is not.
func (b *Tab) Sees(selector string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(
		(e) => e.getClientRects().length > 0)`, selector))
}

// Misses waits until no element of a selector is visible.
func (b *Tab) Misses(selector string) {
	b.t.Helper()
	b.Until(fmt.Sprintf(`![...document.querySelectorAll(%q)].some(
		(e) => e.getClientRects().length > 0)`, selector))
}

// Until waits until an expression is true. Its failure shows the text of the page.
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

// Eval is the value of an expression on the page.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err, expression)
	return v
}

// Keep saves a screenshot if LEIMA_SCREENSHOTS names a folder.
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

// Accessible checks the page by every rule of axe-core.
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
