package chromium

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser is the one that all tests of a package use, while at least one of them does.
var browser struct {
	sync.Mutex
	users  int
	ctx    context.Context
	cancel context.CancelFunc
	folder string // of its profile
}

// running returns the browser, started if need be. It ends with the last test that uses it.
func running(t testing.TB) context.Context {
	t.Helper()
	browser.Lock()
	defer browser.Unlock()
	if browser.users == 0 {
		start(t)
	}
	browser.users++
	t.Cleanup(func() {
		browser.Lock()
		defer browser.Unlock()
		if browser.users--; browser.users == 0 {
			browser.cancel()
			_ = os.RemoveAll(browser.folder)
		}
	})
	return browser.ctx
}

func start(t testing.TB) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		unable(t, "there is no chromium: make deps installs it")
	}
	browser.folder, err = os.MkdirTemp("", "leima-chromium")
	require.NoError(t, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, // a container has no sandbox
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.UserDataDir(browser.folder))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeBrowser := chromedp.NewContext(allocator)
	browser.ctx, browser.cancel = ctx, func() { closeBrowser(); end() }
	require.NoError(t, chromedp.Do(ctx)) // starts the browser
}
